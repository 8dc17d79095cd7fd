"""A copy of one's data is asked for once at a time, has its room, and is read a little at a time."""

import pytest
from sqlalchemy import text

from plugin_backend.domain.errors import ConflictError, PlanLimitError
from plugin_backend.services.keeping import exports
from tests.services.storing import limit, stored_take
from tests.services.studio import Studio, at_once

_ROWS = 1_001
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
)


def test_of_many_asked_for_at_once_one_is_packed(studio: Studio) -> None:
    caller, other = studio.person(), studio.person()

    results = at_once(6, lambda _: exports.request(studio.house, caller, with_media=False))

    assert sum(isinstance(each, ConflictError) for each in results) == 5, results
    assert studio.count("exports") == 1
    exports.request(studio.house, other, with_media=False)


def test_files_are_packed_where_there_is_room_and_rows_always(studio: Studio) -> None:
    caller = studio.person()
    stored_take(studio, caller, size=100)
    limit(studio, 100)

    with pytest.raises(PlanLimitError):
        exports.request(studio.house, caller, with_media=True)
    exports.request(studio.house, caller, with_media=False)


def test_every_row_is_read_once_and_no_transaction_is_open_meanwhile(studio: Studio) -> None:
    caller = studio.person()
    days = "INSERT INTO draft_days (owner_id, workspace_id, day, used) SELECT :who, :ws, current_date + n, n"
    events = (
        "INSERT INTO events (workspace_id, owner_id, type, subject_id, data, at)"
        " SELECT :ws, :who, 'made-up', n::text, '{}', now()"
    )
    with studio.house.engine.begin() as connection:
        for statement in (days, events):
            values = {"who": caller.user_id, "ws": caller.workspace_id, "count": _ROWS}
            connection.execute(text(f"{statement} FROM generate_series(1, :count) n"), values)
    row = exports.request(studio.house, caller, with_media=False)

    pages = {}
    for name, rows in exports.pages(studio.house, row):
        first = next(rows, None)
        waiting = studio.one(_WAITING)
        assert waiting == 0, name
        pages[name] = [] if first is None else [first, *rows]

    assert sorted(each["used"] for each in pages["draft_days"]) == list(range(1, _ROWS + 1))
    made_up = [each["subject_id"] for each in pages["events"] if each["type"] == "made-up"]
    assert sorted(map(int, made_up)) == list(range(1, _ROWS + 1))
    assert [set(each) & {"place:id", "id"} for each in pages["users"]] == [{"id"}]
