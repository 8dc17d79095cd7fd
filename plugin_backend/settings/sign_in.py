"""The settings of another issuer's sign-in: OpenID Connect, on when an issuer is named."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from plugin_backend.settings.environment import LOOPBACK, EnvironmentReader

_EXAMPLE: Final = "https://login.example.com"
_SCOPES: Final = "openid email"


@dataclass(frozen=True, kw_only=True)
class SignInSettings:
    """The part of the settings that says who else vouches for people."""

    oidc_issuer: str | None = None
    oidc_discovery_url: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    oidc_label: str = "your organisation"
    oidc_scopes: str = _SCOPES
    oidc_allowed_domains: tuple[str, ...] = ()


def read_sign_in_settings(read: EnvironmentReader, *, production: bool) -> dict[str, Any]:
    """All of them, checked; without an issuer there is only the password."""
    issuer = _address(read, "OIDC_ISSUER", production=production)
    for name, other in (("OIDC_ISSUER", "OIDC_CLIENT_ID"), ("OIDC_CLIENT_ID", "OIDC_ISSUER")):
        if read.optional(name) and not read.optional(other):
            read.problem(name, f"is set without {other}; set both, or neither for passwords alone")
    scopes = read.optional("OIDC_SCOPES") or _SCOPES
    if "openid" not in scopes.split():
        read.problem("OIDC_SCOPES", f"lacks `openid`; write {_SCOPES}")
    return {
        "oidc_issuer": issuer,
        "oidc_discovery_url": _address(read, "OIDC_DISCOVERY_URL", production=production),
        "oidc_client_id": read.optional("OIDC_CLIENT_ID"),
        "oidc_client_secret": read.optional("OIDC_CLIENT_SECRET"),
        "oidc_label": read.optional("OIDC_LABEL") or "your organisation",
        "oidc_scopes": scopes,
        "oidc_allowed_domains": tuple(each.lower() for each in read.listed("OIDC_ALLOWED_DOMAINS")),
    }


def _address(read: EnvironmentReader, name: str, *, production: bool) -> str | None:
    given = read.optional(name)
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        is_plain = parts.username is None and not parts.query and not parts.fragment
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and is_plain
        assert parts.port is None or parts.port > 0
    except (ValueError, AssertionError):
        is_usable = False
    if not is_usable:
        read.problem(name, f"must be an address such as {_EXAMPLE}")
    elif production and parts.scheme == "http" and parts.hostname not in LOOPBACK:
        read.problem(name, "must be https in production: who people are travels from it")
    return given
