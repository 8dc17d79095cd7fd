"""What is wrong with a plan that an editor sent: every member, with its pointer and what would be right."""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import Any, Final

from plugin_backend.domain.brief import DynamicRange, Kind, Resolution
from plugin_backend.domain.direction import framing as framed
from plugin_backend.domain.direction import terms
from plugin_backend.domain.direction.checking import (
    choice,
    colour,
    flag,
    members,
    number,
    optional,
    or_empty,
    several,
    text,
    whole,
)
from plugin_backend.domain.direction.directives import Relation
from plugin_backend.domain.direction.framing import moment
from plugin_backend.domain.direction.shot import MAX_MOVES, Asked
from plugin_backend.domain.errors import FieldProblem
from plugin_backend.domain.seconds import as_number

MAX_SUBJECTS: Final = 12
MAX_SHOTS: Final = 12
MAX_SECONDS: Final = 3_600

_Check = Callable[[Any, str], Iterator[FieldProblem]]
_word: Final = partial(text, most=80)
_SPAN: Final = ("from_seconds", "to_seconds")


def plan_problems(
    data: object, *, duration: Fraction | None = None, pointer: str = "/plan"
) -> Iterator[FieldProblem]:
    """Nothing where `ShotPlan.from_json` may read the data; `duration` is the brief's own."""
    found = tuple(_PLAN(data, pointer))
    yield from found
    if not found and isinstance(data, Mapping):
        yield from _time_problems(data, duration, pointer)


def _time_problems(
    data: Mapping[str, Any], duration: Fraction | None, pointer: str
) -> Iterator[FieldProblem]:
    planned = moment(data["duration_seconds"])
    if not 0 < planned <= MAX_SECONDS:
        detail = f"A duration is above 0 and at most {MAX_SECONDS:,} s."
        yield FieldProblem(f"{pointer}/duration_seconds", detail)
        return
    if duration is not None and planned != duration:
        detail = f"The brief lasts {as_number(duration)} s; give its plan the same duration."
        yield FieldProblem(f"{pointer}/duration_seconds", detail)
    lists = {
        "/motion/camera": data["motion"]["camera"],
        "/motion/subjects": data["motion"]["subjects"],
        "/shots": data.get("shots", ()),
    }
    for place, parts in lists.items():
        for index, part in enumerate(parts):
            yield from _span_problems(part, planned, f"{pointer}{place}/{index}")


def _span_problems(part: Mapping[str, Any], planned: Fraction, pointer: str) -> Iterator[FieldProblem]:
    start, end = (part.get(name) for name in _SPAN)
    begins = Fraction(0) if start is None else moment(start)
    ends = planned if end is None else moment(end)
    if not 0 <= begins < planned:
        detail = f"It begins within the shot, from 0 to below {as_number(planned)} s."
        yield FieldProblem(f"{pointer}/from_seconds", detail)
    elif not begins < ends <= planned:
        detail = f"It ends after it begins, and at most at {as_number(planned)} s."
        yield FieldProblem(f"{pointer}/to_seconds", detail)


def _time(value: Any, pointer: str) -> Iterator[FieldProblem]:
    yield from number(value, pointer, least=0, most=MAX_SECONDS, fraction=True)


def _enum(kind: type[StrEnum]) -> _Check:
    return partial(choice, choices=tuple(kind))


def _list(check: _Check, most: int) -> _Check:
    return partial(several, each=check, most=most)


def _object(required: Mapping[str, _Check], **more: _Check) -> _Check:
    return partial(members, required=required, more=more)


_CONCEPT: Final = _object(
    {
        "subjects": _list(
            _object(
                {"kind": _enum(terms.SubjectKind)},
                colour=partial(optional, check=colour),
                plural=flag,
                word=_word,
            ),
            MAX_SUBJECTS,
        ),
        "environment": _enum(terms.Environment),
        "weather": _enum(terms.Weather),
        "time_of_day": _enum(terms.TimeOfDay),
        "mood": _enum(terms.Mood),
    }
)
_SHOT: Final = _object(
    {"from_seconds": _time, "to_seconds": _time},
    size=partial(optional, check=_enum(framed.ShotSize)),
    angle=partial(optional, check=_enum(framed.Angle)),
    lens=partial(optional, check=_enum(framed.Lens)),
    focal_mm=partial(optional, check=partial(whole, least=4, most=2_000)),
    composition=_list(_enum(framed.Composition), len(framed.Composition)),
    techniques=_list(_enum(framed.Technique), len(framed.Technique)),
    blocking=_list(
        _object({"about": partial(_word, least=1), "relation": _enum(Relation)}, beside=_word), MAX_MOVES
    ),
)
_STEP: Final = partial(whole, least=0, most=MAX_MOVES)
_CAMERA: Final = _object(
    {
        "move": _enum(terms.Move),
        "strength": partial(number, least=0, most=1),
        "from_seconds": _time,
        "to_seconds": _time,
    },
    ease=_enum(terms.Ease),
    tracking=flag,
    asked=flag,
    about=_word,
    step=_STEP,
    either_way=flag,
)
_SUBJECT: Final = _object(
    {"kind": _enum(terms.SubjectKind), "action": _enum(terms.Action), "heading": _enum(terms.Heading)},
    from_seconds=_time,
    to_seconds=partial(optional, check=_time),
    asked=flag,
    about=_word,
    verb=_word,
    step=_STEP,
)
_SOURCE: Final = _enum(terms.LightSource)
_LIGHTING: Final = _object(
    {
        "sources": _list(_SOURCE, len(terms.LightSource)),
        "contrast": _enum(terms.Contrast),
        "palette": _enum(terms.Palette),
    },
    accents=_list(colour, 8),
    sides=_list(_object({"side": _enum(framed.Side)}, source=partial(optional, check=_SOURCE)), MAX_MOVES),
    tones=_list(_enum(framed.Tone), len(framed.Tone)),
    colours=_list(colour, 8),
)
_RENDER: Final = _object(
    {},
    model=partial(text, most=64),
    tier=partial(or_empty, check=_enum(Kind)),
    resolution=partial(or_empty, check=_enum(Resolution)),
    dynamic_range=partial(or_empty, check=_enum(DynamicRange)),
)
_PLAN: Final = _object(
    {
        "concept": _CONCEPT,
        "motion": _object({"camera": _list(_CAMERA, MAX_MOVES), "subjects": _list(_SUBJECT, MAX_MOVES)}),
        "lighting": _LIGHTING,
        "duration_seconds": _time,
        "loop": flag,
    },
    shots=_list(_SHOT, MAX_SHOTS),
    avoid=_list(
        _object(
            {"kind": _enum(framed.Avoided), "what": partial(_word, least=1)},
            terms=partial(several, each=_word, most=MAX_MOVES),
        ),
        MAX_MOVES,
    ),
    asked=_list(_enum(Asked), len(Asked)),
    render=partial(optional, check=_RENDER),
)
