"""Blocked terms are found as whole words, whatever they wear, and nothing else is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.blocked_terms import blocked_in, words_of

TERMS = ("gun", "Straße", "brand name", "暴力")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a gun on the table", "gun"),
        ("A GUN.", "gun"),
        ("(gun)", "gun"),
        ("the_gun_here", "gun"),
        ("\uff47\uff55\uff4e", "gun"),
        ("g\u200bun", "gun"),
        ("g\u00adu\ufe0fn", "gun"),
        ("g u n", "gun"),
        ("g-u-n!", "gun"),
        ("a g.u.n there", "gun"),
        ("STRASSE at night", "Straße"),
        ("a Brand   Name shoe", "brand name"),
        ("brand-name shoes", "brand name"),
        ("brand\u2003name", "brand name"),
        ("没有暴力的街道", "暴力"),
        ("a gunner begun to run", None),
        ("brand new, a name", None),
        ("ungun", None),
        ("", None),
    ],
)
def test_what_is_found(text: str, found: str | None) -> None:
    assert blocked_in(text, TERMS) == found


@given(
    term=st.text("abcdefg", min_size=1, max_size=8),
    before=st.text("xyz ", max_size=8),
    after=st.text("xyz ", max_size=8),
    wild=st.sampled_from([str.upper, str.title, "\u200d".join, lambda text: f"“{text}”"]),
)
def test_a_term_between_other_words_is_always_found(
    term: str, before: str, after: str, wild: Callable[[str], str]
) -> None:
    assert blocked_in(f"{before} , {wild(term)} ; {after}", (term,)) == term


@given(text=st.text(max_size=60))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert blocked_in(text, ("zzgunzz",)) in (None, "zzgunzz")


def test_terms_of_nothing_block_nothing() -> None:
    assert blocked_in("anything at all", ("", " ", "\u200b", "...")) is None


@given(text=st.text(st.characters(max_codepoint=127), max_size=40))
def test_plain_text_is_read_as_any_other(text: str) -> None:
    """The short way through ASCII finds the same words as the long one, which a further letter forces."""
    assert [*words_of(text), "é"] == words_of(f"{text} é")
