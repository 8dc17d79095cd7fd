"""Looks: what they ask of a shot, how two lie over each other, and what a model cannot be given of one."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.brief import GenerationRequest, ReferenceRole
from plugin_backend.domain.capabilities import capability_problems
from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.direction.directives import DirectiveKind, DirectiveSource
from plugin_backend.domain.looks import (
    MAX_REFERENCES,
    Look,
    LookReference,
    directives_of_look,
    dressed,
    excluded,
    look_problems,
)
from tests.domain.requests import asked, requests

MODELS = Catalogue.load().models
HERO = LookReference("ast_hero", ReferenceRole.CHARACTER, "Anna")
LOOK = Look(
    references=(HERO,),
    palette=("#102030", "#c0a060"),
    style=("35 mm grain",),
    light=("moonlight",),
    exclusions=("no lens flare", "text"),
)

words = st.lists(st.text("abc ", min_size=1, max_size=6), max_size=3).map(tuple)
references = st.lists(
    st.builds(
        LookReference, st.sampled_from([f"ast_{n}" for n in range(20)]), st.sampled_from(ReferenceRole)
    ),
    max_size=MAX_REFERENCES,
    unique_by=lambda each: each.asset_id,
).map(tuple)
looks = st.builds(
    Look,
    references=references,
    palette=st.lists(st.integers(0, 0xFFFFFF).map("#{:06x}".format), max_size=4).map(tuple),
    style=words,
    light=words,
    exclusions=words,
)


def test_a_look_asks_for_light_and_against_what_must_not_be_seen() -> None:
    found = directives_of_look(LOOK, Fraction(5))

    assert {each.source for each in found} == {DirectiveSource.LOOK}
    assert {(each.from_seconds, each.to_seconds) for each in found} == {(Fraction(0), Fraction(5))}
    told = [(each.kind, each.says, each.terms or each.about) for each in found]
    assert told == [
        (DirectiveKind.LIGHT, "in the colours #102030, #c0a060", ("#102030", "#c0a060")),
        (DirectiveKind.LIGHT, "in the style of 35 mm grain", ("35 mm grain",)),
        (DirectiveKind.LIGHT, "lit by moonlight", ("moonlight",)),
        (DirectiveKind.AVOID, "no lens flare", "lens flare"),
        (DirectiveKind.AVOID, "no text", "text"),
    ]
    assert len({each.id for each in found}) == len(found)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("no lens flare", "lens flare"),
        ("Without any people", "people"),
        ("notes", "notes"),
        ("rain ", "rain"),
    ],
)
def test_an_exclusion_is_about_the_thing_itself(said: str, meant: str) -> None:
    assert excluded(said) == meant


@given(looks, looks)
def test_a_look_over_another_loses_no_reference_and_no_exclusion(over: Look, under: Look) -> None:
    both = over.over(under)

    assert {each.asset_id for each in both.references} == {
        each.asset_id for each in (*over.references, *under.references)
    }
    assert set(both.exclusions) == {*over.exclusions, *under.exclusions}
    assert both.palette == (over.palette or under.palette)
    assert Look.from_json(both.to_json()) == both


def test_a_character_is_given_to_a_model_that_takes_one_and_noted_for_one_that_does_not() -> None:
    kinds = {"ast_hero": "image"}
    able = next(
        each for each in MODELS if each.references and ReferenceRole.CHARACTER in each.references.roles
    )
    given_one = dressed(asked(model=able.id), LOOK, able, kinds)
    unable = next(each for each in MODELS if each.references is None)
    without = dressed(asked(), LOOK, unable, kinds)

    assert [each.asset_id for each in given_one.brief.references] == ["ast_hero"]
    assert Look.from_json(given_one.look or {}).notes == ()
    assert without.brief == asked().brief
    (note,) = Look.from_json(without.look or {}).notes
    assert note.startswith("Anna is left out: ")


def test_what_is_not_there_any_more_is_left_out_with_why() -> None:
    able = next(each for each in MODELS if each.references)
    found = dressed(asked(), LOOK, able, {})

    assert found.brief.references == ()
    assert Look.from_json(found.look or {}).notes == (
        "Anna is left out: it is not there, or not checked yet.",
    )


@given(requests, looks, st.sampled_from(MODELS))
def test_a_look_changes_no_words_and_makes_nothing_impossible(
    request: GenerationRequest, look: Look, able: Model
) -> None:
    request = replace(request, brief=replace(request.brief, references=(), source=None))
    kinds = {each.asset_id: "image" for each in look.references}
    kinds |= {frame.asset_id: "image" for frame in request.brief.keyframes}

    found = dressed(request, look, able, kinds)

    assert replace(found.brief, references=()) == request.brief
    assert set(capability_problems(found, able)) <= set(capability_problems(request, able))
    assert dressed(found, look, able, kinds).brief == found.brief
    given_ids = [each.asset_id for each in found.brief.references]
    notes = Look.from_json(found.look or {}).notes
    assert len(given_ids) + len(notes) >= len(
        {each.asset_id for each in look.references} - set(request.brief.asset_ids())
    )


def test_a_look_keeps_within_its_limits() -> None:
    wrong = Look(
        references=(HERO, HERO),
        palette=("#FFFFFF",),
        style=("x" * 81,),
        exclusions=("a",) * 13,
    )

    assert [problem.pointer for problem in look_problems(wrong)] == [
        "/look/palette/0",
        "/look/references/1/asset_id",
        "/look/style/0",
        "/look/exclusions",
    ]
