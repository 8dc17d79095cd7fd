"""What makes a password: long enough, not the name of its owner. Nothing else is asked for."""

import unicodedata
from typing import Final

LEAST: Final = 12
MOST: Final = 200
_LEAST_DIFFERENT: Final = 5


def as_hashed(password: str) -> str:
    """The same password for the same keys pressed, whatever composes an accented letter."""
    return unicodedata.normalize("NFKC", password)


def problem_with(password: str, *, email: str) -> str | None:
    """Why a password will not do, as a sentence; None when it will."""
    name = email.partition("@")[0].casefold()
    plain = as_hashed(password).casefold()
    if len(plain) < LEAST:
        return f"Use at least {LEAST} characters; a few words in a row are easy to keep in mind."
    if len(plain) > MOST:
        return f"Use at most {MOST} characters."
    if len(set(plain)) < _LEAST_DIFFERENT:
        return "Use more than a few different characters."
    beyond = plain.replace(email.casefold(), "").replace(name, "").strip("0123456789!.-_ ")
    if not beyond:
        return "Use something other than your own address."
    return None
