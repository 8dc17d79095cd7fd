"""What lies in the database and must not be read there: sealed under the pepper, which is not in it."""

import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken

from plugin_backend.services.house import House


class UnreadableError(Exception):
    """It was sealed under another pepper, or it is not whole."""


def seal(house: House, purpose: str, text: str) -> str:
    """Readable with the same pepper and purpose only."""
    return _box(house, purpose).encrypt(text.encode()).decode()


def unseal(house: House, purpose: str, sealed: str) -> str:
    """What was sealed; UnreadableError where it cannot be told."""
    try:
        return _box(house, purpose).decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError) as error:
        raise UnreadableError(purpose) from error


def _box(house: House, purpose: str) -> Fernet:
    key = hmac.digest(house.token_pepper.encode(), f"seal:{purpose}".encode(), "sha256")
    return Fernet(urlsafe_b64encode(key))
