"""The people of a laptop: an operator and an ordinary user, so that there is somebody to try things as."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from plugin_backend.config import Settings
from plugin_backend.db import money, people
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import SYSTEM, Role, Scope
from plugin_backend.services import accounts
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import api_keys, passwords
from plugin_backend.services.people.api_keys import NewKey

CREDITS: Final = 10_000
_OPERATOR: Final = NewUser(email="operator@example.com", role=Role.OWNER, plan="studio", is_operator=True)
_EDITOR: Final = NewUser(email="editor@example.com", role=Role.EDITOR, plan="pro")


@dataclass(frozen=True, slots=True)
class DevelopmentKeys:
    """The tokens of both, this once."""

    admin_key: str = field(repr=False)
    user_key: str = field(repr=False)


def seed_development(settings: Settings) -> DevelopmentKeys:
    """Make both people where they are missing, and a fresh key for each."""
    house = open_house(settings, application="seed")
    try:
        return seed(house)
    finally:
        house.engine.dispose()


def sign_in_for_development(settings: Settings) -> Mapping[str, str]:
    """One new password for both people, with the editor's address and the operator's."""
    password = secrets.token_urlsafe(12)
    house = open_house(settings, application="seed")
    try:
        for person in (_OPERATOR, _EDITOR):
            passwords.set_by_operator(house, person.email, password)
    finally:
        house.engine.dispose()
    return {"email": _EDITOR.email, "password": password, "admin_email": _OPERATOR.email}


def seed(house: House) -> DevelopmentKeys:
    """The same, in a house that is open."""
    operator_id, _ = _present(house, _OPERATOR)
    editor_id, is_new = _present(house, _EDITOR)
    if is_new:
        with house.begin() as work:
            account_id = money.account_of(work.connection, editor_id)
            money.post(
                work.connection,
                ledger.grant(CREDITS),
                account_id=account_id,
                now=work.now,
                actor_id=SYSTEM,
                reason="A start",
            )
    return DevelopmentKeys(
        admin_key=_key(house, operator_id, frozenset(Scope)),
        user_key=_key(house, editor_id, frozenset((Scope.READ, Scope.GENERATE))),
    )


def _present(house: House, user: NewUser) -> tuple[str, bool]:
    with house.begin() as work:
        found = people.find_user_id(work.connection, user.email)
    if found is not None:
        return found, False
    return accounts.create_user(house, actor=None, user=user).id, True


def _key(house: House, user_id: str, scopes: frozenset[Scope]) -> str:
    return api_keys.create(
        house, actor=None, key=NewKey(name="development", scopes=scopes, user_id=user_id)
    ).token
