"""A quote for working a film over refuses what the request would refuse, naming the same field."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from plugin_backend.config import Settings
from tests.api.people import problem
from tests.api.stage import Stage, asking, stage_of
from tests.services.remote import Remote


@pytest.fixture
def stage(app: Flask, roomy: Settings, tmp_path: Path) -> Iterator[Stage]:
    remotes = (Remote(), Remote(name="luma-dream-machine"))
    with stage_of(app, roomy, tmp_path, *remotes) as opened:
        yield opened


@pytest.fixture
def film(stage: Stage) -> str:
    """A take of five seconds that ray-3.2 made."""
    take_id: str = stage.end(stage.ask("draft", "ray-3.2"))["takes"][0]["id"]
    return take_id


def working_over(take_id: str, operation: str, **brief: Any) -> dict[str, Any]:
    source = {"take_id": take_id, "operation": operation}
    return asking("master", "ray-3.2", resolution="720p", source=source, **brief)


@pytest.mark.parametrize("operation", ["edit", "reframe"])
def test_a_length_that_the_film_has_not_is_refused_alike(stage: Stage, film: str, operation: str) -> None:
    body = working_over(film, operation, duration_seconds=10)

    quote, made = stage.editor.post("/v1/quotes", body), stage.editor.post("/v1/generations", body)

    assert problem(quote) == problem(made) == "validation"
    assert quote.json["errors"] == made.json["errors"]
    (error,) = quote.json["errors"]
    assert error["pointer"] == "/brief/duration_seconds"
    assert "lasts 5 s" in error["detail"]


@pytest.mark.parametrize("operation", ["edit", "reframe"])
def test_the_films_own_length_is_quoted_at_what_is_held(stage: Stage, film: str, operation: str) -> None:
    body = working_over(film, operation, duration_seconds=5)

    told = stage.editor.post("/v1/quotes", body).json
    made = stage.editor.post("/v1/generations", body).json

    assert told["routing"]["credits_held"] == made["cost"]["credits_held"] > 0


def test_a_film_that_is_not_there_is_not_quoted(stage: Stage, film: str) -> None:
    stranger = stage.town.settle("strange@example.com", plan="studio")
    nowhere = working_over("take_nowhere", "edit")

    assert problem(stage.editor.post("/v1/quotes", nowhere)) == "validation"
    assert problem(stranger.post("/v1/quotes", working_over(film, "edit"))) == "validation"


def test_only_models_of_the_films_own_maker_are_quoted_for_going_on_from_it(stage: Stage, film: str) -> None:
    quotes = stage.editor.post("/v1/quotes", working_over(film, "extend")).json["quotes"]

    assert [quote["model"] for quote in quotes if quote["possible"]] == ["ray-3.2"]
    assert quotes[0]["model"] == "ray-3.2"
    (ray_2,) = (quote for quote in quotes if quote["model"] == "ray-2")
    assert "give the last frame" in ray_2["reasons"][0]
    assert ray_2["credits"] is None


def test_nothing_would_be_held_while_a_model_that_may_follow_cannot_go_on(stage: Stage, film: str) -> None:
    body = working_over(film, "extend")

    alone = stage.editor.post("/v1/quotes", body).json["routing"]
    followed = stage.editor.post("/v1/quotes", body | {"fallback_models": ["ray-2"]}).json["routing"]
    refused = stage.editor.post("/v1/generations", body | {"fallback_models": ["ray-2"]})

    assert alone["credits_held"] > 0
    assert followed["credits_held"] is None
    assert [choice["why_not"] for choice in followed["choices"]] == [
        None,
        refused.json["errors"][0]["detail"],
    ]
    made = stage.editor.post("/v1/generations", body).json
    assert made["cost"]["credits_held"] == alone["credits_held"]
