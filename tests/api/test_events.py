"""The feed: in order, nothing skipped, and waiting for it starves nobody."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text
from werkzeug.serving import make_server

from plugin_backend.api.waiting import WaitingRoom
from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.db.journal import Owned, record_event
from plugin_backend.db.pool import FairPool
from plugin_backend.services.house import House
from tests.api.people import Person, Town, draft, problem
from tests.databases import until_told


def _cursor(person: Person, database: str) -> str:
    """Where the feed ends, with all that happened before it."""
    until_told(database)
    found: str = person.get("/v1/events?after=now").json["next_cursor"]
    return found


def test_what_happened_is_told_in_order_and_once(editor: Person, database: str) -> None:
    start = _cursor(editor, database)
    made = editor.post("/v1/generations", draft()).json["id"]
    editor.post(f"/v1/generations/{made}/cancel")
    until_told(database)
    first = editor.get(f"/v1/events?after={start}&limit=1").json
    rest = editor.get(f"/v1/events?after={first['next_cursor']}").json
    told = [event["type"] for event in first["items"] + rest["items"]]
    assert told[0] == "generation.queued"
    assert "generation.cancelled" in told
    end = editor.get(f"/v1/events?after={rest['next_cursor']}").json
    assert end == {"items": [], "next_cursor": rest["next_cursor"]}


def test_without_a_cursor_the_feed_starts_at_the_beginning(editor: Person, database: str) -> None:
    until_told(database)
    assert editor.get("/v1/events").json["items"][0]["type"] == "credits.granted"


def test_events_hold_ids_and_no_words(editor: Person, database: str) -> None:
    editor.post("/v1/generations", {**draft(), "label": "Secret project"})
    until_told(database)
    shown = editor.get("/v1/events").text
    assert "generation.queued" in shown
    assert "misty" not in shown
    assert "Secret" not in shown
    assert "@" not in shown


def test_the_order_holds_where_transaction_numbers_grow_a_digit(
    editor: Person, house: House, database: str
) -> None:
    start, owned = _cursor(editor, database), Owned(editor.workspace_id, editor.id)
    _record(house, owned, "before")
    _use_up_transactions(house)
    _record(house, owned, "after")
    _record(house, owned, "last")
    until_told(database)

    told, cursor = [], start
    for _ in range(3):
        page = editor.get(f"/v1/events?after={cursor}&limit=1").json
        told += [event["subject_id"] for event in page["items"]]
        cursor = page["next_cursor"]

    assert told == ["before", "after", "last"]
    assert _cursor(editor, database) == cursor


def _record(house: House, owned: Owned, subject_id: str) -> None:
    with house.begin() as work:
        record_event(work, "test.told", subject_id=subject_id, owned=owned)


def _use_up_transactions(house: House) -> None:
    """Begin and commit until the next transaction's number is one digit longer."""
    with house.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        number = int(connection.execute(text("SELECT CAST(pg_current_xact_id() AS text)")).scalar_one())
        missing = 10 ** len(str(number)) - number
        burn = (
            f"DO $$ BEGIN FOR i IN 1..{missing} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"
        )
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text(burn))
        connection.execute(text("RESET statement_timeout"))


def test_an_event_that_commits_late_is_not_skipped(editor: Person, house: House, database: str) -> None:
    """A slow transaction holds the feed back behind it: ids are given before the commit."""
    start, owned = _cursor(editor, database), Owned(editor.workspace_id, editor.id)
    with house.begin() as slow:
        record_event(slow, "test.early", subject_id="one", owned=owned)
        with house.begin() as quick:
            record_event(quick, "test.late", subject_id="two", owned=owned)
        meanwhile = editor.get(f"/v1/events?after={start}").json
    until_told(database)
    after = editor.get(f"/v1/events?after={meanwhile['next_cursor']}").json
    told = [event["subject_id"] for event in meanwhile["items"] + after["items"]]
    assert told == ["one", "two"]


@pytest.mark.parametrize("after", ["x", "1", "1.2.3", "-1.2", f"{2**64}.1", "1.99999999999999999999"])
def test_a_cursor_is_one_of_ours(editor: Person, after: str) -> None:
    assert problem(editor.get(f"/v1/events?after={after}")) == "validation"


@pytest.mark.parametrize("wait", ["26", "-1", "x"])
def test_a_wait_has_an_end(editor: Person, wait: str) -> None:
    assert problem(editor.get(f"/v1/events?wait={wait}")) == "validation"


def test_a_waiting_reader_hears_of_it_soon(editor: Person, database: str) -> None:
    start = _cursor(editor, database)
    waiting = editor.at_another_door()
    heard: list[tuple[float, str]] = []

    def wait() -> None:
        answer = waiting.get(f"/v1/events?after={start}&wait=20")
        heard.append((time.monotonic(), answer.json["items"][0]["type"]))

    reader = threading.Thread(target=wait)
    reader.start()
    editor.post("/v1/generations", draft())
    asked = time.monotonic()
    reader.join()
    assert heard[0][1] == "generation.queued"
    assert heard[0][0] - asked < 10


def test_waiting_holds_no_connection_and_at_most_half_of_the_threads(
    roomy: Settings, town: Town, database: str
) -> None:
    app = create_app(replace(roomy, web_threads=4), town.house)
    room = app.extensions["plugin-backend"].waiting_room
    editor = replace(town.settle("waiter@example.com", credit=10_000), client=app.test_client())
    start = _cursor(editor, database)
    path = f"/v1/events?after={start}&wait=25"

    def read_seated(door: Person) -> None:
        while (answer := door.get(path)).status_code == 200 and "Retry-After" in answer.headers:
            pass

    seated = [threading.Thread(target=read_seated, args=(editor.at_another_door(),)) for _ in range(2)]
    for reader in seated:
        reader.start()
    try:
        _until(lambda: not _has_a_seat(room))
        answer = editor.get(path)
        assert answer.headers["Retry-After"] == "2"
        assert answer.json == {"items": [], "next_cursor": start}
        stream = editor.get("/v1/events", headers={"Accept": "text/event-stream"})
        assert (stream.status_code, problem(stream)) == (503, "unavailable")
        pool = town.house.engine.pool
        assert isinstance(pool, FairPool)
        _until(lambda: pool.checkedout() == 0)  # between two looks nobody holds any
        assert not _has_a_seat(room)
    finally:
        editor.post("/v1/generations", draft())  # they hear of it and leave
        for reader in seated:
            reader.join()


def _has_a_seat(room: WaitingRoom) -> bool:
    if free := room.sit_down():
        room.stand_up()
    return free


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 20
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_stream_tells_the_same_and_its_seat_is_free_again(roomy: Settings, town: Town) -> None:
    app = create_app(replace(roomy, web_threads=2), town.house)
    room = app.extensions["plugin-backend"].waiting_room
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    editor = town.settle("streamer@example.com")
    editor.post("/v1/generations", draft())
    try:
        assert _streamed(server.port, editor.token)["type"] == "generation.queued"
        until = time.monotonic() + 60
        while not room.sit_down():  # the next things it has to tell find nobody there
            assert time.monotonic() < until
            with town.house.begin() as work:
                record_event(work, "test.tick", subject_id="x", owned=Owned(editor.workspace_id, editor.id))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _streamed(port: int, token: str) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    with httpx.stream("GET", f"http://127.0.0.1:{port}/v1/events", headers=headers, timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found: dict[str, str] = json.loads(line.removeprefix("data: "))
                return found
    raise AssertionError("the stream ended without an event")
