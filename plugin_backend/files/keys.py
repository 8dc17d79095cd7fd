"""Storage keys: plain ASCII paths that mean the same in a folder, in a bucket and in a URL."""

import re
from typing import Final

MAX_KEY_LENGTH: Final = 512

# No segment starts with a dot, so `..` and hidden files cannot be said; nothing needs escaping in a URL.
_KEY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")


class InvalidKeyError(ValueError):
    """Not a key: empty, absolute, climbing out, too long, or with characters that need escaping."""


def check_key(key: str) -> str:
    """The key itself, when it is one."""
    if len(key) > MAX_KEY_LENGTH or _KEY.fullmatch(key) is None:
        raise InvalidKeyError(f"{key[:80]!r} is not a storage key.")
    return key


def safe_name(name: str) -> str:
    """The nearest single key segment to a file name from outside; `file` when nothing of it is left."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
    return cleaned[-120:].lstrip(".-") or "file"
