"""The people of a laptop."""

from plugin_backend.config import Settings
from plugin_backend.services import accounts
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import holders
from plugin_backend.services.running.development import seed, seed_development


def test_a_first_start_makes_an_operator_and_an_ordinary_user(settings: Settings) -> None:
    keys = seed_development(settings)
    house = open_house(settings)
    operator, editor = (holders.authenticate(house, key) for key in (keys.admin_key, keys.user_key))
    assert operator.is_operator
    assert set(operator.scopes) == {"read", "generate", "admin"}
    assert not editor.is_operator
    assert set(editor.scopes) == {"read", "generate"}
    standing = accounts.me(house, editor)
    assert (standing.available, standing.drafts.limit) == (10_000, 100)
    house.engine.dispose()


def test_a_second_seed_makes_keys_and_neither_people_nor_credits(settings: Settings) -> None:
    first = seed_development(settings)
    house = open_house(settings)
    second = seed(house)
    same = [holders.authenticate(house, keys.user_key) for keys in (first, second)]
    assert same[0].user_id == same[1].user_id
    assert first.user_key != second.user_key
    assert accounts.me(house, same[0]).available == 10_000
    house.engine.dispose()
