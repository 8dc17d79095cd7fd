"""The settings of the upstreams: one section each, all optional. A provider is on when its key is set."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from plugin_backend.settings.environment import EnvironmentReader

_LUMA: Final = "https://agents.lumalabs.ai/v1"
_LUMA_DREAM_MACHINE: Final = "https://api.lumalabs.ai/dream-machine/v1"
_ATLAS: Final = "https://api.atlascloud.ai/api/v1"
_COMET: Final = "https://api.cometapi.com"
_FIREFLY: Final = "https://firefly-api.adobe.io"
_FIREFLY_IMS: Final = "https://ims-na1.adobelogin.com"

# Most publish no numbers: these are modest, and an operator who knows the account's plan sets its own.
_CONCURRENCY: Final = 20
_REQUESTS_PER_MINUTE: Final = 60
_FIREFLY_PER_MINUTE: Final = 4
_MOST: Final = 100_000
_PRICE: Final = re.compile(r"[a-z0-9.-]+(:[a-z]+)?\s*=\s*\d{1,6}(\.\d{1,3})?(/s)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """One upstream as it is set up here."""

    key: str = field(repr=False)
    base_url: str
    concurrency: int
    requests_per_minute: int
    client_id: str | None = None
    """Where the key is the secret of a client that has a name."""
    token_url: str | None = None
    """Where such a client gets its tokens."""


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """The part of the settings that says which upstreams there are."""

    model_prices: str = ""

    luma_api_key: str | None = field(default=None, repr=False)
    luma_base_url: str = _LUMA
    luma_concurrency: int = _CONCURRENCY
    luma_requests_per_minute: int = _REQUESTS_PER_MINUTE

    luma_dream_machine_api_key: str | None = field(default=None, repr=False)
    luma_dream_machine_base_url: str = _LUMA_DREAM_MACHINE
    luma_dream_machine_concurrency: int = _CONCURRENCY
    luma_dream_machine_requests_per_minute: int = _REQUESTS_PER_MINUTE

    atlas_api_key: str | None = field(default=None, repr=False)
    atlas_base_url: str = _ATLAS
    atlas_concurrency: int = _CONCURRENCY
    atlas_requests_per_minute: int = _REQUESTS_PER_MINUTE

    comet_api_key: str | None = field(default=None, repr=False)
    comet_base_url: str = _COMET
    comet_concurrency: int = _CONCURRENCY
    comet_requests_per_minute: int = _REQUESTS_PER_MINUTE

    firefly_client_id: str | None = None
    firefly_client_secret: str | None = field(default=None, repr=False)
    firefly_base_url: str = _FIREFLY
    firefly_ims_url: str = _FIREFLY_IMS
    firefly_concurrency: int = _CONCURRENCY
    firefly_requests_per_minute: int = _FIREFLY_PER_MINUTE

    def provider_accounts(self) -> Mapping[str, ProviderAccount]:
        """Every upstream whose key is set, by the catalogue's name for it."""
        found = {
            "luma": self._account("luma", self.luma_api_key),
            "luma-dream-machine": self._account("luma_dream_machine", self.luma_dream_machine_api_key),
            "atlas": self._account("atlas", self.atlas_api_key),
            "comet": self._account("comet", self.comet_api_key),
            "adobe-firefly": self._account(
                "firefly",
                self.firefly_client_secret,
                client_id=self.firefly_client_id,
                token_url=self.firefly_ims_url,
            ),
        }
        return {name: account for name, account in found.items() if account is not None}

    def _account(
        self, section: str, key: str | None, *, client_id: str | None = None, token_url: str | None = None
    ) -> ProviderAccount | None:
        if key is None:
            return None
        return ProviderAccount(
            key=key,
            base_url=getattr(self, f"{section}_base_url"),
            concurrency=getattr(self, f"{section}_concurrency"),
            requests_per_minute=getattr(self, f"{section}_requests_per_minute"),
            client_id=client_id,
            token_url=token_url,
        )


def read_provider_settings(read: EnvironmentReader) -> dict[str, Any]:
    """Every field of `ProviderSettings`, read and checked."""
    keys = {
        f"{section}_api_key": read.optional(f"{section}_api_key".upper())
        for section in ("luma", "luma_dream_machine", "atlas", "comet")
    }
    firefly = {name: read.optional(name.upper()) for name in ("firefly_client_id", "firefly_client_secret")}
    for name, other in (("CLIENT_ID", "CLIENT_SECRET"), ("CLIENT_SECRET", "CLIENT_ID")):
        if read.optional(f"FIREFLY_{name}") and not read.optional(f"FIREFLY_{other}"):
            read.problem(f"FIREFLY_{name}", f"is of no use alone; set FIREFLY_{other} too")
    limits = {
        name: limit
        for section, per_minute in _SECTIONS.items()
        for name, limit in _limits(read, section, per_minute).items()
    }
    addresses = {
        name: read.address(name.upper(), default) or default.rstrip("/")
        for name, default in _ADDRESSES.items()
    }
    return {
        "model_prices": read.parsed("MODEL_PRICES", _price_list),
        **keys,
        **firefly,
        **limits,
        **addresses,
    }


def _price_list(text: str) -> str:
    """The list as it stands, once every entry is one; what it names is looked up where the catalogue is."""
    for entry in filter(None, (part.strip() for part in text.split(","))):
        if _PRICE.fullmatch(entry) is None:
            raise ValueError(f"has {entry!r}; write model=credits a take, or model=credits/s")
    return text


def _limits(read: EnvironmentReader, section: str, per_minute: int) -> dict[str, int]:
    defaults = {f"{section}_concurrency": _CONCURRENCY, f"{section}_requests_per_minute": per_minute}
    return {
        name: read.integer(name.upper(), default=default, least=1, most=_MOST)
        for name, default in defaults.items()
    }


_SECTIONS: Final = {
    "luma": _REQUESTS_PER_MINUTE,
    "luma_dream_machine": _REQUESTS_PER_MINUTE,
    "atlas": _REQUESTS_PER_MINUTE,
    "comet": _REQUESTS_PER_MINUTE,
    "firefly": _FIREFLY_PER_MINUTE,
}
_ADDRESSES: Final = {
    "luma_base_url": _LUMA,
    "luma_dream_machine_base_url": _LUMA_DREAM_MACHINE,
    "atlas_base_url": _ATLAS,
    "comet_base_url": _COMET,
    "firefly_base_url": _FIREFLY,
    "firefly_ims_url": _FIREFLY_IMS,
}
