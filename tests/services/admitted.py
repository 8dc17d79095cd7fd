"""People as they come through the door: with what their plan and workspace allow them."""

from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.services.people import api_keys, holders
from plugin_backend.services.people.api_keys import NewKey
from tests.services.studio import Studio


def let_in(studio: Studio, person: Caller) -> Caller:
    """The person behind a key of theirs."""
    administers = person.is_operator or person.role in (Role.OWNER, Role.ADMIN)
    scopes = person.scopes if administers else person.scopes - {Scope.ADMIN}
    key = NewKey(name="a test", scopes=scopes, user_id=person.user_id)
    token = api_keys.create(studio.house, actor=None, key=key).token
    return holders.authenticate(studio.house, token)
