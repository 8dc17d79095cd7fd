"""Films that a request works on or goes on from: refused before anything is held, with the way out."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.domain.brief import Kind, Operation, Resolution, Source
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.services import generations
from tests.domain.requests import asked
from tests.services.remote import Remote, far, settle
from tests.services.studio import Studio

FIVE = Fraction(5)


@pytest.fixture
def caller(studio: Studio) -> Caller:
    return studio.person(credits_granted=2_000)


def _taken(studio: Studio, caller: Caller, model: str) -> str:
    """A stored take of 120 frames at 24 that this model made."""
    wanted = asked(kind=Kind.MASTER, model=model, resolution=Resolution.P720)
    return settle(studio, studio.ask(caller, wanted)).takes[0].id


def _refusal(studio: Studio, caller: Caller, source: Source, **brief: Any) -> tuple[str, str]:
    before = studio.balance(caller)
    wanted = asked(kind=Kind.MASTER, model="ray-3.2", resolution=Resolution.P720, source=source, **brief)
    with pytest.raises(ValidationFailedError) as refused:
        generations.request(studio.house, caller, [wanted])
    assert studio.balance(caller) == before
    (problem,) = refused.value.problems
    return problem.pointer, problem.detail


@pytest.mark.parametrize("operation", [Operation.EDIT, Operation.REFRAME])
@pytest.mark.parametrize("seconds", [Fraction(4), Fraction(10)])
def test_what_is_worked_on_is_priced_by_its_own_length(
    studio: Studio, caller: Caller, operation: Operation, seconds: Fraction
) -> None:
    studio = far(studio, Remote())
    source = Source(operation=operation, take_id=_taken(studio, caller, "ray-3.2"))

    pointer, detail = _refusal(studio, caller, source, duration_seconds=seconds)

    assert pointer == "/brief/duration_seconds"
    assert "5 s" in detail
    right = asked(kind=Kind.MASTER, model="ray-3.2", resolution=Resolution.P720, source=source)
    assert studio.ask(caller, right).generation.credits_held > 0


@pytest.mark.parametrize("maker", ["animatic", "ray-2"])
def test_an_extension_goes_on_from_its_own_providers_take_only(
    studio: Studio, caller: Caller, maker: str
) -> None:
    studio = far(studio, Remote(), Remote(name="luma-dream-machine"))
    source = Source(operation=Operation.EXTEND, take_id=_taken(studio, caller, maker))

    pointer, detail = _refusal(studio, caller, source)

    assert pointer == "/brief/source"
    assert "first frame" in detail


def test_a_model_that_may_follow_must_be_able_to_go_on_from_it_too(studio: Studio, caller: Caller) -> None:
    studio = far(studio, Remote(), Remote(name="luma-dream-machine"))
    source = Source(operation=Operation.EXTEND, take_id=_taken(studio, caller, "ray-3.2"))
    wanted = asked(kind=Kind.MASTER, model="ray-3.2", resolution=Resolution.P720, source=source)

    with pytest.raises(ValidationFailedError, match="ray-2 goes on"):
        generations.request(studio.house, caller, [replace(wanted, fallback_models=("ray-2",))])

    assert studio.ask(caller, wanted).generation.model == "ray-3.2"


@pytest.mark.parametrize(
    ("kind", "seconds", "pointer"),
    [
        ("image", None, "/brief/source/asset_id"),
        ("audio", 5.0, "/brief/source/asset_id"),
        ("video", 7.341666, "/brief/duration_seconds"),
    ],
)
def test_an_asset_that_is_worked_on_is_a_film_of_that_length(
    studio: Studio, caller: Caller, kind: str, seconds: float | None, pointer: str
) -> None:
    studio = far(studio, Remote())
    source = Source(operation=Operation.EDIT, asset_id=_asset(studio, caller, kind, seconds))

    found, detail = _refusal(studio, caller, source, duration_seconds=FIVE)

    assert found == pointer
    if kind == "video":
        assert "7.342 s" in detail
        wanted = asked(
            kind=Kind.MASTER,
            model="ray-3.2",
            resolution=Resolution.P720,
            source=source,
            duration_seconds=Fraction("7.342"),
        )
        assert studio.ask(caller, wanted).generation.credits_held > 0


def _asset(studio: Studio, caller: Caller, kind: str, seconds: float | None) -> str:
    """A checked asset, as a media step leaves it."""
    insert = (
        "INSERT INTO assets (id, workspace_id, owner_id, state, kind, media_type, bytes, duration_seconds,"
        " files, created_at, updated_at) VALUES ('ast_1', :workspace_id, :owner_id, 'ready', :kind,"
        " 'video/mp4', 1, :seconds, '{}', :now, :now)"
    )
    values = {"workspace_id": caller.workspace_id, "owner_id": caller.user_id, "kind": kind}
    with studio.house.engine.begin() as connection:
        connection.execute(text(insert), {**values, "seconds": seconds, "now": studio.clock.moment})
    return "ast_1"
