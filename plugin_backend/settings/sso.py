"""The settings of what an issuer may say of people: whether it makes them, and which part it gives them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.settings.sign_in import SignInSettings

_ROLES: Final = ("owner", "admin", "editor", "viewer")
_MEMBERS: Final = {"claim", "has", "role", "workspace"}
_EXAMPLE: Final = '[{"claim": "groups", "has": "video-editors", "role": "editor", "workspace": "wsp_..."}]'


class Linking(StrEnum):
    """Whether an address that the issuer verified finds the account that has it already."""

    VERIFIED_EMAIL = "verified-email"
    NEVER = "never"


class TokenType(StrEnum):
    """Which JWTs are for an API: RFC 9068's own type, or any, for issuers that know no other."""

    ACCESS = "at+jwt"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRule:
    """Whoever's claim is, or holds, this value has this role here."""

    claim: str
    has: str
    role: str
    workspace_id: str | None


@dataclass(frozen=True, kw_only=True)
class SsoSettings(SignInSettings):
    """The part of the settings that says what follows from an issuer's word."""

    oidc_sign_up: bool = False
    oidc_linking: Linking = Linking.VERIFIED_EMAIL
    oidc_claims: tuple[ClaimRule, ...] = ()
    oidc_bearer_audience: str | None = None
    oidc_bearer_type: TokenType = TokenType.ACCESS


def read_sso_settings(read: EnvironmentReader) -> dict[str, Any]:
    """All of them, checked; each of them needs an issuer."""
    for name in ("OIDC_SIGN_UP", "OIDC_CLAIMS", "OIDC_BEARER_AUDIENCE"):
        if read.optional(name) and not read.optional("OIDC_ISSUER"):
            read.problem(name, "is set without OIDC_ISSUER, whose word it is about")
    return {
        "oidc_sign_up": read.flag("OIDC_SIGN_UP"),
        "oidc_linking": read.choice("OIDC_LINKING", Linking, default=Linking.VERIFIED_EMAIL),
        "oidc_claims": _rules(read),
        "oidc_bearer_audience": read.optional("OIDC_BEARER_AUDIENCE"),
        "oidc_bearer_type": read.choice("OIDC_BEARER_TYPE", TokenType, default=TokenType.ACCESS),
    }


def _rules(read: EnvironmentReader) -> tuple[ClaimRule, ...]:
    given = read.optional("OIDC_CLAIMS")
    if given is None:
        return ()
    try:
        found = json.loads(given)
        return tuple(_rule(each) for each in found)
    except (ValueError, TypeError, KeyError, RecursionError):
        read.problem("OIDC_CLAIMS", f"must be a list of rules, such as {_EXAMPLE}")
        return ()


def _rule(given: Mapping[str, Any]) -> ClaimRule:
    if not given.keys() <= _MEMBERS or not all(isinstance(each, str) and each for each in given.values()):
        raise ValueError("a member is missing, or of no use here")
    if given["role"] not in _ROLES:
        raise ValueError("there is no such role")
    return ClaimRule(
        claim=given["claim"], has=given["has"], role=given["role"], workspace_id=given.get("workspace")
    )
