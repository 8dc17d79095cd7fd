"""A mark that changes whenever somebody's access may have: one for all processes of one gunicorn.

The memory behind it is shared by whatever is forked once this module is imported, so `gunicorn.py` imports it
before there are workers. Other machines see a change when what they remember is too old (`remembered.py`).
"""

import mmap
import secrets
from typing import Final

_LENGTH: Final = 16
_SHARED: Final = mmap.mmap(-1, _LENGTH)


def mark() -> bytes:
    """What it is now; remember nothing longer than this stays the same."""
    return _SHARED[:_LENGTH]


def announce() -> None:
    """Somebody's access may have changed; call it once that is committed."""
    _SHARED[:_LENGTH] = secrets.token_bytes(_LENGTH)
