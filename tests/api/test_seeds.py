"""The seed that a take shows is the one its provider was sent; of a model that takes none it shows none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.making.seeds import LARGEST_SENT
from tests.api.stage import Stage, asking, stage_of
from tests.services.remote import Remote


@pytest.fixture
def atlas() -> Remote:
    return Remote(name="atlas")


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path, atlas: Remote) -> Iterator[Stage]:
    with stage_of(app, roomy, tmp_path, Remote(), atlas) as opened:
        yield opened


def test_a_take_of_a_model_without_seeds_shows_none(stage: Stage) -> None:
    made = stage.end(stage.ask("draft", "ray-3.2"))

    assert (made["state"], made["takes"][0]["seed"]) == ("ready", None)


@pytest.mark.parametrize(("given", "shown"), [(7, [7, 8]), (LARGEST_SENT, [LARGEST_SENT, 0])])
def test_a_seed_is_shown_as_it_is_sent(stage: Stage, atlas: Remote, given: int, shown: list[int]) -> None:
    body = {**asking("draft", "veo-3.1", duration_seconds=8, seed=given), "takes": 2}

    made = stage.end(stage.editor.post("/v1/generations", body).json)

    assert [take["seed"] for take in made["takes"]] == shown
    assert sorted(shot.seed for shot in atlas.posts) == sorted(shown)
    assert made["brief"]["seed"] == given


def test_a_seed_of_its_own_is_no_longer_than_what_is_sent(stage: Stage, atlas: Remote) -> None:
    body = {**asking("draft", "veo-3.1", duration_seconds=8), "takes": 4}

    made = stage.end(stage.editor.post("/v1/generations", body).json)

    shown = {take["seed"] for take in made["takes"]}
    assert shown == {shot.seed for shot in atlas.posts}
    assert len(shown) == 4
    assert max(shown) <= LARGEST_SENT
