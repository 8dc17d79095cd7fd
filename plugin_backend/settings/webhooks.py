"""The settings of webhooks out: which addresses of the operator's own network they may go to."""

from typing import Any, Final
from urllib.parse import urlsplit

from plugin_backend.settings.environment import EnvironmentReader

_NAME: Final = "WEBHOOK_ORIGINS"
_EXAMPLE: Final = "https://hooks.internal:8443"


def read_webhook_settings(read: EnvironmentReader, *, production: bool) -> dict[str, Any]:
    """Every one of them, checked: an origin is a scheme, a host and perhaps a port."""
    given = tuple(each.rstrip("/") for each in read.listed(_NAME))
    for each in given:
        if not _is_origin(each):
            read.problem(_NAME, f"must list addresses without a path, such as {_EXAMPLE}")
        elif production and not each.startswith("https://"):
            read.problem(_NAME, "must be https in production: what happened here travels to it")
    return {"webhook_origins": given}


def _is_origin(given: str) -> bool:
    try:
        parts = urlsplit(given)
        is_bare = not (parts.path or parts.query or parts.fragment or parts.username)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and is_bare and parts.port != 0
    except ValueError:
        return False
