"""When a generation is expected, why it is late, and an ETag that knows when time changes the answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from plugin_backend.config import Settings
from plugin_backend.domain.making.health import Call
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.services.house import House
from plugin_backend.services.making import manners
from tests.api.people import Person, draft
from tests.api.stage import Stage, stage_of
from tests.services.remote import Remote, turn_to_next, work_off
from worker.providers.protocol import InDoubt, Refused, Running

USUAL = timedelta(seconds=300)
"""What the catalogue says of a master of ray-3.2."""


@pytest.fixture
def luma() -> Remote:
    return Remote()


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path, luma: Remote) -> Iterator[Stage]:
    with stage_of(app, roomy, tmp_path, luma) as opened:
        yield opened


def ask(stage: Stage) -> dict[str, Any]:
    made = stage.ask("master", "ray-3.2", resolution="540p")
    work_off(stage.studio)
    return made


def seen_after(stage: Stage, made: dict[str, Any], after: timedelta) -> dict[str, Any]:
    """How it looks so long after it was asked for, with nobody having worked on it meanwhile."""
    stage.studio.clock.turn(after)
    return stage.see(made)


def moment(spelt: str) -> datetime:
    return datetime.fromisoformat(spelt)


def test_what_is_in_time_says_when_it_is_expected_and_no_more(stage: Stage, luma: Remote) -> None:
    luma.fate = Running(0.1)
    made = ask(stage)

    found = seen_after(stage, made, USUAL - timedelta(seconds=1))

    assert moment(found["expected_at"]) == moment(made["created_at"]) + USUAL
    assert "late" not in found


def test_what_takes_longer_than_usual_says_so_with_a_new_moment(stage: Stage, luma: Remote) -> None:
    luma.fate = Running(0.1)
    made = ask(stage)

    found = seen_after(stage, made, USUAL)

    asked = moment(made["created_at"])
    assert found["late"] == {
        "since": made["expected_at"],
        "reason": "slow",
        "why": "luma has it, and takes longer than the 5 min expected.",
    }
    assert moment(found["expected_at"]) == asked + 2 * USUAL
    (listed,) = stage.editor.get("/v1/generations?state=unfinished").json["items"]
    assert listed["late"] == found["late"]


def test_a_provider_that_is_away_is_the_reason(stage: Stage) -> None:
    for _ in range(5):
        manners.failed(stage.house, "luma", Call.SENDING, "connection refused")
    made = ask(stage)
    stage.studio.clock.turn(USUAL)
    for _ in range(10):
        manners.failed(stage.house, "luma", Call.SENDING, "connection refused")
    with stage.house.engine.begin() as connection:
        again = stage.studio.clock.moment + timedelta(seconds=60)
        connection.execute(text("UPDATE provider_health SET probe_at = :at"), {"at": again})

    found = stage.see(made)

    assert found["late"]["reason"] == "outage"
    assert found["late"]["why"].startswith("luma does not answer at the moment; it is tried at 12:06:00")
    assert moment(found["expected_at"]) == again + USUAL


def test_a_provider_that_asked_for_a_pause_is_the_reason(stage: Stage) -> None:
    manners.paused(stage.house, "luma", timedelta(minutes=20))
    made = ask(stage)

    found = seen_after(stage, made, USUAL)

    assert found["late"]["reason"] == "paused"
    assert "sent no more before 12:20:00 UTC" in found["late"]["why"]


def test_a_provider_that_has_enough_of_ours_is_the_reason(
    app: Flask, roomy: Settings, tmp_path: Path, luma: Remote
) -> None:
    luma.fate = Running(0.1)
    one = {"luma": ProviderLimits(concurrency=1, requests_per_minute=100)}
    with stage_of(app, roomy, tmp_path, luma, limits=one) as stage:
        _, second = ask(stage), ask(stage)

        found = seen_after(stage, second, USUAL)

    assert found["late"]["reason"] == "busy"
    assert "luma has as many of our requests under way as it takes" in found["late"]["why"]


def test_a_refusal_that_passes_is_the_reason_in_the_providers_own_words(stage: Stage, luma: Remote) -> None:
    luma.answers = [Refused("provider-failed", "All machines are taken.", retryable=True)]
    made = ask(stage)

    found = seen_after(stage, made, USUAL)

    assert found["late"]["reason"] == "retrying"
    assert found["late"]["why"].startswith("luma turned it down once, and is asked again.")
    assert found["late"]["why"].endswith("It said: All machines are taken.")


def test_a_lost_answer_is_the_reason(stage: Stage, luma: Remote) -> None:
    luma.lists = True
    luma.answers = [InDoubt("reset by peer")]
    made = ask(stage)

    found = seen_after(stage, made, USUAL)

    assert found["late"]["reason"] == "in-doubt"


def test_a_download_that_takes_its_time_is_the_reason(stage: Stage, luma: Remote) -> None:
    luma.downloads = [OSError("reset by peer")] * 3
    made = ask(stage)
    while stage.see(made)["takes"][0]["state"] != "rendered":
        turn_to_next(stage.studio)
        work_off(stage.studio)

    found = seen_after(stage, made, USUAL)

    assert found["late"]["reason"] == "fetching"


def test_a_place_in_the_queue_is_the_reason(stage: Stage) -> None:
    first = stage.ask("draft", "animatic")
    stage.studio.clock.turn(timedelta(seconds=1))  # ids of one moment are in no order
    second = stage.ask("draft", "animatic")
    stage.studio.clock.turn(timedelta(seconds=60))

    assert stage.see(first)["late"]["why"] == "It is next, and waits for a free place."
    assert stage.see(second)["late"]["why"].endswith("1 were asked for before it.")


def test_what_has_ended_is_expected_no_more(stage: Stage) -> None:
    found = stage.end(ask(stage))

    assert {"expected_at", "late"} & found.keys() == set()


def test_an_etag_holds_until_time_alone_changes_the_answer(editor: Person, house: House) -> None:
    path = editor.post("/v1/generations", draft()).headers["Location"]
    etag = editor.get(path).headers["ETag"].strip('"')
    version, _, until = etag.rpartition("-")
    expected = moment(editor.get(path).json["expected_at"])

    assert datetime.fromtimestamp(int(until, 16), tz=UTC) == expected.replace(microsecond=0)
    over = f'"{version}-{int(until, 16) - 3600:x}"'
    made_up = [f'"{version}-"', f'"{version}-zz"', f'"{version}-{"f" * 40}"', f'"x-{until}"']
    answers = [editor.get(path, headers={"If-None-Match": each}) for each in (over, *made_up)]
    assert {each.status_code for each in answers} == {200}

    with house.engine.begin() as connection:
        connection.execute(text("UPDATE generations SET created_at = created_at - interval '1 hour'"))
    late = editor.get(path, headers={"If-None-Match": over})
    assert late.json["late"]["reason"] == "queue"
    told_anew = int(late.headers["ETag"].strip('"').rpartition("-")[2], 16)
    with house.begin() as work:
        assert told_anew - work.now.timestamp() <= 15


def test_a_finished_answer_holds_whatever_the_time(editor: Person) -> None:
    path = editor.post("/v1/generations", draft()).headers["Location"]
    editor.post(f"{path}/cancel")
    etag = editor.get(path).headers["ETag"]

    assert "-" not in etag
    assert editor.get(path, headers={"If-None-Match": etag}).status_code == 304
