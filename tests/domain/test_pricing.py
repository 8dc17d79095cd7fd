from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugin_backend.domain.brief import (
    Direct,
    DynamicRange,
    GenerationRequest,
    Kind,
    LeftOut,
    Operation,
    Resolution,
    Route,
    Source,
)
from plugin_backend.domain.capabilities import capability_problems
from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.errors import UnsupportedByModelError
from plugin_backend.domain.making.choosing import choose_model
from plugin_backend.domain.money.pricing import expected_seconds, for_model, price, quote_all
from plugin_backend.domain.money.quotes import Quote
from tests.domain.requests import asked, requests

CATALOGUE = Catalogue.load()
EVERYONE = frozenset(model.provider for model in CATALOGUE.models)
LIVE = st.sampled_from([model for model in CATALOGUE.models if model.retired is None])
TEN = Fraction(10)
EDIT = Source(operation=Operation.EDIT, take_id="take_1")
REFRAME = Source(operation=Operation.REFRAME, take_id="take_1")
HDR = DynamicRange.HDR


def quotes(request: GenerationRequest, configured: frozenset[str] = EVERYONE) -> dict[str, Quote]:
    return {quote.model: quote for quote in quote_all(request, CATALOGUE, configured)}


@pytest.mark.parametrize(
    ("model", "brief", "credits"),
    [
        ("animatic", {}, 10),
        ("animatic", {"resolution": "2160p"}, 40),
        ("animatic", {"resolution": "2160p", "dynamic_range": HDR, "exr": True}, 40),
        ("animatic", {"duration_seconds": Fraction("2.3")}, 5),
        ("ray-3.2", {"resolution": "360p"}, 6),
        ("ray-3.2", {"resolution": "540p"}, 15),
        ("ray-3.2", {"resolution": "720p", "duration_seconds": TEN}, 90),
        ("ray-3.2", {}, 120),
        ("ray-3.2", {"duration_seconds": TEN}, 360),
        ("ray-3.2", {"resolution": "720p", "dynamic_range": HDR}, 60),
        ("ray-3.2", {"dynamic_range": HDR}, 240),
        ("ray-3.2", {"dynamic_range": HDR, "exr": True}, 360),
        ("ray-3.2", {"resolution": "540p", "source": EDIT}, 72),
        ("ray-3.2", {"source": EDIT, "duration_seconds": TEN}, 432),
        ("ray-3.2", {"source": EDIT, "dynamic_range": HDR, "exr": True, "duration_seconds": TEN}, 1296),
        ("ray-3.2", {"source": REFRAME, "duration_seconds": TEN}, 360),
        ("ray-3.2", {"source": Source(operation=Operation.EXTEND, take_id="t")}, 120),
        ("ray-2", {"resolution": "540p"}, 40),
        ("ray-2", {"resolution": "2160p", "duration_seconds": Fraction(9)}, 1147),
        ("ray-flash-2", {"resolution": "2160p"}, 219),
        ("ray-3-atlas", {"duration_seconds": TEN}, 100),
        ("veo-3.1", {"duration_seconds": Fraction(8), "audio": True}, 320),
        ("kling-3.0", {}, 56),
        ("hailuo-02", {"duration_seconds": Fraction(6)}, 49),
    ],
)  # fmt: skip
def test_a_master_costs_what_the_list_says(model: str, brief: dict[str, Any], credits: int) -> None:
    size = Resolution(brief.pop("resolution", "1080p"))
    request = asked(kind=Kind.MASTER, resolution=size, **brief)
    found = price(request, CATALOGUE.model(model))
    assert (found.credits_per_take, found.credits_total, found.usd_cents) == (credits, credits, credits)
    assert found.draft_units == 0


def test_a_draft_costs_a_unit_and_its_credits_for_every_take_and_iteration() -> None:
    request = asked(takes=3, direct=Direct(max_iterations=2), resolution=Resolution.P360)
    found = price(request, CATALOGUE.model("ray-3.2"))
    assert (found.credits_per_take, found.credits_total, found.draft_units) == (6, 54, 9)
    free = price(request, CATALOGUE.model("animatic"))
    assert (free.credits_per_take, free.credits_total, free.draft_units, free.usd_cents) == (0, 0, 9, 0)


def test_what_has_no_price_is_not_sold() -> None:
    with pytest.raises(UnsupportedByModelError, match="No list price"):
        price(asked(), CATALOGUE.model("firefly-video"))
    assert "No list price" in quotes(asked())["firefly-video"].reasons[0]


@given(requests, LIVE)
def test_a_price_is_never_negative_and_adds_up(request: GenerationRequest, model: Model) -> None:
    try:
        found = price(request, model)
    except UnsupportedByModelError:
        return
    assert 0 <= found.credits_per_take <= found.credits_total == found.usd_cents
    assert found.credits_total % request.takes == 0
    assert (found.draft_units == 0) == (request.kind is Kind.MASTER)


@given(requests, LIVE, st.fractions(Fraction(1, 2), 30), st.fractions(Fraction(1, 2), 30))
def test_a_longer_shot_never_costs_less(
    request: GenerationRequest, model: Model, one: Fraction, other: Fraction
) -> None:
    short, long = (
        replace(request, brief=replace(request.brief, duration_seconds=length))
        for length in sorted((one, other))
    )
    try:
        assert price(short, model).credits_total <= price(long, model).credits_total
    except UnsupportedByModelError:
        assume(False)


@given(requests, LIVE)
def test_whatever_a_model_can_do_it_can_be_quoted_for(request: GenerationRequest, model: Model) -> None:
    if model.prices and not capability_problems(request, model):
        assert price(request, model).credits_total >= 0


@given(requests)
def test_quotes_are_ordered_and_honest(request: GenerationRequest) -> None:
    found = quote_all(request, CATALOGUE, frozenset({"luma", "atlas"}))
    assert sorted(quote.model for quote in found) == sorted(model.id for model in CATALOGUE.models)
    possible = [quote for quote in found if quote.possible]
    assert list(found[: len(possible)]) == possible
    costs = [quote.price.credits_total for quote in possible if quote.price is not None]
    assert costs == sorted(costs)
    assert len(costs) == len(possible)
    for quote in found:
        assert quote.possible == (not quote.reasons)


def test_a_quote_reads_as_the_contract_writes_it() -> None:
    request = asked(takes=2, resolution=Resolution.P360)
    assert quotes(request)["ray-3.2"].to_json() == {
        "model": "ray-3.2",
        "possible": True,
        "credits": 12,
        "credits_per_take": 6,
        "lines": [{"what": "film", "seconds": 5, "credits_per_take": 6}],
        "draft_units": 2,
        "usd_cents": 12,
        "expected_seconds": 20,
        "reasons": [],
        "draft": {
            "resolution": "360p",
            "dynamic_range": "sdr",
            "credits": 6,
            "usd_cents": 6,
            "expected_seconds": 20,
        },
        "master": {
            "resolution": "1080p",
            "dynamic_range": "hdr",
            "credits": 240,
            "usd_cents": 240,
            "expected_seconds": 300,
        },
        "ratio": {"cost": "1:40", "time": "1:15"},
        "ratio_note": None,
    }  # fmt: skip


def test_a_shot_too_long_for_hdr_is_quoted_with_an_sdr_master() -> None:
    ten = quotes(asked(duration_seconds=TEN))["ray-3.2"]
    assert ten.master is not None
    assert (ten.master.dynamic_range, ten.master.credits) == (DynamicRange.SDR, 360)


def test_a_draft_dearer_than_a_fifth_of_its_master_is_named() -> None:
    atlas = quotes(asked())["ray-3-atlas"]
    assert atlas.cost_ratio == 1
    assert atlas.ratio_note == "Worse than 1:5: a draft costs 1:1 of its master's price."
    animatic = quotes(asked())["animatic"]
    assert (animatic.cost_ratio, animatic.ratio_note) == (None, None)
    assert animatic.time_ratio is not None
    assert animatic.time_ratio > 5


def test_a_quote_for_an_unconfigured_model_shows_its_price_and_says_what_is_missing() -> None:
    found = quotes(asked(), frozenset())["ray-3.2"]
    assert not found.possible
    assert found.price is not None
    assert "not configured" in found.reasons[0]


def test_without_a_resolution_every_model_is_quoted_at_its_own() -> None:
    request = asked(duration_seconds=TEN)
    plain = {q.model for q in quote_all(request, CATALOGUE, EVERYONE) if q.possible}
    usual = {q.model for q in quote_all(_sizeless(request), CATALOGUE, EVERYONE) if q.possible}
    assert plain == {"animatic", "ray-3.2", "ray-2", "ray-flash-2"}  # the last two in two parts of 5 s
    assert usual == plain | {"ray-3-atlas", "kling-3.0", "seedance-2.0", "hailuo-02"}
    assert for_model(request, CATALOGUE.model("sora-2")) == request


def _sizeless(request: GenerationRequest) -> GenerationRequest:
    return replace(request, brief=replace(request.brief, left_out=frozenset({LeftOut.RESOLUTION})))


def test_the_automatic_choice_follows_the_route() -> None:
    request = asked(kind=Kind.MASTER, resolution=Resolution.P1080)
    chosen = {route: choose_model(replace(request, route=route), CATALOGUE, EVERYONE).id for route in Route}
    assert chosen == {Route.CHEAPEST: "ray-3-atlas", Route.FASTEST: "ray-3.2", Route.BEST: "ray-3.2"}


def test_the_embedded_engine_is_chosen_only_where_nothing_else_is_configured() -> None:
    assert choose_model(asked(), CATALOGUE, frozenset()).id == "animatic"
    assert choose_model(asked(), CATALOGUE, frozenset({"luma"})).id == "ray-3.2"
    with pytest.raises(UnsupportedByModelError, match="5 or 10 s, not 7 s"):
        choose_model(asked(duration_seconds=Fraction(7)), CATALOGUE, frozenset({"luma"}))


def test_what_is_chosen_can_do_the_work() -> None:
    for length in (4, 5, 6, 8, 9, 10, 15):
        request = _sizeless(asked(duration_seconds=Fraction(length)))
        chosen = choose_model(request, CATALOGUE, EVERYONE)
        assert capability_problems(for_model(request, chosen), chosen) == ()


def test_a_draft_is_expected_long_before_its_master() -> None:
    animatic = CATALOGUE.model("animatic")
    draft = expected_seconds(asked(), animatic)
    master = expected_seconds(asked(kind=Kind.MASTER, resolution=Resolution.P2160), animatic)
    assert draft is not None
    assert master is not None
    assert draft * 5 <= master
    assert expected_seconds(asked(), CATALOGUE.model("veo-3.1")) is None
