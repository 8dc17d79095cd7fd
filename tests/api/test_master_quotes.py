"""What a master will cost, and how it will be made of its draft, is told before anything is spent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.brief import Kind, Operation, Resolution
from plugin_backend.domain.callers import Role
from plugin_backend.domain.catalogue import Catalogue, Model
from tests.api.people import problem
from tests.api.stage import PURSE, Stage, asking, stage_of
from tests.services.remote import Remote
from worker.providers.protocol import MediaRunner, Shot, StoredTake

PRICES: Final = "firefly-video=50, kling-2.6=10/s, vidu-q3=12/s"
DRAFTING: Final = tuple(
    model for model in Catalogue.load().models if model.retired is None and Kind.DRAFT in model.kinds
)
PROVIDERS: Final = sorted({model.provider for model in DRAFTING} - {"animatic"})
SIZES: Final = (None, *(size.value for size in Resolution))


@dataclass
class Keeping(Remote):
    """Keeps a take's first and last frame, as a media step does."""

    frame_count: int = 120
    """At 24 a second."""

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        stored = Remote.store(self, shot, fetched, run=run)
        frames = {role: {"key": f"{shot.take_id}/{role}.png"} for role in ("first_frame", "last_frame")}
        return replace(stored, files=frames, facts={**stored.facts, "frame_count": self.frame_count})


@pytest.fixture
def remotes() -> dict[str, Keeping]:
    return {name: Keeping(name=name) for name in PROVIDERS}


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path, remotes: dict[str, Keeping]) -> Iterator[Stage]:
    """A service with an account at every provider, that sells every model."""
    with stage_of(app, roomy, tmp_path, *remotes.values(), prices=PRICES) as opened:
        yield opened


@pytest.fixture
def drafted(stage: Stage) -> Callable[..., str]:
    """Make a draft of a model; the id of its take."""

    def draft(model: str, **brief: Any) -> str:
        ended = stage.end(stage.ask("draft", model, **brief))
        assert ended["state"] == "ready", ended["failure"]
        take_id: str = ended["takes"][0]["id"]
        return take_id

    return draft


def quoted(stage: Stage, take_id: str, **body: Any) -> dict[str, Any]:
    answer = stage.editor.post(f"/v1/takes/{take_id}/master/quote", body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def held_for(stage: Stage, take_id: str, **body: Any) -> dict[str, Any]:
    """The master, stopped at once so that its credits return."""
    answer = stage.editor.post(f"/v1/takes/{take_id}/master", body)
    assert answer.status_code == 202, answer.text
    assert stage.editor.post(f"/v1/generations/{answer.json['id']}/cancel").status_code == 200
    found: dict[str, Any] = answer.json
    return found


def length_of(model: Model) -> int:
    """Five seconds where the model makes them."""
    lengths = model.durations_for(Operation.GENERATE)
    return 5 if Fraction(5) in lengths else int(lengths.listed[0])


@pytest.mark.slow
@pytest.mark.parametrize("drafting", DRAFTING, ids=lambda model: model.id)
def test_a_master_holds_what_its_quote_said_or_is_refused_as_the_quote_was(
    stage: Stage, drafted: Callable[..., str], drafting: Model
) -> None:
    take_id = drafted(drafting.id, duration_seconds=length_of(drafting))
    before = stage.purse()
    agreed = []

    for model, size, dynamic_range in product((None, "ray-3.2", "ray-2"), SIZES, (None, "sdr")):
        body = {"model": model, "resolution": size, "dynamic_range": dynamic_range}
        told = stage.editor.post(f"/v1/takes/{take_id}/master/quote", body)
        if told.status_code != 200:
            asked = stage.editor.post(f"/v1/takes/{take_id}/master", body)
            assert (problem(asked), asked.json["detail"]) == (problem(told), told.json["detail"])
            continue
        made = held_for(stage, take_id, **body)
        (quote,) = told.json["quotes"]
        promotion = told.json["promotion"]
        assert made["cost"]["credits_held"] == told.json["routing"]["credits_held"] == quote["credits"]
        assert (made["model"], made["promotion"]["method"]) == (promotion["model"], promotion["method"])
        assert made["brief"]["resolution"] == promotion["resolution"]
        agreed.append(body)

    assert agreed
    assert stage.purse() == before


def test_a_draft_worked_over_in_hdr_is_quoted_as_the_edit_it_is(
    stage: Stage, drafted: Callable[..., str]
) -> None:
    take_id = drafted("ray-3.2")
    before = stage.studio.everything()

    told = quoted(stage, take_id, resolution="1080p")

    (quote,) = told["quotes"]
    assert (quote["possible"], quote["credits"], quote["model"]) == (True, 432, "ray-3.2")
    assert told["promotion"] == {
        "method": "edit-source",
        "model": "ray-3.2",
        "draft_take_id": take_id,
        "draft_model": "ray-3.2",
        "resolution": "1080p",
        "dynamic_range": "hdr",
        "why": "ray-3.2 works the draft over, as close to it as it can, at the price of an edit.",
    }
    assert stage.studio.everything() == before


def test_a_draft_that_came_out_longer_is_worked_over_and_charged_at_its_length(
    stage: Stage, drafted: Callable[..., str], remotes: dict[str, Keeping]
) -> None:
    remotes["atlas"].frame_count = 123
    take_id = drafted("kling-3.0")

    told = quoted(stage, take_id, model="ray-3.2", resolution="1080p", dynamic_range="sdr")
    made = held_for(stage, take_id, model="ray-3.2", resolution="1080p", dynamic_range="sdr")

    assert told["quotes"][0]["lines"] == [{"what": "film", "seconds": 5.125, "credits_per_take": 222}]
    assert (made["brief"]["duration_seconds"], made["cost"]["credits_held"]) == (5.125, 222)


def test_a_draft_is_made_larger_by_its_own_model_rather_than_anew_by_a_dearer_one(
    stage: Stage, drafted: Callable[..., str]
) -> None:
    take_id = drafted("ray-flash-2")

    usual, named = quoted(stage, take_id), quoted(stage, take_id, model="ray-2", resolution="2160p")
    small = quoted(stage, take_id, resolution="720p")

    assert usual["routing"]["credits_held"] == 219
    assert (usual["promotion"]["model"], usual["promotion"]["method"]) == ("ray-flash-2", "upscale")
    assert "ray-2 would go by keyframes" in usual["promotion"]["why"]
    assert (named["routing"]["credits_held"], named["promotion"]["method"]) == (637, "keyframes")
    assert (small["promotion"]["model"], small["promotion"]["method"]) == ("ray-2", "keyframes")


def test_models_that_may_follow_count_in_what_a_master_holds(stage: Stage) -> None:
    body = asking("draft", "ray-flash-2") | {"fallback_models": ["ray-2"]}
    made = stage.editor.post("/v1/generations", body).json
    take_id = stage.end(made)["takes"][0]["id"]

    told = quoted(stage, take_id, resolution="1080p")

    assert [choice["model"] for choice in told["routing"]["choices"]] == ["ray-flash-2", "ray-2"]
    assert told["routing"]["credits_held"] == 159
    assert held_for(stage, take_id, resolution="1080p")["cost"]["credits_held"] == 159


def test_a_quote_over_what_is_allowed_is_refused_with_its_price(
    stage: Stage, drafted: Callable[..., str]
) -> None:
    take_id = drafted("ray-3.2")
    path, body = f"/v1/takes/{take_id}/master", {"resolution": "720p", "max_credits": 215}

    refused, asked = stage.editor.post(f"{path}/quote", body), stage.editor.post(path, body)

    assert problem(refused) == problem(asked) == "price-changed"
    assert "216" in refused.json["detail"]
    assert quoted(stage, take_id, resolution="720p", max_credits=216)["routing"]["credits_held"] == 216


def test_a_master_is_quoted_to_whoever_may_read_the_take_and_however_poor(stage: Stage) -> None:
    made = stage.ask("draft", "animatic")
    take_id = stage.end(made)["takes"][0]["id"]
    home = stage.editor.workspace_id
    viewer = stage.town.settle("views@example.com", role=Role.VIEWER, workspace_id=home)
    stranger = stage.town.settle("strange@example.com", plan="studio", credit=PURSE)
    path = stage.see(made)["promotion"]["quote_href"]

    assert path == f"/v1/takes/{take_id}/master/quote"
    assert viewer.post(path).json["routing"]["credits_held"] == 10
    assert problem(stranger.post(path)) == "not-found"
    assert problem(stage.editor.post(path, {"resolution": "4k"})) == "validation"
    assert stage.editor.delete(f"/v1/generations/{made['id']}").status_code == 204
    assert problem(stage.editor.post(path)) == "gone"
