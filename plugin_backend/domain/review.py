"""What people say of a take: picked or rejected, so many stars, words on a frame, a named approval."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

MOST_STARS: Final = 5


class Approval(StrEnum):
    """What somebody answers for."""

    APPROVED = "approved"
    REJECTED = "rejected"
    NEEDS_CHANGES = "needs-changes"


class Mark(StrEnum):
    """Whether a take was chosen."""

    PICKED = "picked"
    REJECTED = "rejected"
    NONE = "none"


def fingerprint(source: Mapping[str, Any] | None, facts: Mapping[str, Any] | None) -> str:
    """Of what an approval is about: a take that has become another one has another."""
    told = json.dumps([source, facts], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
