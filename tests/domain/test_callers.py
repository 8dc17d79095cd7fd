"""What a token may do: the scope and the role both have to allow it."""

import pytest

from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import ForbiddenError

EVERY_SCOPE = frozenset(Scope)


def _caller(role: Role, scopes: frozenset[Scope] = EVERY_SCOPE, *, is_operator: bool = False) -> Caller:
    return Caller(user_id="usr_1", workspace_id="wsp_1", role=role, scopes=scopes, is_operator=is_operator)


ALLOWED = {
    (Role.OWNER, Scope.READ),
    (Role.OWNER, Scope.GENERATE),
    (Role.OWNER, Scope.ADMIN),
    (Role.ADMIN, Scope.READ),
    (Role.ADMIN, Scope.GENERATE),
    (Role.ADMIN, Scope.ADMIN),
    (Role.EDITOR, Scope.READ),
    (Role.EDITOR, Scope.GENERATE),
    (Role.VIEWER, Scope.READ),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Scope)
def test_the_role_bounds_what_any_token_may_do(role: Role, scope: Scope) -> None:
    if (role, scope) in ALLOWED:
        _caller(role).require(scope)
    else:
        with pytest.raises(ForbiddenError):
            _caller(role).require(scope)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("scope", Scope)
def test_no_role_replaces_a_scope_the_token_lacks(role: Role, scope: Scope) -> None:
    narrow = _caller(role, EVERY_SCOPE - {scope}, is_operator=True)

    with pytest.raises(ForbiddenError, match=f"scope `{scope}`"):
        narrow.require(scope)


def test_an_operator_administers_whatever_their_role() -> None:
    _caller(Role.VIEWER, is_operator=True).require(Scope.ADMIN)
