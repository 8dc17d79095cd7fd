"""Sixty briefs in editors' language, labelled by hand: how much of what they say is read as it is meant."""

import tomllib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.direction.advice import advice_on
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import DirectiveKind
from plugin_backend.domain.direction.plan import ShotPlan, plan_shot
from plugin_backend.domain.direction.shot import Asked
from plugin_backend.domain.direction.terms import LightSource

BRIEFS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("briefs.toml").read_text(encoding="utf-8")
)["brief"]
WANTED = Fraction(95, 100)
NEAR = Fraction(1, 10)
NOTED = {"contradiction", "impossible", "language"}
OPTIONAL = {"hour", "weather", "contrast", "tones", "colours", "subjects"}
"""Fields that count only where they are labelled."""


def seconds_of(brief: dict[str, Any]) -> Fraction:
    return Fraction(brief.get("seconds", 5))


def spanned(name: str, start: Fraction, end: Fraction) -> str:
    return f"{name} {float(start):g}-{float(end):g}"


def camera(plan: ShotPlan) -> set[str]:
    return {spanned(m.move, m.from_seconds, m.to_seconds) for m in plan.motion.camera if m.asked}


def subjects(plan: ShotPlan) -> set[str]:
    return {
        spanned(f"{m.name} {m.action} {m.heading}", m.from_seconds, m.to_seconds or plan.duration_seconds)
        for m in plan.motion.subjects
        if m.asked
    }


def light(plan: ShotPlan) -> set[str]:
    return {f"{'*' if side.source is None else side.source} {side.side}" for side in plan.lighting.sides}


def shot(plan: ShotPlan) -> set[str]:
    found: set[str] = set()
    for framing in plan.shots:
        lens = (
            None
            if framing.lens is None
            else f"{framing.lens}-lens"
            if framing.lens == "wide"
            else framing.lens
        )
        focal = None if framing.focal_mm is None else f"{framing.focal_mm}mm"
        parts = (framing.size, framing.angle, lens, focal, *framing.composition, *framing.techniques)
        found |= {str(part) for part in parts if part is not None}
    return found


def place(plan: ShotPlan) -> set[str]:
    return {
        f"{each.about} {each.relation} {each.beside}".strip()
        for framing in plan.shots
        for each in framing.blocking
    }


def order(plan: ShotPlan) -> int:
    return next((len(d.terms) for d in directives_of_plan(plan) if d.kind is DirectiveKind.ORDER), 0)


def notes(plan: ShotPlan, text: str) -> set[str]:
    return {
        f"{each.kind} {each.about}"
        for each in advice_on(text, plan, duration=plan.duration_seconds)
        if each.kind in NOTED
    }


def asked(plan: ShotPlan, which: Asked, value: str) -> str:
    return value if which in plan.asked else ""


READ: dict[str, Callable[[ShotPlan, str], Any]] = {
    "camera": lambda plan, _: camera(plan),
    "subjects": lambda plan, _: subjects(plan),
    "light": lambda plan, _: light(plan),
    "shot": lambda plan, _: shot(plan),
    "place": lambda plan, _: place(plan),
    "avoid": lambda plan, _: {each.what for each in plan.avoid},
    "order": lambda plan, _: order(plan),
    "notes": notes,
    "hour": lambda plan, _: asked(plan, Asked.TIME_OF_DAY, plan.concept.time_of_day),
    "weather": lambda plan, _: asked(plan, Asked.WEATHER, plan.concept.weather),
    "contrast": lambda plan, _: asked(plan, Asked.CONTRAST, plan.lighting.contrast),
    "tones": lambda plan, _: set(plan.lighting.tones),
    "colours": lambda plan, _: set(plan.lighting.colours),
}


def is_right(field: str, label: Any, read: Any) -> bool:
    if field == "avoid":  # by the brief's own word, in whichever form
        return len(label) == len(read) and all(any(word in what for what in read) for word in label)
    return bool(set(label) == read if isinstance(label, list) else label == read)


def judged(brief: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Field, label and reading of all that is labelled, and of what was read where nothing was meant."""
    plan = plan_shot(brief["text"], duration_seconds=seconds_of(brief))
    for field, reader in READ.items():
        read = reader(plan, brief["text"])
        is_extra = bool(read) and field not in OPTIONAL and not brief.get("loose", False)
        if field in brief or is_extra:
            yield field, brief.get(field, 0 if field == "order" else []), read


def test_at_least_95_in_100_labelled_fields_are_read_as_they_are_meant() -> None:
    found = [(brief["text"], *each) for brief in BRIEFS for each in judged(brief)]
    wrong = [each for each in found if not is_right(*each[1:])]
    said = [f"{field}: {label} was read as {read} in: {text}" for text, field, label, read in wrong]
    assert len(BRIEFS) >= 60
    assert Fraction(len(found) - len(wrong), len(found)) >= WANTED, "\n".join(said)


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief["text"][:40])
def test_a_brief_survives_json_and_all_its_times_lie_within_the_shot(brief: dict[str, Any]) -> None:
    plan = plan_shot(brief["text"], duration_seconds=seconds_of(brief))
    assert ShotPlan.from_json(plan.to_json()) == plan
    for directive in directives_of_plan(plan):
        assert 0 <= directive.from_seconds < directive.to_seconds <= plan.duration_seconds
    assert all(isinstance(source, LightSource) for source in plan.lighting.sources)
