"""A key is looked up once in a while, and at once when anybody's access may have changed."""

import os
from dataclasses import dataclass, field

from plugin_backend.auth import changes
from plugin_backend.auth.remembered import REMEMBERED_SECONDS, RememberedHolders
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.services.people.holders import Holder


@dataclass
class Register:
    """Stands in for the database: who holds which key, and how often it was asked."""

    live: dict[str, float | None]
    asked: list[str] = field(default_factory=list)

    def look_up(self, key_id: str) -> Holder | None:
        self.asked.append(key_id)
        if key_id not in self.live:
            return None
        caller = Caller(user_id="usr_a", workspace_id="wsp_a", role=Role.EDITOR, scopes=frozenset())
        return Holder(caller=caller, secret_hash="hash", expires_in_seconds=self.live[key_id])


def test_a_key_in_use_is_looked_up_once() -> None:
    register = Register({"key_a": None, "key_b": 3_600.0})
    holders = RememberedHolders(register.look_up)
    for _ in range(5):
        assert holders.find("key_a") is not None
        assert holders.find("key_b") is not None
    assert register.asked == ["key_a", "key_b"]


def test_a_key_that_is_no_good_is_looked_up_every_time() -> None:
    register = Register({})
    holders = RememberedHolders(register.look_up)
    assert [holders.find("key_a") for _ in range(3)] == [None] * 3
    assert len(register.asked) == 3


def test_after_a_change_nothing_is_remembered() -> None:
    register = Register({"key_a": None})
    holders = RememberedHolders(register.look_up)
    assert holders.find("key_a") is not None
    register.live.clear()
    changes.announce()
    assert holders.find("key_a") is None


def test_what_was_read_while_something_changed_is_not_remembered() -> None:
    register = Register({"key_a": None})

    def look_up(key_id: str) -> Holder | None:
        found = register.look_up(key_id)
        register.live.clear()
        changes.announce()
        return found

    holders = RememberedHolders(look_up)
    assert holders.find("key_a") is not None
    assert holders.find("key_a") is None


def test_a_key_is_not_remembered_beyond_its_end() -> None:
    register = Register({"key_a": 0.0})
    holders = RememberedHolders(register.look_up)
    holders.find("key_a")
    holders.find("key_a")
    assert len(register.asked) == 2


def test_a_change_in_one_process_is_one_in_all() -> None:
    before = changes.mark()
    child = os.fork()
    if child == 0:
        changes.announce()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert changes.mark() != before


def test_another_machine_notices_within_seconds() -> None:
    register, clock = Register({"key_a": None}), [100.0]
    holders = RememberedHolders(register.look_up, clock=lambda: clock[0])
    assert holders.find("key_a") is not None
    register.live.clear()
    clock[0] += REMEMBERED_SECONDS
    assert holders.find("key_a") is None
