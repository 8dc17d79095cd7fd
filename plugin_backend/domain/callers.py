"""Who is asking, and what their token lets them do."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from plugin_backend.domain.allowance import Allowance
from plugin_backend.domain.errors import ForbiddenError

SYSTEM: Final = "system"
"""Who acts when nobody is signed in: the command line, the clock."""


class Scope(StrEnum):
    """What a token may do."""

    READ = "read"
    GENERATE = "generate"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person may do in their workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """An authenticated person, with the scopes of the token they came with."""

    user_id: str
    workspace_id: str
    role: Role
    scopes: frozenset[Scope]
    is_operator: bool = False
    key_id: str | None = None
    """The API key they came with, or the session their access token belongs to."""
    default_model: str = "animatic"
    allowance: Allowance = field(default_factory=Allowance)
    """What their plan and workspace let them ask for, as of when they were let in."""

    def require_reviewing(self) -> None:
        """ForbiddenError unless the token may write, whatever the role: a review spends nothing."""
        if Scope.GENERATE not in self.scopes:
            raise ForbiddenError(f"This needs a token with the scope `{Scope.GENERATE}`.")

    def require(self, scope: Scope) -> None:
        """ForbiddenError unless the token has the scope and the role allows it."""
        if scope not in self.scopes:
            raise ForbiddenError(f"This needs a token with the scope `{scope}`.")
        if scope is Scope.GENERATE and self.role is Role.VIEWER:
            raise ForbiddenError("A viewer can look, not spend; ask a workspace admin for the editor role.")
        if scope is Scope.ADMIN and not (self.is_operator or self.role in (Role.OWNER, Role.ADMIN)):
            raise ForbiddenError("This needs a workspace admin or an operator.")


def id_of(actor: Caller | None) -> str:
    """Under whose id a change is written down; without an actor it is the command line that asks."""
    return SYSTEM if actor is None else actor.user_id
