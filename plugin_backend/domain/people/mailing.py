"""How a letter fares on its way out: tried again ever later, given up after two days."""

from datetime import timedelta
from enum import StrEnum
from typing import Final


class MailState(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"


TOPIC: Final = "mail"
"""What rows of work about letters are about, as others are about a provider."""

_PAUSES: Final = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60)
)


def next_try(tries: int) -> timedelta | None:
    """How long to wait after so many tries; None: it is time to give up."""
    return _PAUSES[tries - 1] if 1 <= tries <= len(_PAUSES) else None
