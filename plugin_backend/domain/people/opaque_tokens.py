"""Tokens of our own: a word for the kind + the row's id part + 43 characters that only the holder knows."""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

from plugin_backend.domain.ids import Prefix

_SPELT: Final = re.compile(r"(pb[a-z])_([0-9a-z]{26})_([A-Za-z0-9_-]{43})")


class TokenKind(StrEnum):
    """What a token is good for, as it begins."""

    API_KEY = "pbk"
    ACCESS = "pba"
    REFRESH = "pbr"
    DEVICE_CODE = "pbd"
    BROWSER = "pbs"
    LINK = "pbl"
    INVITATION = "pbi"
    MAILED = "pbm"


_ROWS: Final = {
    TokenKind.API_KEY: Prefix.API_KEY,
    TokenKind.ACCESS: Prefix.ACCESS_TOKEN,
    TokenKind.REFRESH: Prefix.REFRESH_TOKEN,
    TokenKind.DEVICE_CODE: Prefix.DEVICE_GRANT,
    TokenKind.BROWSER: Prefix.SESSION,
    TokenKind.LINK: Prefix.SIGN_IN_LINK,
    TokenKind.INVITATION: Prefix.INVITATION,
    TokenKind.MAILED: Prefix.MAILED_LINK,
}
_KINDS: Final = {prefix.value: kind for kind, prefix in _ROWS.items()}


@dataclass(frozen=True, slots=True)
class OpaqueToken:
    """The id of a row and the secret that goes with it, as its holder presents them."""

    row_id: str
    secret: str = field(repr=False)

    @classmethod
    def fresh(cls, row_id: str) -> Self:
        """A new secret of 256 bits for a row."""
        return cls(row_id, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str, *kinds: TokenKind) -> Self | None:
        """What somebody presents; None when it is not one of ours, or not of these kinds."""
        match = _SPELT.fullmatch(text)
        if match is None or match[1] not in kinds:
            return None
        return cls(f"{_ROWS[TokenKind(match[1])]}_{match[2]}", match[3])

    def followed_by(self, row_id: str, *, pepper: str) -> "OpaqueToken":
        """The one token that comes after this one: made of it, so it can be given twice and kept nowhere."""
        message = f"after:{self.row_id}:{self.secret}:{row_id}"
        digest = hmac.digest(pepper.encode(), message.encode(), "sha256")
        return OpaqueToken(row_id, urlsafe_b64encode(digest).rstrip(b"=").decode())

    def spelt(self) -> str:
        """What the holder keeps."""
        prefix, _, rest = self.row_id.partition("_")
        return f"{_KINDS[prefix]}_{rest}_{self.secret}"

    def digest(self, pepper: str) -> str:
        """What we keep: useless without the pepper, which is not in the database."""
        message = f"{self.row_id}:{self.secret}"
        return hmac.digest(pepper.encode(), message.encode(), "sha256").hex()

    def matches(self, digest: str, *, pepper: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest(pepper), digest)
