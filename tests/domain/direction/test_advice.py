"""What an editor is told before money is spent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.direction.advice import Advice, AdviceKind, ModelFacts, Severity, advice_on
from plugin_backend.domain.direction.plan import plan_shot

FIVE = Fraction(5)
WHOLE = "A fisherman in a red coat walks slowly to the left along a pier at dawn, slow dolly in, mist."


def advised(prompt: str, *, duration: Fraction = FIVE, facts: ModelFacts | None = None) -> tuple[Advice, ...]:
    return advice_on(
        prompt, plan_shot(prompt, duration_seconds=duration), duration=duration, model_facts=facts
    )


def told(prompt: str, *, duration: Fraction = FIVE, facts: ModelFacts | None = None) -> set[tuple[str, str]]:
    return {(each.kind.value, each.about) for each in advised(prompt, duration=duration, facts=facts)}


@pytest.mark.parametrize(
    ("prompt", "missing"),
    [
        ("beautiful light over water", {"subject", "action", "setting", "camera"}),
        ("a red car", {"action", "setting", "camera"}),
        ("a dog runs through a forest", {"camera"}),
        ("a dog runs through a forest, camera pans left", {"pacing"}),
        ("a dog runs through a forest, camera pans slowly left", set()),
    ],
)
def test_what_the_model_would_choose_itself_is_named(prompt: str, missing: set[str]) -> None:
    assert {about for kind, about in told(prompt) if kind == "missing"} == missing


@pytest.mark.parametrize("word", ["cinematic", "epic", "beautiful", "dramatic"])
def test_a_bare_word_is_answered_with_words_that_can_be_seen(word: str) -> None:
    (found,) = [each for each in advised(f"{word} shot of a car") if each.kind is AdviceKind.BARE_WORD]
    assert found.about == word
    assert found.try_words
    assert all(word not in offered for offered in found.try_words)


def test_a_label_of_size_is_no_instruction() -> None:
    assert ("bare-word", "4k") in told("a car in a city, 4K, UHD")


@pytest.mark.parametrize(
    ("prompt", "about"),
    [
        ("pan left and pan right over the bay", "camera"),
        ("static shot, the camera zooms in on a cat", "camera"),
        ("never pan left. Camera pans left.", "camera"),
        ("a street at midnight in the midday sun", "time-of-day"),
        ("a street without people, a man walks by", "subject"),
        ("rain from a cloudless sky on a car", "weather"),
    ],
)
def test_a_contradiction_is_a_warning(prompt: str, about: str) -> None:
    found = [each for each in advised(prompt) if each.kind is AdviceKind.CONTRADICTION]
    assert [each.about for each in found] == [about]
    assert found[0].severity is Severity.WARNING


@pytest.mark.parametrize(
    "prompt",
    [
        "pan left, then pan right over the bay",
        "static for two seconds, then the camera zooms in on a cat",
        "never pan right. Camera pans left.",
        "a street at noon turning to night",
        "a street without cars, a man walks by",
        "rain, then a clear sky over a car",
        "no other people, a man walks by",
    ],
)
def test_what_only_looks_like_a_contradiction_is_none(prompt: str) -> None:
    assert not {kind for kind, _ in told(prompt)} & {"contradiction"}


@pytest.mark.parametrize(
    ("prompt", "about"),
    [
        ("at eight seconds the car stops", "time"),
        ("the camera orbits a full 360 around the car in one second", "camera"),
        ("a neon sign that says HOTEL over a car", "text"),
        ("exactly twelve birds fly over a car", "count"),
    ],
)
def test_what_no_model_can_do_is_said(prompt: str, about: str) -> None:
    assert ("impossible", about) in told(prompt)


@pytest.mark.parametrize(
    "prompt", ["two birds fly", "at four seconds the car stops", "orbit the car over 5 seconds"]
)
def test_what_a_model_can_do_is_left_alone(prompt: str) -> None:
    assert not {kind for kind, _ in told(prompt)} & {"impossible"}


def test_sound_is_impossible_for_a_silent_model_only() -> None:
    brief = "a band plays loud music in a bar"
    assert ("impossible", "sound") in told(brief, facts=ModelFacts(name="mute-1"))
    assert ("impossible", "sound") not in told(brief, facts=ModelFacts(name="loud-1", has_sound=True))
    assert ("impossible", "sound") not in told(brief)


def test_many_events_in_a_short_clip_are_one_too_many() -> None:
    brief = "a dog sits, then runs left, then jumps, then barks"
    assert ("several-events", "events") in told(brief, duration=Fraction(4))
    assert ("several-events", "events") not in told(brief, duration=Fraction(12))


@pytest.mark.parametrize(
    "prompt",
    [
        "Ein Hund läuft durch den Wald und die Kamera fährt mit",
        "Un chien court dans la forêt et la caméra le suit",
        "Un perro corre por el bosque, sin gente, y no llueve",
        "一只狗在森林里奔跑",
        "Собака бежит по лесу",
    ],
)
def test_another_language_is_said_and_nothing_is_read_into_it(prompt: str) -> None:
    assert told(prompt) == {("language", "language")}
    plan = plan_shot(prompt, duration_seconds=FIVE)
    assert not any(move.asked for move in plan.motion.camera)
    assert not any(motion.asked for motion in plan.motion.subjects)
    assert plan.avoid == ()


def test_a_brief_that_says_all_it_needs_to_is_left_alone() -> None:
    assert told(WHOLE) == set()


@given(st.text(max_size=300), st.fractions(min_value=1, max_value=20))
def test_any_text_gets_advice_with_a_sentence_warnings_first(prompt: str, duration: Fraction) -> None:
    found = advised(prompt, duration=duration)
    assert all(each.says for each in found)
    severities = [each.severity is Severity.NOTE for each in found]
    assert severities == sorted(severities)
