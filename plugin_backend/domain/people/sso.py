"""What follows from an issuer's claims: a part in a workspace, by rules an operator wrote."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugin_backend.domain.callers import Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Whoever's claim is, or holds, this value has this part; `claim` may be a path of names with dots."""

    claim: str
    has: str
    role: Role
    workspace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerPolicy:
    """How far an issuer is believed here."""

    links_by_email: bool = True
    signs_up: bool = False
    allowed_domains: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def rule_for(self, claims: Mapping[str, Any]) -> Rule | None:
        """The first rule that the claims meet."""
        return next((rule for rule in self.rules if rule.has in _texts(_at(claims, rule.claim))), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody whom an issuer means; `verified_email` is None where it does not vouch for one."""

    issuer: str
    subject: str
    verified_email: str | None
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


def scopes_of(claims: Mapping[str, Any], role: Role) -> frozenset[Scope]:
    """The scopes a token names, as far as the role goes; a token that names none may do nothing."""
    said = claims.get("scope", claims.get("scp", ()))
    named = set(said.split()) if isinstance(said, str) else _texts(said)
    known = {scope for scope in Scope if scope.value in named}
    return frozenset(known - ({Scope.ADMIN} if role in (Role.EDITOR, Role.VIEWER) else set()))


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """A claim of this very name, else what lies at the end of the path."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def _texts(value: Any) -> frozenset[str]:
    """The texts a claim is, or holds; nothing that is no text counts."""
    held = value if isinstance(value, list) else [value]
    return frozenset(each for each in held if isinstance(each, str))
