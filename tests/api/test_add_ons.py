"""Sound that a further call adds to a finished film: quoted and made apart, given back where it fails."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.making.additions import Addition
from tests.api.people import problem
from tests.api.stage import PURSE, Stage, asking, stage_of
from tests.fakes.conduct import Conduct
from tests.providers.contract import KEY, SUBJECTS, provider_for
from tests.services.remote import Remote, turn_to_next, work_off
from worker.media.process import MediaProcess
from worker.providers.protocol import Broken, InDoubt, Progress, Refused, Running

FILM, SOUND = 71, 20
SHOT = {"resolution": "720p", "audio": True}


@pytest.fixture
def luma() -> Remote:
    return Remote(name="luma-dream-machine")


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path, luma: Remote) -> Iterator[Stage]:
    """A service whose operator sells Ray2's sound for 20 credits a take."""
    with stage_of(app, roomy, tmp_path, luma, prices=f"ray-2:audio={SOUND}") as opened:
        yield opened


def until_posted(stage: Stage, luma: Remote, count: int) -> None:
    while len(luma.posts) < count:
        work_off(stage.studio)
        if len(luma.posts) < count:
            turn_to_next(stage.studio)


def quote_of(stage: Stage, model: str, **brief: Any) -> dict[str, Any]:
    quotes = stage.editor.post("/v1/quotes", asking("master", model, **brief)).json["quotes"]
    found: dict[str, Any] = next(quote for quote in quotes if quote["model"] == model)
    return found


def test_sound_is_a_line_of_its_own_in_the_quote(stage: Stage) -> None:
    silent, sounding = (quote_of(stage, "ray-2", **{**SHOT, "audio": audio}) for audio in (False, True))

    assert (silent["credits"], sounding["credits"]) == (FILM, FILM + SOUND)
    assert silent["lines"] == [{"what": "film", "seconds": 5, "credits_per_take": FILM}]
    assert sounding["lines"] == [
        *silent["lines"],
        {"what": "audio", "seconds": 5, "credits_per_take": SOUND},
    ]


def test_it_is_sold_only_where_it_has_a_price(stage: Stage) -> None:
    models = {model["id"]: model for model in stage.editor.get("/v1/models").json["items"]}

    assert models["ray-2"]["add_ons"] == [{"addition": "audio", "sold": True, "price": [{"credits": SOUND}]}]
    assert models["ray-flash-2"]["add_ons"] == [{"addition": "audio", "sold": False, "price": []}]
    refused = stage.editor.post("/v1/generations", asking("master", "ray-flash-2", **SHOT))
    assert problem(refused) == "unsupported-by-model"
    (error,) = refused.json["errors"]
    assert error["pointer"] == "/brief/audio"
    assert "nobody has published a price" in error["detail"]
    assert "sound by a second call" in quote_of(stage, "ray-flash-2", **SHOT)["reasons"][0]
    assert stage.purse() == (PURSE, 0)


def test_a_shot_in_parts_has_no_sound_added(stage: Stage) -> None:
    answer = stage.editor.post("/v1/generations", asking("master", "ray-2", duration_seconds=14, **SHOT))

    assert [error["pointer"] for error in answer.json["errors"]] == ["/brief/audio"]
    assert "single new shot" in answer.json["errors"][0]["detail"]


def test_the_film_comes_first_and_sound_is_a_second_call_on_it(stage: Stage, luma: Remote) -> None:
    made = stage.ask("master", "ray-2", **SHOT)
    assert made["cost"]["credits_held"] == FILM + SOUND

    found = stage.end(made)

    assert found["state"] == "ready"
    film, sound = luma.posts
    assert (film.addition, sound.addition) == (None, Addition.AUDIO)
    assert sound.continued is not None
    assert sound.continued.provider_ref == "luma-dream-machine-1"
    receipt = stage.see(made, "/receipt")
    assert [(each["part"], each["state"], each["billed"]) for each in receipt["attempts"]] == [
        (0, "closed", True),
        (1, "closed", True),
    ]
    assert (receipt["takes"][0]["parts"], receipt["without"]) == (1, [])
    assert receipt["credits"]["settled"] == FILM + SOUND
    assert stage.purse() == (PURSE - FILM - SOUND, 0)
    # What is kept is the film with its sound, and only that.
    source = stage.studio.one("SELECT source FROM takes")
    assert len(source["parts"]) == 1
    fetched = stage.studio.one("SELECT fetched FROM takes")
    assert "luma-dream-machine-2" in fetched["files"][0]["from"]


REFUSALS = {
    "refused": Refused("moderated", "The words of the sound were refused."),
    "out of money": Refused("provider-failed", "HTTP 402", is_outage=True),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_sound_that_is_refused_leaves_the_film_ready_and_its_price_returns(
    stage: Stage, luma: Remote, name: str
) -> None:
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, 1)
    luma.answers = [REFUSALS[name]]

    assert stage.end(made)["state"] == "ready"

    receipt = stage.see(made, "/receipt")
    (without,) = receipt["without"]
    assert (without["take"], without["what"], without["credits_returned"]) == (1, "audio", SOUND)
    assert without["why"] == REFUSALS[name].detail
    assert f"Take 1 goes without audio, whose {SOUND} credits returned." in receipt["why"]
    assert (receipt["credits"]["settled"], receipt["credits"]["returned"]) == (FILM, SOUND)
    assert (receipt["takes"][0]["credits"], receipt["takes"][0]["failure"]) == (FILM, None)
    assert stage.purse() == (PURSE - FILM, 0)
    assert stage.operator.get("/v1/admin/exposures").json["items"] == []
    assert any(note["data"].get("without") == "audio" for note in stage.see(made, "/trace")["items"])


FATES: dict[str, Progress] = {
    "broken": Broken("provider-failed", "The sound broke."),
    "moderated": Broken("moderated", "The sound was moderated."),
    "never finished": Running(0.5),
}


@pytest.mark.parametrize("name", FATES)
def test_a_sound_that_comes_to_nothing_is_given_back_and_shown_to_the_operator(
    stage: Stage, luma: Remote, name: str
) -> None:
    luma.fates = {1: FATES[name]}
    made = stage.ask("master", "ray-2", **SHOT)

    assert stage.end(made)["state"] == "ready"

    assert stage.purse() == (PURSE - FILM, 0)
    (exposure,) = stage.operator.get("/v1/admin/exposures").json["items"]
    assert (exposure["part"], exposure["credits"]) == (1, SOUND)
    assert exposure["provider_ref"] == "luma-dream-machine-2"
    fetched = stage.studio.one("SELECT fetched FROM takes")
    assert "luma-dream-machine-1" in fetched["files"][0]["from"]


@pytest.mark.parametrize("hears", [True, False])
def test_a_sound_in_doubt_is_never_sent_again_while_it_may_exist(
    stage: Stage,
    luma: Remote,
    hears: bool,  # noqa: FBT001 - a case of the table
) -> None:
    luma.hears = hears
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, 1)
    luma.answers = [InDoubt("reset by peer")]

    assert stage.end(made)["state"] == "ready"

    assert len(luma.posts) == 2  # nobody can say whether it is there: it goes without
    assert stage.see(made, "/receipt")["without"][0]["credits_returned"] == SOUND
    assert stage.purse() == (PURSE - FILM, 0)


@pytest.mark.parametrize(("hears", "posts"), [(True, 2), (False, 3)])
def test_a_sound_in_doubt_is_found_again_where_its_provider_lists(
    stage: Stage,
    luma: Remote,
    hears: bool,  # noqa: FBT001 - a case of the table
    posts: int,
) -> None:
    luma.lists, luma.hears = True, hears
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, 1)
    luma.answers = [InDoubt("reset by peer")]

    assert stage.end(made)["state"] == "ready"

    assert (len(luma.posts), len(luma.jobs)) == (posts, 2)
    assert stage.see(made, "/receipt")["without"] == []
    assert stage.purse() == (PURSE - FILM - SOUND, 0)


def test_a_refusal_that_passes_is_tried_again(stage: Stage, luma: Remote) -> None:
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, 1)
    luma.answers = [Refused("provider-failed", "Slow down.", retryable=True, retry_after_seconds=5)]

    assert stage.end(made)["state"] == "ready"

    assert [shot.addition for shot in luma.posts] == [None, Addition.AUDIO, Addition.AUDIO]
    assert stage.purse() == (PURSE - FILM - SOUND, 0)


def test_cancelled_before_its_sound_the_film_is_kept_and_only_it_is_charged(
    stage: Stage, luma: Remote
) -> None:
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, 1)
    stage.editor.post(f"/v1/generations/{made['id']}/cancel")

    assert stage.end(made)["state"] == "cancelled"

    assert len(luma.posts) == 1
    assert stage.purse() == (PURSE - FILM, 0)


@pytest.mark.parametrize("sent", [0, 1])
def test_a_price_that_changes_meanwhile_changes_nothing_that_was_quoted(
    stage: Stage, luma: Remote, sent: int
) -> None:
    luma.fates = {1: Broken("provider-failed", "The sound broke.")}
    made = stage.ask("master", "ray-2", **SHOT)
    until_posted(stage, luma, sent)

    assert stage.at("ray-2:audio=500").end(made)["state"] == "ready"

    assert stage.see(made, "/receipt")["credits"]["settled"] == FILM
    assert stage.purse() == (PURSE - FILM, 0)


@pytest.mark.slow
def test_a_played_upstream_adds_sound_to_its_film(stage: Stage, tmp_path: Path) -> None:
    subject = next(each for each in SUBJECTS if each.name == "luma-dream-machine")
    conduct = Conduct(key=KEY, picture_scale=0.1, fetches_inputs=False, seconds=60.0)
    with subject.simulator(conduct) as played, MediaProcess(2560, tmp_path / "media") as media:
        played.clock.run(speed=0)
        provider = provider_for(played, stage.house.storage)
        runtime = replace(stage.studio.runtime, media=media, providers={played.name: provider})
        real = replace(stage, studio=replace(stage.studio, runtime=runtime))
        made = real.ask("master", "ray-2", **SHOT)

        found = real.end(made, turned=lambda by: played.clock.advance(by.total_seconds()))
        provider.close()

    assert found["state"] == "ready", found
    source = stage.studio.one("SELECT source FROM takes")
    assert (len(source["parts"]), source["audio"]) == (1, True)
    assert [job.body["generation_type"] for job in played.jobs.everything()] == ["video", "add_audio"]
    assert stage.purse() == (PURSE - FILM - SOUND, 0)
