from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from plugin_backend.domain.brief import (
    Direct,
    DynamicRange,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Reference,
    ReferenceRole,
    Resolution,
    Source,
)
from plugin_backend.domain.capabilities import check_available, check_capabilities, facts
from plugin_backend.domain.catalogue import Catalogue, Model, either
from plugin_backend.domain.errors import (
    ProviderUnavailableError,
    UnsupportedByModelError,
    ValidationFailedError,
)
from tests.domain.requests import asked

CATALOGUE = Catalogue.load()
LIVE = [model for model in CATALOGUE.models if model.retired is None]
RAY = CATALOGUE.model("ray-3.2")
HDR = {"dynamic_range": DynamicRange.HDR, "resolution": Resolution.P1080}
SMALL_HDR = {"dynamic_range": DynamicRange.HDR, "resolution": Resolution.P540}
EXTENDED = Source(operation=Operation.EXTEND, take_id="t")


def refused(request: GenerationRequest, model: Model = RAY) -> dict[str, str]:
    try:
        check_capabilities(request, model)
    except UnsupportedByModelError as refusal:
        return {problem.pointer: problem.detail for problem in refusal.problems}
    return {}


def test_the_catalogue_has_the_models_people_ask_for() -> None:
    assert [model.id for model in CATALOGUE.models] == [
        "animatic", "ray-3.2", "ray-2", "ray-flash-2", "ray-3-atlas", "veo-3.1", "kling-3.0", "kling-2.6",
        "seedance-2.0", "hailuo-02", "vidu-q3", "ray-2-comet", "firefly-video", "sora-2", "dream-machine-1.6",
    ]  # fmt: skip


def test_only_the_embedded_engine_needs_no_account() -> None:
    def usable(*providers: str) -> list[str]:
        return [model.id for model in CATALOGUE.models if model.is_available(frozenset(providers))]

    assert usable() == ["animatic"]
    assert usable("luma", "openai") == ["animatic", "ray-3.2"]


def test_a_retired_model_names_its_successor_and_is_never_available() -> None:
    sora = CATALOGUE.model("sora-2")
    assert sora.retired is not None
    assert "veo-3.1" in sora.retired
    assert refused(asked(), sora) == {"/brief/model": sora.retired}
    with pytest.raises(ProviderUnavailableError, match=r"veo-3\.1"):
        check_available(sora, frozenset({"openai"}))


def test_a_model_without_an_account_says_who_can_help() -> None:
    check_available(RAY, frozenset({"luma"}))
    with pytest.raises(ProviderUnavailableError, match="operator adds its provider luma"):
        check_available(RAY, frozenset())


def test_an_unknown_model_is_the_callers_mistake() -> None:
    with pytest.raises(ValidationFailedError, match="animatic") as refusal:
        CATALOGUE.model("ray-99", pointer="/fallback_models/0")
    assert refusal.value.problems[0].pointer == "/fallback_models/0"
    assert "sora-2" not in refusal.value.problems[0].detail


def test_a_misspelt_key_in_the_data_never_goes_unnoticed() -> None:
    with pytest.raises(TypeError):
        Catalogue.parse('[[model]]\nid = "x"\nlabel = "X"\nprovider = "x"\nresolution = ["360p"]\n')


@pytest.mark.parametrize("model", LIVE, ids=lambda model: model.id)
def test_a_models_own_data_agrees_with_itself(model: Model) -> None:
    assert set(model.draft_resolutions) <= set(model.resolutions)
    assert model.draft is not None
    assert model.master is not None
    assert model.draft.resolution in model.draft_resolutions
    assert model.master.resolution in model.resolutions
    assert model.master.dynamic_range in model.dynamic_ranges
    assert model.operations[0] is Operation.GENERATE
    assert ("extend" in model.inputs) == (Operation.EXTEND in model.operations)
    assert ("reference" in model.inputs) == (model.references is not None)
    assert model.terms is not None
    assert all(line.endswith(".") for line in model.limits)
    known = facts(asked())
    conditions = [rate.when for rate in (*model.prices, *model.expected)] + [r.when for r in model.rules]
    for condition in conditions:
        assert {name for name, _ in condition.terms} <= set(known)
    for rule in model.rules:
        assert rule.detail.endswith(".")
        assert rule.pointer.startswith("/brief/")


@pytest.mark.parametrize("model", CATALOGUE.models, ids=lambda model: model.id)
def test_a_model_reads_as_the_contract_writes_it(model: Model) -> None:
    shown = model.to_json(available=True)
    contract = (
        "id label provider available kinds inputs durations_seconds aspect_ratios resolutions dynamic_ranges "
        "exr audio seed price"
    )
    assert set(contract.split()) <= set(shown)
    inputs = {"text", "first_frame", "last_frame", "keyframes", "loop", "extend", "reference"}
    assert set(shown["inputs"]) <= inputs
    assert all(isinstance(length, int | float) for length in shown["durations_seconds"])
    for row in shown["price"]:
        assert ("credits" in row) != ("credits_per_second" in row)


@pytest.mark.parametrize(
    ("brief", "pointer", "way_out"),
    [
        ({"duration_seconds": Fraction(7)}, "/brief/duration_seconds", "10 s, not 7 s; ask for 5 or 10 s."),
        ({"aspect_ratio": "9:21"}, "/brief/aspect_ratio", "16:9, 9:16"),
        ({"resolution": Resolution.P2160}, "/brief/resolution", "360p, 540p, 720p or 1080p, not 2160p"),
        ({"seed": 7}, "/brief/seed", "leave it out"),
        ({"audio": True}, "/brief/audio", "leave audio out"),
        ({"prompt": "x" * 6_001}, "/brief/prompt", "at most 6,000 characters"),
        ({"references": (Reference("a", ReferenceRole.STYLE),)}, "/brief/references", "leave it out"),
        (SMALL_HDR, "/brief/dynamic_range", "720p or 1080p"),
        ({"exr": True, "resolution": Resolution.P1080}, "/brief/exr", "ask for dynamic_range hdr"),
        (HDR | {"duration_seconds": Fraction(10)}, "/brief/duration_seconds", "ask for 5 s, or for sdr"),
        (HDR | {"loop": True}, "/brief/loop", "SDR only"),
        ({"loop": True, "duration_seconds": Fraction(10)}, "/brief/loop", "5 s shots only"),
        ({"loop": True, "keyframes": (Keyframe("a", Fraction(5)),)}, "/brief/loop", "last frame"),
        ({"loop": True, "keyframes": (Keyframe("a", Fraction(2)),)}, "/brief/loop", "keyframes"),
        (HDR | {"source": EXTENDED}, "/brief/dynamic_range", "SDR only"),
        ({"source": EXTENDED, "duration_seconds": Fraction(7)}, "/brief/duration_seconds", "extends by 5 s"),
        ({"source": Source(operation=Operation.EDIT, take_id="t"), "duration_seconds": Fraction(19)},
         "/brief/duration_seconds", "1 to 18 s"),
        ({"source": Source(operation=Operation.REFRAME, take_id="t"), "resolution": Resolution.P1080,
          "aspect_ratio": "9:16"}, "/brief/resolution", "ask for 720p"),
    ],
)  # fmt: skip
def test_what_ray_cannot_do_is_refused_with_the_way_out(
    brief: dict[str, Any], pointer: str, way_out: str
) -> None:
    found = refused(asked(kind=Kind.MASTER, **brief))
    assert list(found) == [pointer]
    assert way_out in found[pointer]


@pytest.mark.parametrize(
    "brief",
    [
        HDR,
        HDR | {"exr": True},
        HDR | {"keyframes": (Keyframe("a"), Keyframe("b", Fraction(2)), Keyframe("c", Fraction(5)))},
        {"duration_seconds": Fraction(10), "keyframes": (Keyframe("a"), Keyframe("c", Fraction(10)))},
        {"loop": True, "keyframes": (Keyframe("a"),)},
        {"source": Source(operation=Operation.EXTEND, take_id="t")},
        HDR | {"source": Source(operation=Operation.EDIT, take_id="t"), "duration_seconds": Fraction("7.5")},
        {"source": Source(operation=Operation.REFRAME, asset_id="a"), "duration_seconds": Fraction(30)},
    ],
)
def test_what_ray_can_do_passes(brief: dict[str, Any]) -> None:
    assert refused(asked(kind=Kind.MASTER, **brief)) == {}


def test_a_draft_keeps_to_the_cheap_sizes() -> None:
    found = refused(asked(resolution=Resolution.P1080))
    assert found == {
        "/brief/resolution": "ray-3.2 drafts at 360p or 540p; ask for one of those, or for a master."
    }
    assert refused(asked(kind=Kind.MASTER, resolution=Resolution.P540)) == {}
    assert list(refused(asked(resolution=Resolution.P2160), CATALOGUE.model("animatic"))) == [
        "/brief/resolution"
    ]


def test_the_embedded_engine_takes_any_length_up_to_twenty_seconds() -> None:
    animatic = CATALOGUE.model("animatic")
    assert refused(asked(duration_seconds=Fraction(121 * 1001, 24000)), animatic) == {}
    for length in (Fraction(1, 4), Fraction(21)):
        assert "0.5 to 20 s" in refused(asked(duration_seconds=length), animatic)["/brief/duration_seconds"]
    everything = asked(
        kind=Kind.MASTER,
        resolution=Resolution.P2160,
        exr=True,
        loop=True,
        seed=7,
        dynamic_range=DynamicRange.HDR,
    )
    assert refused(everything, animatic) == {}


def test_every_field_that_does_not_fit_is_named_at_once() -> None:
    request = asked(duration_seconds=Fraction(7), seed=1, audio=True, aspect_ratio="9:21")
    assert list(refused(request)) == [
        "/brief/duration_seconds", "/brief/aspect_ratio", "/brief/audio", "/brief/seed",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("model", "brief", "pointer"),
    [
        (
            "veo-3.1",
            {"resolution": Resolution.P1080, "duration_seconds": Fraction(4)},
            "/brief/duration_seconds",
        ),
        (
            "kling-3.0",
            {"resolution": Resolution.P720, "keyframes": (Keyframe("a", Fraction(5)),)},
            "/brief/keyframes",
        ),
        (
            "hailuo-02",
            {"resolution": Resolution.P1080, "duration_seconds": Fraction(10)},
            "/brief/duration_seconds",
        ),
        ("ray-3-atlas", {"resolution": Resolution.P1080, "keyframes": (Keyframe("a"),)}, "/brief/keyframes"),
        ("ray-2", {"source": Source(operation=Operation.EDIT, take_id="t")}, "/brief/source/operation"),
    ],
)
def test_other_models_have_rules_of_their_own(model: str, brief: dict[str, Any], pointer: str) -> None:
    assert list(refused(asked(kind=Kind.MASTER, **brief), CATALOGUE.model(model))) == [pointer]


def test_takes_and_kinds_are_limits_a_model_may_have() -> None:
    narrow = replace(RAY, kinds=(Kind.MASTER,), max_takes=2)
    assert list(refused(asked(takes=3, direct=Direct()), narrow)) == ["/kind", "/takes"]


def test_things_are_listed_as_people_say_them() -> None:
    assert [either(things) for things in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]
    assert (
        CATALOGUE.model("seedance-2.0").durations_for(Operation.GENERATE).spelt()
        == "whole seconds from 4 to 15 s"
    )
