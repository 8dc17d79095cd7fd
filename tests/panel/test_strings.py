"""The sentences: each one that is used is there, and a translation says nothing that English does not."""

import re

import pytest

from tests.house.repository import ROOT

PANEL = ROOT / "manifests" / "panel"
ENTRY = re.compile(r'^    "([a-z0-9.-]+)": "((?:[^"\\]|\\.)*)",$', re.MULTILINE)


def sentences(language: str) -> dict[str, str]:
    """A language's sentences by key, as its tables spell them."""
    tables = sorted((PANEL / "strings" / language).glob("*.js"))
    found = [entry for table in tables for entry in ENTRY.findall(table.read_text())]
    assert len(found) == len(dict(found)), "a sentence stands there twice"
    return dict(found)


def _used() -> tuple[set[str], set[str]]:
    """Keys that stand in the scripts whole, and beginnings that the scripts complete."""
    whole: set[str] = set()
    begun: set[str] = set()
    for script in (*PANEL.glob("core/*.js"), *PANEL.glob("screens/*.js"), *PANEL.glob("later/*.js")):
        text = script.read_text()
        whole |= set(re.findall(r'\bt\("([a-z0-9.-]+[a-z0-9])"', text))
        begun |= set(re.findall(r'\bt\("([a-z-]+\.)" \+', text))
    return whole, begun


def test_every_sentence_that_a_script_asks_for_is_there() -> None:
    english = sentences("en")
    whole, begun = _used()
    assert len(whole) > 100
    assert {key for key in whole if key not in english} == set()
    assert {start for start in begun if not any(key.startswith(start) for key in english)} == set()


@pytest.mark.parametrize("language", sorted(each.name for each in (PANEL / "strings").iterdir()))
def test_a_translation_has_the_same_sentences_with_the_same_figures_in_them(language: str) -> None:
    english, other = sentences("en"), sentences(language)
    ours = {key: sentence for key, sentence in other.items() if not key.startswith("said.")}
    assert ours.keys() <= english.keys()
    for key, sentence in ours.items():
        assert set(re.findall(r"\{\w+\}", sentence)) <= set(re.findall(r"\{\w+\}", english[key])), key


def test_german_leaves_out_only_what_is_the_same_in_both() -> None:
    missing = sentences("en").keys() - sentences("de").keys()
    assert {key.split(".")[0] for key in missing} <= {"format", "host-name", "template"}
