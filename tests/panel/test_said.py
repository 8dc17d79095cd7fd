"""The service's own sentences in another language: each code has one, with no figure that is not given."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import pytest

from plugin_backend.api.problems import BY_SLUG
from plugin_backend.domain.direction import framing, terms
from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.evaluation import DefectKind
from plugin_backend.domain.direction.telling import SENTENCES, read, sentence
from plugin_backend.domain.making.lateness import Reason
from tests.house.repository import ROOT
from tests.panel.test_strings import sentences

_DIRECTION = ROOT / "plugin_backend" / "domain" / "direction"
_ADVICE = {
    "missing.": ("advice", r'_gap\(\s*"([a-z-]+)"'),
    "": ("advice", r'code="([a-z-]+)"'),
    "contradiction.": ("conflicts", r'_against\(\s*"([a-z-]+)"'),
    "impossible.": ("conflicts", r'_cannot\(\s*"([a-z-]+)"'),
    "marks.": ("mark_conflicts", r'MarkConflict\(\s*marks,\s*"([a-z-]+)"'),
}
_VOCABULARY: tuple[type[StrEnum], ...] = (
    *(terms.Environment, terms.SubjectKind, terms.Weather, terms.TimeOfDay, terms.Mood, terms.Move),
    *(terms.Action, terms.LightSource, terms.Contrast, terms.Palette, framing.ShotSize, framing.Angle),
    *(framing.Lens, framing.Composition, framing.Technique, framing.Tone),
)


def _said(group: str) -> dict[str, str]:
    """The German sentences of a group, by code."""
    start = f"said.{group}."
    return {key.removeprefix(start): told for key, told in sentences("de").items() if key.startswith(start)}


def _figures(told: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", told))


def _advice_codes() -> Iterator[str]:
    for start, (module, pattern) in _ADVICE.items():
        for code in re.findall(pattern, (_DIRECTION / f"{module}.py").read_text()):
            yield start + code


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("advice", set(_advice_codes())),
        ("problem", set(BY_SLUG)),
        ("seen", set(SENTENCES)),
        ("defect", set(DefectKind)),
        ("late", set(Reason)),
        ("in-frame", set(Relation)),
        ("stands", set(Relation)),
    ],
)
def test_each_code_of_the_service_has_a_sentence_and_no_sentence_is_without_one(
    group: str, codes: Iterable[str]
) -> None:
    assert _said(group).keys() == {str(code) for code in codes}


@pytest.mark.parametrize("vocabulary", _VOCABULARY)
def test_the_director_speaks_german(vocabulary: type[StrEnum]) -> None:
    assert {term.value for term in vocabulary} <= _said("word").keys()


@pytest.mark.parametrize("code", SENTENCES)
def test_what_was_seen_is_told_by_its_figures(code: str) -> None:
    assert _figures(_said("seen")[code]) <= _figures(SENTENCES[code])


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_is_read_back_as_it_was_made(code: str) -> None:
    named = enumerate(sorted(_figures(SENTENCES[code])))
    values = {name: ", and more" if name == "incidents" else f"{number}.5" for number, name in named}

    assert read(sentence(code, **values)) == (code, values)
    assert read(f"The pier: {sentence(code, **values)}") is None
