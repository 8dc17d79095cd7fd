"""API keys: `pbk_` + the key's id part + `_` + 43 characters that only the holder knows."""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from plugin_backend.domain.ids import Prefix

_SPELT: Final = re.compile(r"pbk_([0-9a-z]{26})_([A-Za-z0-9_-]{43})")
_START: Final = f"{Prefix.API_KEY}_"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A key's id and its secret, as its holder presents them."""

    key_id: str
    secret: str = field(repr=False)

    @classmethod
    def fresh(cls, key_id: str) -> Self:
        """A new secret of 256 bits for a key."""
        return cls(key_id, secrets.token_urlsafe(32))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What a header holds; None when it is not one of ours."""
        match = _SPELT.fullmatch(text)
        return None if match is None else cls(_START + match[1], match[2])

    def spelt(self) -> str:
        """What the holder keeps."""
        return f"pbk_{self.key_id.removeprefix(_START)}_{self.secret}"

    def digest(self, pepper: str) -> str:
        """What we keep: useless without the pepper, which is not in the database."""
        message = f"{self.key_id}:{self.secret}"
        return hmac.digest(pepper.encode(), message.encode(), "sha256").hex()

    def matches(self, digest: str, *, pepper: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest(pepper), digest)
