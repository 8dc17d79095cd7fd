"""What the links in our letters are good for, and how long."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class LinkPurpose(StrEnum):
    """What a link in a letter opens."""

    JOIN = "join"
    PASSWORD = "password"  # noqa: S105 - what a link is for, no password


LINK_LIVES: Final = {LinkPurpose.JOIN: timedelta(hours=24), LinkPurpose.PASSWORD: timedelta(hours=1)}
