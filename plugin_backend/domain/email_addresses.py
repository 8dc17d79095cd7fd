"""What we take for an e-mail address: whether one is real, only a letter to it shows."""

import re
from typing import Final

_ADDRESS: Final = re.compile(r"[^@\s\0]{1,64}@[^@\s\0]{1,190}")


def is_email(text: str) -> bool:
    """Whether a text looks like an address."""
    return _ADDRESS.fullmatch(text) is not None
