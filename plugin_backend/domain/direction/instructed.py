"""A plan from somebody else's reading of a brief: each instruction with the words it was read from.

Nothing is believed: an instruction without its words in the brief, one outside the vocabulary, one that the
brief rules out, or the loss of one that our own reading found refuses the whole reading.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Any, Final

from plugin_backend.domain.direction import framing, terms
from plugin_backend.domain.direction.checking import choice, members, number, optional, several, text
from plugin_backend.domain.direction.problems import plan_problems
from plugin_backend.domain.direction.shot import Asked, ShotPlan

Json = dict[str, Any]

MAX_INSTRUCTIONS: Final = 40
_MAX_QUOTE: Final = 300
_SPACES: Final = re.compile(r"\s+")


class About(StrEnum):
    """What an instruction is about; its term is one of the set named with it."""

    CAMERA = "camera"
    SUBJECT = "subject"
    SIZE = "size"
    ANGLE = "angle"
    LENS = "lens"
    LIGHT_FROM = "light_from"
    TONE = "tone"
    ENVIRONMENT = "environment"
    WEATHER = "weather"
    TIME_OF_DAY = "time_of_day"
    MOOD = "mood"
    AVOID = "avoid"


TERMS: Final[Mapping[About, type[StrEnum]]] = {
    About.CAMERA: terms.Move,
    About.SUBJECT: terms.Action,
    About.SIZE: framing.ShotSize,
    About.ANGLE: framing.Angle,
    About.LENS: framing.Lens,
    About.LIGHT_FROM: framing.Side,
    About.TONE: framing.Tone,
    About.ENVIRONMENT: terms.Environment,
    About.WEATHER: terms.Weather,
    About.TIME_OF_DAY: terms.TimeOfDay,
    About.MOOD: terms.Mood,
    About.AVOID: framing.Avoided,
}


class RefusedReadingError(ValueError):
    """A reading that is not used; the text says why."""


def plan_of_reading(planned: ShotPlan, reading: object, *, prompt: str) -> ShotPlan:
    """The plan as it was read, on the ground of our own; RefusedReadingError where it cannot be trusted."""
    malformed = [each.pointer or "/" for each in _READING(reading, "")]
    if malformed or not isinstance(reading, Mapping):
        raise RefusedReadingError(f"it is malformed at {malformed[0]}")
    instructions: Sequence[Json] = reading["instructions"]
    _check_quotes(instructions, prompt)
    data = _as_plan(planned, instructions)
    wrong = next(plan_problems(data, duration=planned.duration_seconds), None)
    if wrong is not None:
        raise RefusedReadingError(f"{wrong.pointer}: {wrong.detail}")
    plan = ShotPlan.from_json(data)
    _check_kept(planned, plan)
    return plan


def _check_quotes(instructions: Sequence[Json], prompt: str) -> None:
    """An instruction stands on words of the brief; a quote that is not in it was invented."""
    said = _folded(prompt)
    for each in instructions:
        quote = _folded(each["quote"])
        if not _is_said(quote, said):
            raise RefusedReadingError(f"it invented {each['about']} {each['term']}")
        if each["term"] not in tuple(TERMS[About(each["about"])]):
            raise RefusedReadingError(f"it knows a {each['about']} of its own, {each['term']}")


def _is_said(quote: str, said: str) -> bool:
    """Whole words, three letters at least; scripts without spaces between words may do with two signs."""
    if not quote.isascii():
        return len(quote) >= 2 and quote in said
    letters = sum(each.isalnum() for each in quote)
    return letters >= 3 and re.search(rf"(?<!\w){re.escape(quote)}(?!\w)", said) is not None


def _folded(words: str) -> str:
    return _SPACES.sub(" ", words.casefold()).strip()


def _check_kept(planned: ShotPlan, plan: ShotPlan) -> None:
    """What our own reading is sure of, the other one has too."""
    moves = {move.move for move in plan.motion.camera if move.asked}
    ruled_out = [move for move in moves if any(move in each.terms for each in planned.avoid)]
    if ruled_out:
        raise RefusedReadingError(f"it asks for {ruled_out[0]}, which the brief rules out")
    lost = [str(move.move) for move in planned.motion.camera if move.asked and move.move not in moves]
    kinds = [each.kind for each in plan.avoid]
    lost += [f"no {each.what}" for each in planned.avoid if each.kind not in kinds]
    verbs = {each.action for each in plan.motion.subjects if each.asked}
    lost += [str(each.action) for each in planned.motion.subjects if each.asked and each.action not in verbs]
    lost += [str(which) for which in planned.asked if which in _SCENE and which not in plan.asked]
    if lost:
        raise RefusedReadingError(f"it lost {lost[0]}")


def _as_plan(planned: ShotPlan, instructions: Sequence[Json]) -> Json:
    """Our own plan as JSON, with each part that was read put in place of ours."""
    data = planned.to_json()
    by: dict[About, list[Json]] = {about: [] for about in About}
    for each in instructions:
        by[About(each["about"])].append(each)
    duration = planned.duration_seconds
    if by[About.CAMERA]:
        data["motion"]["camera"] = [_move(each, duration) for each in by[About.CAMERA]]
    if by[About.SUBJECT]:
        habits = [each for each in data["motion"]["subjects"] if not each["asked"]]
        data["motion"]["subjects"] = [*(_subject(each, duration) for each in by[About.SUBJECT]), *habits]
    for about, which in _SCENE_ABOUT.items():
        for each in by[about]:
            data["concept"][about.value] = each["term"]
            data["asked"] = list(dict.fromkeys((*data["asked"], which.value)))
    shots = data["shots"] or [{"from_seconds": "0", "to_seconds": str(duration)}]
    for about in (About.SIZE, About.ANGLE, About.LENS):
        for each in by[about][:1]:
            shots[0][about.value] = each["term"]
    data["shots"] = shots
    lighting = data["lighting"]
    lighting["sides"] += [{"side": each["term"]} for each in by[About.LIGHT_FROM] if not lighting["sides"]]
    lighting["tones"] = list(dict.fromkeys((*lighting["tones"], *(each["term"] for each in by[About.TONE]))))
    data["avoid"] = _avoided(data["avoid"], by[About.AVOID])
    return data


def _avoided(ours: list[Json], read: Sequence[Json]) -> list[Json]:
    known = {each["kind"] for each in ours}
    return ours + [
        {"kind": each["term"], "what": each["who"] or each["quote"][:80]}
        for each in read
        if each["term"] not in known
    ]


def _move(each: Json, duration: Fraction) -> Json:
    strength = each["strength"]
    return {
        "move": each["term"],
        "strength": 0.6 if strength is None else strength,
        **_span(each, duration),
        "asked": True,
        "about": each["who"],
    }


def _subject(each: Json, duration: Fraction) -> Json:
    return {
        "kind": each["kind"] or terms.SubjectKind.THING.value,
        "action": each["term"],
        "heading": each["heading"] or terms.Heading.NONE.value,
        **_span(each, duration),
        "asked": True,
        "about": each["who"],
    }


def _span(each: Json, duration: Fraction) -> Json:
    start, end = each["from_seconds"], each["to_seconds"]
    return {
        "from_seconds": "0" if start is None else start,
        "to_seconds": str(duration) if end is None else end,
    }


_SCENE_ABOUT: Final = {
    About.ENVIRONMENT: Asked.ENVIRONMENT,
    About.WEATHER: Asked.WEATHER,
    About.TIME_OF_DAY: Asked.TIME_OF_DAY,
    About.MOOD: Asked.MOOD,
}
_SCENE: Final = frozenset(_SCENE_ABOUT.values())
_TIME: Final = partial(optional, check=partial(number, least=0, most=3_600))
_SHORT: Final = partial(text, most=80)
_INSTRUCTION: Final = partial(
    members,
    required={
        "about": partial(choice, choices=tuple(About)),
        "term": _SHORT,
        "who": _SHORT,
        "kind": partial(optional, check=partial(choice, choices=tuple(terms.SubjectKind))),
        "heading": partial(optional, check=partial(choice, choices=tuple(terms.Heading))),
        "strength": partial(optional, check=partial(number, least=0, most=1)),
        "from_seconds": _TIME,
        "to_seconds": _TIME,
        "quote": partial(text, most=_MAX_QUOTE, least=1),
    },
    more={},
)
_READING: Final = partial(
    members,
    required={"instructions": partial(several, each=_INSTRUCTION, most=MAX_INSTRUCTIONS)},
    more={},
)


def reading_schema() -> Json:
    """The JSON schema of a reading, as structured output wants it: every member required, no other."""
    either = {"type": ["number", "null"]}
    properties: Json = {
        "about": {"type": "string", "enum": [each.value for each in About]},
        "term": {"type": "string", "enum": sorted({term.value for kind in TERMS.values() for term in kind})},
        "who": {"type": "string"},
        "kind": {"type": ["string", "null"], "enum": [*(each.value for each in terms.SubjectKind), None]},
        "heading": {"type": ["string", "null"], "enum": [*(each.value for each in terms.Heading), None]},
        "strength": either,
        "from_seconds": either,
        "to_seconds": either,
        "quote": {"type": "string"},
    }
    instruction = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"instructions": {"type": "array", "items": instruction}},
        "required": ["instructions"],
        "additionalProperties": False,
    }
