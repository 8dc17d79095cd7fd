"""`model: auto` goes by what models have really taken here, where there is enough of it, and says so."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from plugin_backend.services.house import House
from plugin_backend.services.making.measured import FEWEST
from tests.api.people import Person

_ENDED = text(
    "UPDATE generations SET state = 'ready', finished_at = created_at + make_interval(secs => :seconds),"
    " credits_settled = credits_per_take * :paid WHERE model = :model AND finished_at IS NULL"
)
_STORED = text("UPDATE takes SET state = 'stored', source = '{}'")


@pytest.fixture
def house(house: House) -> House:
    """A service that has the keys of Atlas Cloud and of Luma."""
    return replace(house, configured_providers=frozenset({"atlas", "luma", "luma-dream-machine"}))


def asking(route: str, model: str = "auto", takes: int = 1) -> dict[str, Any]:
    return {"kind": "draft", "brief": {"prompt": "fog", "model": model}, "route": route, "takes": takes}


def used(
    house: House, person: Person, model: str, *, seconds: float, paid: int = 1, times: int = FEWEST
) -> None:
    """As many drafts as that, ready after so long, of which each was picked out of so many takes."""
    for _ in range(times):
        answer = person.post("/v1/generations", asking("cheapest", model, takes=paid))
        assert answer.status_code == 202, answer.text
    with house.engine.begin() as connection:
        connection.execute(_ENDED, {"model": model, "seconds": seconds, "paid": paid})
        connection.execute(_STORED)


def considered(person: Person, route: str) -> tuple[list[str], dict[str, Any]]:
    """The models in the order that `auto` has them, and all that is said about it."""
    answer = person.post("/v1/quotes", asking(route)).json
    told: dict[str, Any] = answer["routing"]["auto"]
    names = [each["model"] for each in told["considered"]]
    assert answer["routing"]["choices"][0]["model"] == names[0]
    return names, told


def chosen(person: Person, route: str) -> str:
    made = person.post("/v1/generations", asking(route)).json
    return str(made["model"])


def test_without_figures_of_its_own_the_catalogue_decides(editor: Person) -> None:
    names, told = considered(editor, "fastest")

    assert names[0] == "ray-3.2" == chosen(editor, "fastest")
    assert {each["figures"] for each in told["considered"]} == {"catalogue"}
    assert told["why"] == "ray-3.2 is the fastest: 20 s to a take, by the catalogue."


def test_the_fastest_is_who_was_fastest_here(house: House, editor: Person) -> None:
    used(house, editor, "kling-3.0", seconds=8)

    names, told = considered(editor, "fastest")

    assert names[0] == "kling-3.0" == chosen(editor, "fastest")
    assert told["considered"][0] == {
        "model": "kling-3.0",
        "figures": "measured",
        "sample": FEWEST,
        "credits_per_accepted_take": 42,
        "seconds": 8,
        "retries_per_take": 0,
    }
    assert told["why"] == f"kling-3.0 is the fastest: 8 s to a take, measured on {FEWEST} finished here."


def test_the_cheapest_is_who_costs_least_for_a_take_that_is_accepted(house: House, editor: Person) -> None:
    used(house, editor, "ray-3.2", seconds=20, paid=4)  # at 6 credits a take; the next one asks 14

    names, told = considered(editor, "cheapest")

    assert names[:2] == ["ray-flash-2", "ray-3.2"]
    assert chosen(editor, "cheapest") == "ray-flash-2"
    assert [each["credits_per_accepted_take"] for each in told["considered"][:2]] == [14, 24]
    assert [each["figures"] for each in told["considered"][:2]] == ["catalogue", "measured"]


def test_too_few_say_nothing(house: House, editor: Person) -> None:
    used(house, editor, "kling-3.0", seconds=1, times=FEWEST - 1)

    assert considered(editor, "fastest")[0][0] == "ray-3.2"


def test_what_a_fallback_made_is_not_measured_as_its_own(house: House, editor: Person) -> None:
    used(house, editor, "kling-3.0", seconds=1)
    with house.engine.begin() as connection:
        connection.execute(text("UPDATE takes SET choice = 1, model = 'ray-3.2'"))

    assert considered(editor, "fastest")[0][0] == "ray-3.2"


def test_a_model_that_is_named_is_not_chosen(editor: Person) -> None:
    answer = editor.post("/v1/quotes", asking("fastest", "kling-3.0")).json

    assert answer["routing"]["auto"] is None
    assert [each["model"] for each in answer["routing"]["choices"]] == ["kling-3.0"]
