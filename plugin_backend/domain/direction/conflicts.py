"""What a brief asks for and cannot have: things that contradict each other, and things no model can do."""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Final

from plugin_backend.domain.direction.advice_kinds import Advice, AdviceKind, ModelFacts, Severity
from plugin_backend.domain.direction.framing import Avoided
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import Asked, CameraMove, ShotPlan
from plugin_backend.domain.direction.terms import Move, SubjectKind, TimeOfDay, Weather
from plugin_backend.domain.direction.timing import When

_ORBITS: Final = {Move.ORBIT_LEFT, Move.ORBIT_RIGHT}
_QUICKEST_ORBIT: Final = Fraction(3)  # seconds for the whole way round
_MOST_COUNTED: Final = 6
_DARK: Final = {TimeOfDay.NIGHT}
_LIGHT: Final = {TimeOfDay.NOON, TimeOfDay.MORNING, TimeOfDay.AFTERNOON}
_DRY: Final = {("clear", "sky"), ("clear", "blue", "sky"), ("cloudless",), ("sunny",), ("blue", "sky")}
_WET: Final = {Weather.RAIN, Weather.STORM, Weather.SNOW}
_CHANGES: Final = {
    "turning",
    "turns",
    "becomes",
    "becoming",
    "fades",
    "to",
    "into",
    "lapse",
    "until",
    "then",
    "after",
}
_PEOPLE: Final = {SubjectKind.PERSON, SubjectKind.CROWD, SubjectKind.CHILD}
_COUNT: Final = re.compile(
    r"\b(?:exactly |precisely )?(\d{1,4}|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|twenty|thirty|forty|fifty|hundred) "
    r"((?:[a-z]+ ){0,2})([a-z]+s|people|men|women|children|geese)\b"
)
_NOT_COUNTED: Final = {
    "seconds",
    "secs",
    "s",
    "degrees",
    "frames",
    "mms",
    "hours",
    "years",
    "minutes",
    "fps",
    "metres",
    "meters",
}
_TEXT: Final = re.compile(
    r"\b(?:reads?|reading|says|saying|spells?|spelling|labelled|labeled|written|the words?|the text|titled|"
    r"captioned|caption|subtitles?|the title) +[\"\u201c\u2018']?[a-z0-9]"
)
_WRITTEN: Final = re.compile(
    r"\b(?:signs?|text|letters?|logos?|titles?|captions?|words?|poster|banner|billboard|neon|screen|label|"
    r"book|newspaper|subtitles?)\b"
)
_SOUND: Final = frozenset(
    [
        "music",
        "soundtrack",
        "voiceover",
        "narration",
        "narrator",
        "dialogue",
        "sound",
        "sounds",
        "audio",
        "song",
        "whispers",
        "shouts",
        "says",
        "speaks",
        "singing",
    ]
)


def conflicts_in(
    kept: Said, plan: ShotPlan, *, duration: Fraction, model_facts: ModelFacts | None
) -> Iterator[Advice]:
    """All of them; `kept` is the brief without what it rules out."""
    yield from _camera_against_itself(plan)
    yield from _quick_orbits(plan)
    yield from _hours(kept)
    yield from _weathers(kept)
    yield from _ruled_out_and_asked(plan)
    yield from _beyond(kept, duration)
    yield from _writing(kept)
    yield from _counts(kept)
    yield from _sounds(kept, model_facts)


def _against(code: str, about: str, says: str, *try_words: str, **values: str) -> Advice:
    return Advice(
        kind=AdviceKind.CONTRADICTION,
        code=f"contradiction.{code}",
        values=values,
        about=about,
        says=says,
        try_words=try_words,
        severity=Severity.WARNING,
    )


def _cannot(about: str, says: str, *try_words: str, **values: str) -> Advice:
    return Advice(
        kind=AdviceKind.IMPOSSIBLE,
        code=f"impossible.{about}",
        values=values,
        about=about,
        says=says,
        try_words=try_words,
        severity=Severity.WARNING,
    )


def _camera_against_itself(plan: ShotPlan) -> Iterator[Advice]:
    """Left and right at once, or a move in a shot that stands still."""
    asked = [move for move in plan.motion.camera if move.asked]
    told: set[frozenset[Move]] = set()
    for one, other in combinations(asked, 2):
        opposed = one.move.other_way is other.move or Move.STATIC in (one.move, other.move)
        pair = frozenset((one.move, other.move))
        if not opposed or len(pair) < 2 or pair in told or not _at_once(one, other):
            continue
        told.add(pair)
        names = f"{_plain(one.move)} and {_plain(other.move)}"
        if one.move.other_way is other.move:
            then = f"{_plain(one.move)}, then {_plain(other.move)}"
            says = f"The camera cannot {names} at the same time."
            both = {"one": one.move.value, "other": other.move.value}
            yield _against("opposite-moves", "camera", says, then, _plain(one.move), **both)
        else:
            moves = other.move if one.move is Move.STATIC else one.move
            says, moving = f"A static camera cannot {_plain(moves)}.", _plain(moves)
            yield _against("static-moves", "camera", says, f"static, then {moving}", moving, move=moves.value)


def _at_once(one: CameraMove, other: CameraMove) -> bool:
    return max(one.from_seconds, other.from_seconds) < min(one.to_seconds, other.to_seconds)


def _quick_orbits(plan: ShotPlan) -> Iterator[Advice]:
    for move in plan.motion.camera:
        seconds = move.to_seconds - move.from_seconds
        if move.asked and move.move in _ORBITS and move.strength >= 1 and seconds < _QUICKEST_ORBIT:
            yield _cannot(
                "camera",
                f"A way round in {_seconds(seconds)} s is faster than models turn.",
                f"a quarter orbit in {_seconds(seconds)} s",
                f"orbit over {_QUICKEST_ORBIT} seconds or more",
                seconds=_seconds(seconds),
            )


def _hours(said: Said) -> Iterator[Advice]:
    hits = [
        hit
        for hit in said.found("hour")
        if said.words[hit.at : hit.end] not in {("bright",), ("neon",), ("day",)}
    ]
    dark = [hit for hit in hits if hit.term in _DARK]
    bright = [hit for hit in hits if hit.term in _LIGHT]
    if dark and bright and not _CHANGES.intersection(_between(said, dark[0].at, bright[0].at)):
        one, other = said.phrase(dark[0]), said.phrase(bright[0])
        says = f"It cannot be both {one} and {other}."
        yield _against("two-hours", "time-of-day", says, one, other, one=one, other=other)


def _weathers(said: Said) -> Iterator[Advice]:
    hits = said.found("weather")
    dry = [hit for hit in hits if said.words[hit.at : hit.end] in _DRY]
    wet = [hit for hit in hits if hit.term in _WET]
    if dry and wet and not _CHANGES.intersection(_between(said, dry[0].at, wet[0].at)):
        one, other = said.phrase(wet[0]), said.phrase(dry[0])
        says = f"There is no {one} under a {other}."
        yield _against("two-weathers", "weather", says, one, other, one=one, other=other)


def _between(said: Said, one: int, other: int) -> set[str]:
    first, last = sorted((one, other))
    return set(said.words[first:last])


def _ruled_out_and_asked(plan: ShotPlan) -> Iterator[Advice]:
    """`no people` beside `a man walks`, `never pans` beside `pans left`."""
    people = [each for each in plan.concept.subjects if each.kind in _PEOPLE]
    moves = {move.move.value: move for move in plan.motion.camera if move.asked}
    for each in plan.avoid:
        if each.kind is Avoided.SUBJECT:
            kinds = {SubjectKind.PERSON, SubjectKind.CROWD}
            is_people = kinds & {SubjectKind(term) for term in each.terms}
            shown = [s for s in plan.concept.subjects if s.kind.value in each.terms] or (
                people if is_people else []
            )
            if shown and not _is_but(each.what):
                name = shown[0].name
                says = f"The brief says no {each.what}, and shows {name}."
                told = {"what": each.what, "name": name}
                yield _against("avoided-subject", "subject", says, f"only {name}", **told)
        elif each.kind is Avoided.MOVE and moves.keys() & set(each.terms):
            move = next(iter(moves.keys() & set(each.terms)))
            says = f"The brief rules out a {_plain(move)}, and asks for one."
            yield _against("avoided-move", "camera", says, move=move)
        elif (
            each.kind is Avoided.WEATHER
            and Asked.WEATHER in plan.asked
            and plan.concept.weather.value in each.terms
        ):
            says = f"The brief rules out {each.what}, and asks for it."
            yield _against("avoided-weather", "weather", says, what=each.what)


def _is_but(what: str) -> bool:
    return what.startswith("other ")


def _beyond(said: Said, duration: Fraction) -> Iterator[Advice]:
    """Times that the shot does not have."""
    for time in said.times:
        last = time.seconds(time.second, duration)
        is_from = time.when is When.FROM and last >= duration
        if not time.is_share and (is_from or last > duration):
            yield _cannot(
                "time",
                f"The shot lasts {_seconds(duration)} s; {_seconds(last)} s is beyond it.",
                f"at {_seconds(duration / 2)} seconds",
                f"a shot of {_seconds(last + 1)} seconds",
                duration=_seconds(duration),
                seconds=_seconds(last),
            )
            return


def _writing(said: Said) -> Iterator[Advice]:
    match = _TEXT.search(said.text.prompt)
    if match and _WRITTEN.search(said.text.prompt) and said.text.word_at(match.start()) not in said.taken:
        yield _cannot(
            "text",
            "Models misspell what is to be read in the picture. Add it in the edit.",
            "a blank sign",
            "a sign out of focus",
        )


def _counts(said: Said) -> Iterator[Advice]:
    """More than a few of a thing are never counted right."""
    for match in _COUNT.finditer(said.text.prompt):
        number, noun = match[1], match[3]
        is_many = not number.isdigit() or int(number) > _MOST_COUNTED
        middle = match[2].split()
        if is_many and noun not in _NOT_COUNTED and not _NOT_COUNTED.intersection(middle):
            says = f"Models do not count to {number}."
            yield _cannot("count", says, f"a few {noun}", f"many {noun}", number=number)
            return


def _sounds(said: Said, facts: ModelFacts | None) -> Iterator[Advice]:
    heard = sorted(
        _SOUND.intersection(said.words[index] for index in range(len(said.words)) if index not in said.taken)
    )
    if facts is not None and not facts.has_sound and heard:
        says = f"{facts.name} makes no sound: “{heard[0]}” will not be heard."
        yield _cannot("sound", says, model=facts.name, word=heard[0])


def _plain(move: Move | str) -> str:
    return str(move).replace("-", " ")


def _seconds(value: Fraction) -> str:
    return f"{round(float(value), 3):g}"
