"""Names of files: every bad token named, every good one safe on every system, and always the same."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.delivering.conform import reel_name
from plugin_backend.domain.delivering.naming import (
    LONGEST,
    NUMBERS,
    WORDS,
    NameFacts,
    bin_of,
    name_of,
    naming_problems,
    numbered,
    safe_word,
)

FACTS = NameFacts(
    project="Île Perdue",
    shot="SH 010/a",
    tier="draft",
    model="ray-3.2",
    date="20260301",
    id="abcd1234",
    take=2,
    version=3,
)
RESERVED = ["con", "PRN", "aux", "NUL", "com1", "LPT9"]


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{project}_{shot}_{take:02}_v{version:03}", "Ile_Perdue_SH_010_a_02_v003"),
        ("{shot}-{tier}", "SH_010_a-draft"),
        ("{date}_{id}_{model}", "20260301_abcd1234_ray-3_2"),
        ("{take}", "2"),
        ("{take:4}", "0002"),
        ("__{shot}__", "SH_010_a"),
    ],
)
def test_a_template_is_filled_in(template: str, name: str) -> None:
    assert naming_problems(template) == []
    assert name_of(template, FACTS) == name


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{shots}", "{shots}"),
        ("{}", "{}"),
        ("{0}", "{0}"),
        ("{shot.__class__}", "{shot.__class__}"),
        ("{shot[0]}", "{shot[0]}"),
        ("{shot!r}", "{shot!r}"),
        ("{shot:>40}", "{shot:>40}"),
        ("{take:99999}", "{take:99999}"),
        ("{take:{version}}", "{take:{version}}"),
        ("{take:02d}", "{take:02d}"),
        ("a/{shot}", "'/'"),
        ("../{shot}", "'.'"),
        ("{shot} x", "' '"),
        ("{shot}:x", "':'"),
        ("{{shot}}_{take}", "'{'"),
        ("{shot", "brace"),
        ("shot}", "brace"),
        ("alike", "every file alike"),
        ("", "1 to 120"),
        ("{shot}" * 30, "1 to 120"),
    ],
)
def test_a_bad_token_is_named(template: str, named: str) -> None:
    problems = naming_problems(template)

    assert problems
    assert {problem.pointer for problem in problems} == {"/naming"}
    assert named in problems[0].detail


@st.composite
def _templates(draw: st.DrawFn) -> str:
    fields = st.sampled_from([f"{{{each}}}" for each in (*WORDS, *NUMBERS)] + ["{take:03}", "{version:02}"])
    parts = draw(st.lists(fields | st.text("abcXYZ019_-", max_size=8), max_size=8))
    return "".join([draw(fields), *parts])


@given(
    template=_templates(),
    project=st.text(max_size=90) | st.sampled_from(RESERVED),
    shot=st.text(max_size=90) | st.sampled_from(RESERVED),
    number=st.integers(1, 10**6),
)
def test_whatever_people_type_the_name_is_safe_everywhere_and_the_same_again(
    template: str, project: str, shot: str, number: int
) -> None:
    facts = replace(FACTS, project=project, shot=shot, take=number, version=number)
    if naming_problems(template):
        assert len(template) > 120
        return
    for name in (name_of(template, facts), numbered(name_of(template, facts), number)):
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name)
        assert len(name) <= LONGEST + 1
        assert name.split(".")[0].casefold() not in {each.casefold() for each in RESERVED}
        assert reel_name(name)
    assert name_of(template, facts) == name_of(template, facts)
    assert re.fullmatch(r"AI takes/[A-Za-z0-9_-]+/[A-Za-z0-9_-]+", bin_of(facts))


def test_a_name_in_another_script_has_a_mark_of_its_own() -> None:
    forest, sea = (safe_word(text, otherwise="shot") for text in ("森の中", "海辺"))

    assert forest != sea
    assert re.fullmatch(r"x[0-9a-f]{6}", forest)
    assert safe_word("  ", otherwise="shot") == "shot"
    assert safe_word("Straße Ørsted", otherwise="shot") == "Strasse_Orsted"


def test_what_is_called_the_same_is_numbered_within_the_length() -> None:
    long = "a" * LONGEST

    assert [numbered("SH010", number) for number in (1, 2, 11)] == ["SH010", "SH010_2", "SH010_11"]
    assert numbered(long, 12) == "a" * (LONGEST - 3) + "_12"
