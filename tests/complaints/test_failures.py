"""Complaints about failures: hidden, misnamed, paid for, or paid back twice."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.api.people import at_once
from tests.complaints.conftest import Play
from tests.complaints.scene import BY_NAME, EVERY, PURSE
from tests.fakes.faults import Door, Fault, Kind
from tests.house.repository import ROOT, modules
from tests.providers.contract import account, playing, provider_for
from tests.providers.scripted import saying, scripted
from worker.providers.protocol import InDoubt, Refused

pytestmark = pytest.mark.slow


def test_moderation_after_acceptance_ends_the_take_in_the_providers_own_words(play: Play) -> None:
    scene = play(*EVERY)
    for name in EVERY:
        scene.upstream(name).faults.add(Fault(kind=Kind.MODERATED))
    made = {name: scene.ask(name) for name in EVERY}

    ended = {name: scene.end(each, within=timedelta(hours=1)) for name, each in made.items()}

    for name, each in ended.items():
        assert (each["state"], each["failure"]["slug"]) == ("failed", "moderated"), name
        assert each["failure"]["retryable"] is False
        assert scene.upstream(name).failure(moderated=True).words[:20] in each["failure"]["detail"]
        assert scene.upstream(name).books().accepted == 1
    assert scene.purse() == (PURSE, 0)
    scene.check_books()


def test_success_with_nothing_in_it_is_a_failure_and_is_not_bought_again(play: Play) -> None:
    scene = play(*EVERY)
    for name in EVERY:
        scene.upstream(name).faults.add(Fault(kind=Kind.EMPTY_SUCCESS))
    made = {name: scene.ask(name) for name in EVERY}

    ended = {name: scene.end(each, within=timedelta(hours=1)) for name, each in made.items()}

    assert {each["state"] for each in ended.values()} == {"failed"}
    assert "moderation" in ended["atlas"]["failure"]["detail"]
    assert ended["atlas"]["failure"]["retryable"] is False
    assert {scene.upstream(name).books().accepted for name in EVERY} == {1}
    assert scene.purse() == (PURSE, 0)


def test_a_picture_the_provider_could_not_fetch_is_not_called_moderated(play: Play) -> None:
    """It names an input that could not be had, and says that trying again may help."""
    scene = play("luma-dream-machine")
    made = scene.ask("luma-dream-machine")
    scene.work()
    (job,) = scene.upstream("luma-dream-machine").jobs.everything()

    words = "400: failed to moderate image"
    job.failure = replace(scene.upstream("luma-dream-machine").failure(moderated=False), words=words)

    failure = scene.end(made)["failure"]
    assert failure["slug"] not in ("moderated", "invalid-input")
    assert failure["retryable"] is True
    assert words in failure["detail"]


WAYS = {
    "refused": Fault(kind=Kind.REFUSE, status=422),
    "an empty account": Fault(kind=Kind.REFUSE, status=402),
    "always too many": Fault(kind=Kind.TOO_MANY),
    "moderated": Fault(kind=Kind.MODERATED),
    "failed": Fault(kind=Kind.FAILED),
    "empty": Fault(kind=Kind.EMPTY_SUCCESS),
    "stuck": Fault(kind=Kind.STUCK),
    "ten gigabytes": Fault(kind=Kind.HUGE, on=Door.DOWNLOAD),
    "a page instead of a film": Fault(kind=Kind.HTML, on=Door.DOWNLOAD),
    "led into our own network": Fault(kind=Kind.REDIRECT, on=Door.DOWNLOAD),
    "expired for ever": Fault(kind=Kind.EXPIRED, on=Door.DOWNLOAD),
    "never answered": Fault(kind=Kind.RESET, accepts=False),
}


@pytest.mark.parametrize("way", WAYS)
def test_however_it_fails_everything_returns_by_itself_and_support_has_ids_and_times(
    play: Play, way: str
) -> None:
    scene = play("luma")
    scene.upstream("luma").faults.add(WAYS[way])
    made = scene.ask("luma")

    ended = scene.end(made)

    receipt = scene.receipt(made)
    assert (ended["state"], scene.purse()) == ("failed", (PURSE, 0))
    assert receipt["credits"] == {"quoted": 15, "held": 15, "settled": 0, "returned": 15}
    assert sorted(each["kind"] for each in receipt["ledger"]) == ["hold", "settle"]
    assert ended["failure"]["detail"]
    assert all(each["created_at"] and each["resolved_at"] for each in receipt["attempts"])
    assert any(each["request_id"] or each["detail"] for each in receipt["attempts"])
    scene.check_books()


def test_no_two_ends_at_once_give_the_money_back_twice(play: Play) -> None:
    """The operator gives it up, its editor cancels it and the provider fails it, all in one moment."""
    scene = play("luma")
    made = [scene.ask("luma") for _ in range(6)]
    scene.work()
    for job in scene.upstream("luma").jobs.everything():
        job.failure = scene.upstream("luma").failure(moderated=False)
    scene.turn(timedelta(minutes=2))
    operator, editor = scene.operator, scene.editor.at_another_door()

    def end(number: int) -> None:
        each = made[number // 3]["id"]
        match number % 3:
            case 0:
                operator.at_another_door().post(f"/v1/admin/generations/{each}/fail", {"reason": "stuck"})
            case 1:
                editor.at_another_door().post(f"/v1/generations/{each}/cancel")
            case _:
                scene.work()

    at_once(18, end)
    for each in made:
        scene.end(each)

    assert scene.purse() == (PURSE, 0)
    scene.check_books()


SHAPES = {
    "a word": '"the reason"',
    "an object": '{"message": "the reason", "code": 1039}',
    "an object in an error": '{"error": {"message": "the reason", "type": "x"}}',
    "a word in an error": '{"error": "the reason"}',
    "a detail": '{"detail": "the reason"}',
    "a list of details": '{"detail": [{"loc": ["body", "prompt"], "msg": "the reason"}]}',
    "a code and a message": '{"code": 400, "msg": "the reason", "data": null}',
    "a title": '{"error_code": "bad_request", "message": "the reason"}',
    "plain words": "the reason",
}


@pytest.mark.parametrize("status", ["400 Bad Request", "422 Unprocessable", "500 Broken"])
@pytest.mark.parametrize("name", EVERY)
def test_the_reason_is_shown_whatever_shape_the_error_has(name: str, status: str, tmp_path: Path) -> None:
    hidden = []
    with playing(BY_NAME[name], tmp_path) as rig:
        for shape, body in SHAPES.items():
            with scripted(saying(body.encode(), status=status)) as server:
                theirs = replace(account(rig.simulator), base_url=server.url)
                provider = provider_for(rig.simulator, rig.storage, instead=theirs)
                answer = provider.submit(rig.shot())
                provider.close()
            assert isinstance(answer, Refused | InDoubt)
            if "the reason" not in answer.detail:
                hidden.append(shape)

    assert hidden == []


def test_no_library_of_a_provider_can_disagree_with_its_documents_or_repeat_a_paid_call() -> None:
    """Adapters speak plain HTTP: no provider's own library is imported or installed."""
    theirs = re.compile(
        r"lumaai|luma[-_]agents|openai|replicate|fal[-_]client|runwayml|google[-_]genai|cometapi|adobe"
    )
    locked = [line for path in ROOT.glob("requirements*.lock") for line in path.read_text().splitlines()]
    imported = [
        f"{name}: {line}"
        for name, text in modules("plugin_backend", "worker")
        for line in re.findall(r"^\s*(?:import|from) (\S+)", text, flags=re.MULTILINE)
        if theirs.match(line)
    ]

    assert any(line.startswith("httpx==") for line in locked)
    assert imported == []
    assert [line for line in locked if theirs.match(line)] == []
