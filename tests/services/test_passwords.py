"""Passwords: what they cost those who do not sign in."""

from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.domain.people.passwords import LEAST, MOST, as_hashed, problem_with
from plugin_backend.services.accounts import NewUser, create_user
from plugin_backend.services.people import passwords
from tests.api.people import at_once
from tests.services.studio import Studio

CROWD = 40


def test_a_crowd_that_signs_in_does_not_take_every_thread(studio: Studio) -> None:
    person = create_user(studio.house, actor=None, user=NewUser(email="ada@example.com"))
    words = "four words in a row"
    passwords.set_by_operator(studio.house, person.email, words)
    together = Barrier(CROWD)

    def knock(_: int) -> str:
        together.wait()
        try:
            return "in" if passwords.check(studio.house, person.email, words) else "wrong"
        except RateLimitedError as error:
            return f"again in {error.retry_after_seconds} s"

    answers = at_once(CROWD, knock)

    assert set(answers) == {"in", "again in 2 s"}
    assert passwords.check(studio.house, person.email, words) is not None


def test_the_same_keys_pressed_are_the_same_password(studio: Studio) -> None:
    person = create_user(studio.house, actor=None, user=NewUser(email="ada@example.com"))
    passwords.set_by_operator(studio.house, person.email, "caf\N{LATIN SMALL LETTER E WITH ACUTE} at noon")

    assert passwords.check(studio.house, person.email, "cafe\N{COMBINING ACUTE ACCENT} at noon") is not None
    assert passwords.check(studio.house, person.email, "cafe at noon") is None


@given(st.text(max_size=300))
def test_whatever_is_chosen_is_taken_or_refused_with_a_sentence(password: str) -> None:
    said = problem_with(password, email="ada@example.com")

    assert (said or "A sentence.").endswith(".")
    assert said is not None or LEAST <= len(as_hashed(password).casefold()) <= MOST


@pytest.mark.parametrize("password", ["ada@example.com", "ada2024!!!!!", "Ada.ada.ada.ada", "A" * 16])
def test_a_password_made_of_its_owners_name_is_refused(password: str) -> None:
    assert problem_with(password, email="ada@example.com") is not None
