"""Complaints about money: overspent, charged twice, charged over the hold; and about whose job it is."""

import pytest

from tests.api.people import at_once, problem
from tests.complaints.conftest import Play
from tests.complaints.scene import PURSE
from tests.fakes.faults import Fault, Kind

pytestmark = pytest.mark.slow


def test_many_requests_at_once_never_spend_more_than_there_is(play: Play) -> None:
    scene = play("luma")
    body = scene.master("luma", resolution="1080p")  # 120 credits each, of 1,000

    answers = at_once(20, lambda _: scene.editor.at_another_door().post("/v1/generations", body).status_code)

    assert sorted(answers) == [202] * 8 + [402] * 12
    assert scene.purse() == (PURSE - 8 * 120, 8 * 120)
    scene.work()
    assert scene.upstream("luma").books().accepted == 8
    scene.check_books()


def test_a_request_sent_again_is_one_job_and_one_charge(play: Play) -> None:
    scene = play("luma")
    body = scene.master("luma")
    key = {"Idempotency-Key": "the-same"}

    answers = at_once(12, lambda _: scene.editor.at_another_door().post("/v1/generations", body, headers=key))
    ended = scene.end(answers[0].json)
    later = scene.editor.post("/v1/generations", body, headers=key)
    other = scene.editor.post("/v1/generations", scene.master("luma", seed=3), headers=key)

    assert {each.json["id"] for each in (*answers, later)} == {ended["id"]}
    assert problem(other) == "idempotency-key-reused"
    assert scene.purse() == (PURSE - 15, 0)
    assert scene.upstream("luma").books().accepted == 1
    scene.check_books()


def test_nothing_ever_costs_more_than_was_held_for_it(play: Play) -> None:
    """The first model is out of money: the dearer one that follows was held for from the start."""
    scene = play("luma", "atlas")
    scene.upstream("luma").faults.add(Fault(kind=Kind.REFUSE, status=402))
    body = {**scene.master("luma", resolution="720p"), "fallback_models": ["kling-3.0"]}

    made = scene.editor.post("/v1/generations", body).json
    ended = scene.end(made)

    cost = ended["cost"]
    assert (ended["state"], ended["takes"][0]["label"]) == ("ready", "kling-3.0")
    assert 30 < cost["credits_settled"] <= cost["credits_held"] == made["cost"]["credits_held"]
    assert scene.purse() == (PURSE - cost["credits_settled"], 0)
    scene.check_books()


def test_nobody_reads_or_stops_somebody_elses_job(play: Play) -> None:
    scene = play("luma")
    made = scene.ask("luma")
    stranger = scene.town.settle("stranger@example.com", plan="studio", credit=100)
    path = f"/v1/generations/{made['id']}"

    answers = [
        stranger.get(path),
        stranger.get(f"{path}/receipt"),
        stranger.get(f"{path}/trace"),
        stranger.post(f"{path}/cancel"),
        stranger.post(f"{path}/retry"),
        stranger.delete(path),
        stranger.post(f"/v1/takes/{made['takes'][0]['id']}/master", {}),
    ]

    assert {problem(each) for each in answers} == {"not-found"}
    assert stranger.get("/v1/generations").json["items"] == []
    assert scene.end(made)["state"] == "ready"


def test_a_provider_that_hangs_or_takes_an_hour_holds_up_nobody_elses_job(play: Play) -> None:
    scene = play("luma", "atlas")
    scene.upstream("luma").faults.add(Fault(kind=Kind.STUCK, nth=(1,)), Fault(kind=Kind.HANG))
    slow = [scene.ask("luma"), scene.ask("luma")]

    quick = scene.end(scene.ask("atlas"))

    assert quick["state"] == "ready"
    assert [scene.see(each)["failure"] for each in slow] == [None, None]
