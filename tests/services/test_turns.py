"""Whose turn it is: hints that a burst left on the queues serve whoever comes after it."""

from datetime import timedelta

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import Owned
from plugin_backend.db.work import Due
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.work import Lane
from plugin_backend.services import stepping
from plugin_backend.services.making import turns
from tests.services.studio import Studio


def _due(studio: Studio, caller: Caller, count: int, lane: Lane = Lane.MEDIA_DRAFT) -> list[str]:
    """Rows of a person that are due, the oldest first."""
    ids = [f"take_{lane.value}{caller.user_id[-8:]}{number:04}" for number in range(count)]
    owned = Owned(caller.workspace_id, caller.user_id)
    rows = [Due(each, lane, owned, topic="luma" if lane.is_provider else None) for each in ids]
    with studio.house.begin() as work:
        work_rows.open_work(work.connection, rows, now=work.now)
    studio.clock.turn(timedelta(seconds=1))
    return ids


def _take(studio: Studio, hint: str, *, seconds: float = 3) -> str | None:
    """What a worker does on a hint, which is over when it takes the next one."""
    found = turns.whose(studio.house, hint)
    if found is None:
        return None
    claim = stepping.claim(studio.house, found)
    assert claim is not None
    studio.clock.turn(timedelta(seconds=seconds))
    with studio.house.begin() as work:
        stepping.done(work, claim)
    return found


def test_nine_who_come_after_a_burst_are_served_before_the_burst_goes_on(studio: Studio) -> None:
    burster = studio.person()
    burst = _due(studio, burster, 500)
    hints = burst[:8]  # all that the queues had room for
    assert _take(studio, hints[0]) == burst[0]
    nine = [studio.person() for _ in range(9)]
    theirs = {_due(studio, person, 1)[0] for person in nine}

    served = [_take(studio, burst[1]) for _ in range(9)]

    assert set(served) == theirs
    assert _take(studio, burst[1]) == burst[1]


def test_everybody_with_much_to_do_has_every_turn_in_so_many(studio: Studio) -> None:
    people = [studio.person() for _ in range(3)]
    owners = {each: number for number, person in enumerate(people) for each in _due(studio, person, 20)}

    served = []
    for _ in range(9):
        left = studio.one("SELECT max(subject_id) FROM work")  # the same person's hints all the time
        served.append(owners[str(_take(studio, left))])

    assert [sorted(served[start : start + 3]) for start in (0, 3, 6)] == [[0, 1, 2]] * 3


def test_whoever_has_less_under_way_goes_first_though_served_later(studio: Studio) -> None:
    burster, other = studio.person(), studio.person()
    burst = _due(studio, burster, 5)
    assert stepping.claim(studio.house, burst[0]) is not None  # and goes on with it
    theirs = _due(studio, other, 2)

    assert _take(studio, burst[1]) == theirs[0]
    assert _take(studio, burst[1]) == theirs[1]


def test_a_hint_keeps_to_its_lane(studio: Studio) -> None:
    caller, other = studio.person(), studio.person()
    (master,) = _due(studio, caller, 1, Lane.MEDIA_MASTER)
    (draft,) = _due(studio, other, 1, Lane.MEDIA_DRAFT)
    (step,) = _due(studio, other, 1, Lane.STEP_DRAFT)

    assert [turns.whose(studio.house, each) for each in (master, draft, step)] == [master, draft, step]


def test_a_row_about_a_provider_is_taken_by_its_own_hint(studio: Studio) -> None:
    burst = _due(studio, studio.person(), 3, Lane.PROVIDER_DRAFT)
    _due(studio, studio.person(), 1, Lane.PROVIDER_DRAFT)

    assert turns.whose(studio.house, burst[2]) == burst[2]


def test_a_hint_of_what_is_gone_or_in_hand_is_nobodys_turn(studio: Studio) -> None:
    one, other = _due(studio, studio.person(), 2)
    assert stepping.claim(studio.house, one) is not None

    assert turns.whose(studio.house, one) is None
    assert turns.whose(studio.house, "take_gone") is None
    assert turns.whose(studio.house, other) == other
