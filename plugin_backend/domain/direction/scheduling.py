"""When things happen: times that the brief names, and the order of what it puts one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

from plugin_backend.domain.direction.clauses import Clause, Join
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.timing import Timed, When

_STEPS: Final = {Join.THEN, Join.BEFORE, Join.AFTER}
_LAST: Final = Fraction(1)  # second, for what is asked beyond the end: kept, at the end, and told


class Track(StrEnum):
    """Who is scheduled."""

    CAMERA = "camera"
    SUBJECT = "subject"
    SHOT = "shot"


@dataclass(slots=True)
class Event:
    """Something that happens; its times are filled in by the schedule. Seconds."""

    track: Track
    at: int
    end: int
    what: Any
    is_idle: bool = False
    """It lasts until something else happens, as standing does."""
    who: str = ""
    step: int = 0
    is_ordered: bool = False
    start: Fraction | None = None
    until: Fraction | None = None
    lasts: Fraction | None = None
    times: list[Timed] = field(default_factory=list)


def schedule(said: Said, events: Sequence[Event], *, duration: Fraction) -> None:
    """Give every event its step and its times within the shot."""
    _give_times(said, events, duration)
    _give_steps(said, events)
    _give_turns(said, events)
    _give_holds(said, events)
    _give_ends(events, duration)
    for event in events:
        _keep_within(event, duration)


def _give_times(said: Said, events: Sequence[Event], duration: Fraction) -> None:
    """Each time to the events of its own clause, else to those of the clause it leans on."""
    by_clause: dict[int, list[Event]] = {}
    for event in events:
        by_clause.setdefault(said.clause_of(event.at), []).append(event)
    for time in said.times:
        for event in _leaning(said, time, by_clause):
            event.times.append(time)
    for number, together in by_clause.items():
        _share_between(said, number, together, by_clause)
    for event in events:
        for time in event.times:
            _apply(event, time, duration)


def _leaning(said: Said, time: Timed, by_clause: dict[int, list[Event]]) -> Sequence[Event]:
    own = said.clause_of(time.at)
    here = by_clause.get(own, [])
    if len(here) > 1 and len({event.is_idle for event in here}) > 1:
        return [min(here, key=lambda event: _distance(event, time))]  # `tilt down for 2 s and hold`
    if len(here) > 1:
        others = [each for each in said.times if each is not time and said.clause_of(each.at) == own]
        if others:
            return [min(here, key=lambda event: _distance(event, time))]
    if here:
        return here
    is_first = time.at <= said.clauses[own].at + 1
    order = (own + 1, own - 1) if is_first else (own - 1, own + 1)
    sentence = said.clauses[own].sentence
    for number in order:
        if number in by_clause and said.clauses[number].sentence == sentence:
            return by_clause[number]
    return ()


def _distance(event: Event, time: Timed) -> int:
    return time.at - event.end if time.at >= event.end else event.at - time.end + 1


def _share_between(
    said: Said, number: int, together: Sequence[Event], by_clause: dict[int, list[Event]]
) -> None:
    """What happens `while` something timed happens has its time."""
    clause = said.clauses[number]
    if clause.join is not Join.WHILE or any(event.times for event in together):
        return
    for other in (number - 1, number + 1):
        near = by_clause.get(other, [])
        if near and said.clauses[other].sentence == clause.sentence and near[0].times:
            for event in together:
                event.times.extend(near[0].times)
            return


def _apply(event: Event, time: Timed, duration: Fraction) -> None:
    first, second = time.seconds(time.first, duration), time.seconds(time.second, duration)
    match time.when:
        case When.FROM:
            event.start = first
        case When.UNTIL:
            event.until = first
        case When.BETWEEN:
            event.start, event.until = first, second
        case When.FIRST:
            event.start, event.until = Fraction(0), first
        case When.LAST:
            event.start, event.until = max(Fraction(0), duration - first), duration
        case When.FOR:
            event.lasts = first


def _give_steps(said: Said, events: Sequence[Event]) -> None:
    """`then` puts the events after it behind those before it."""
    ordered = sorted(events, key=lambda event: event.at)
    for number, clause in enumerate(said.clauses):
        if clause.join not in _STEPS:
            continue
        right = [event for event in ordered if clause.at <= event.at < clause.end]
        if clause.join in {Join.THEN, Join.BEFORE} and number:
            if not right:  # `then, slowly, it rises`: what follows the comma
                right = _following(said, ordered, number)
            left = _preceding(said, ordered, number, right)
            _link(*((right, left) if _is_reversed(said, clause) else (left, right)))
        elif clause.join is Join.AFTER and right:
            _after(said, ordered, number, right)


def _give_turns(said: Said, events: Sequence[Event]) -> None:
    """`push in for 2 s, hold 1 s, pull out for 2 s`: of one track, each with its own length, one by one."""
    turns: dict[tuple[Track, int], list[Event]] = {}
    for event in events:
        is_length = event.lasts is not None and event.start is None and event.until is None
        if is_length and not event.is_ordered:
            key = (event.track, said.clauses[said.clause_of(event.at)].sentence)
            turns.setdefault(key, []).append(event)
    for together in turns.values():
        clauses = {said.clause_of(event.at) for event in together}
        if len(together) > 1 and len(clauses) == len(together):
            for step, event in enumerate(sorted(together, key=lambda each: each.at)):
                event.step, event.is_ordered = step, True


def _give_holds(said: Said, events: Sequence[Event]) -> None:
    """`tilt down and hold` is one after the other."""
    ordered = sorted((event for event in events if event.track is Track.CAMERA), key=lambda event: event.at)
    for event, other in pairwise(ordered):
        joined = said.words[other.at - 1] == "and" and said.clause_of(event.at) == said.clause_of(other.at)
        if joined and other.is_idle and not event.is_idle and not other.is_ordered:
            other.step, other.is_ordered, event.is_ordered = event.step + 1, True, True


def _is_reversed(said: Said, clause: Clause) -> bool:
    """`before that, stay still` comes earlier than what was said before it."""
    return clause.join is Join.BEFORE and said.words[clause.at + 1 : clause.at + 2] in {("that",), ("this",)}


def _following(said: Said, ordered: Sequence[Event], number: int) -> list[Event]:
    clauses = said.clauses
    if number + 1 >= len(clauses) or clauses[number + 1].sentence != clauses[number].sentence:
        return []
    return [event for event in ordered if clauses[number + 1].at <= event.at < clauses[number + 1].end]


def _preceding(said: Said, ordered: Sequence[Event], number: int, right: Sequence[Event]) -> list[Event]:
    """The events that `then` follows: of the same track where there is one, back to the join before."""
    clauses, found = said.clauses, list[Event]()
    sentence = clauses[number].sentence
    for index in range(number - 1, -1, -1):
        if clauses[index].sentence < sentence and (found or clauses[index].sentence < sentence - 1):
            break
        found += [event for event in ordered if clauses[index].at <= event.at < clauses[index].end]
        if found and clauses[index].join in {Join.THEN, Join.BEFORE, Join.AFTER}:
            break
    track = right[0].track if right else None
    return [event for event in found if event.track is track] or found


def _link(left: Sequence[Event], right: Sequence[Event]) -> None:
    if not left or not right:
        return
    tracks = {right[0].track}
    step = max(event.step for event in left) + 1
    for event in left:
        event.is_ordered = True
    for event in right:
        if event.track in tracks:
            event.step, event.is_ordered = step, True


def _after(said: Said, ordered: Sequence[Event], number: int, first: Sequence[Event]) -> None:
    """`after the car stops, push in`, `push in after the car stops`: the car comes first either way."""
    clause = said.clauses[number]
    following = [
        event
        for event in ordered
        if event.at >= clause.end and said.clauses[said.clause_of(event.at)].sentence == clause.sentence
    ]
    begins = number == 0 or said.clauses[number - 1].sentence < clause.sentence
    others = following if begins else _preceding(said, ordered, number, ())
    if not others:
        return
    step = max((event.step for event in first), default=0) + 1
    for event in first:
        event.is_ordered = True
    for event in others:
        event.step, event.is_ordered = step, True


def _give_ends(events: Sequence[Event], duration: Fraction) -> None:
    ordered = [event for event in events if event.is_ordered]
    bounds = _bounds(ordered, duration)
    for event in ordered:
        start, end = bounds[event.step], bounds[event.step + 1]
        event.start = start if event.start is None else event.start
        if event.until is None:
            event.until = end if event.lasts is None else event.start + event.lasts
    for event in events:
        if event.is_ordered:
            continue
        event.start = Fraction(0) if event.start is None else event.start
        if event.until is None:
            event.until = (
                _end_of(event, events, duration) if event.lasts is None else event.start + event.lasts
            )


def _end_of(event: Event, events: Sequence[Event], duration: Fraction) -> Fraction:
    """An idle event ends when another of the same track and the same subject begins by the clock."""
    later = [
        other.start
        for other in events
        if other is not event
        and other.track is event.track
        and other.who == event.who
        and other.start is not None
    ]
    begin = event.start or Fraction(0)
    return min((start for start in later if start > begin), default=duration) if event.is_idle else duration


def _bounds(ordered: Sequence[Event], duration: Fraction) -> list[Fraction]:
    """Where each step begins, and the end: as named, the rest evenly between."""
    steps = max((event.step for event in ordered), default=0) + 1
    known: list[Fraction | None] = [Fraction(0), *([None] * (steps - 1)), duration]
    for step in range(steps):
        here = [event for event in ordered if event.step == step]
        starts = [event.start for event in here if event.start is not None]
        if starts:
            known[step] = min(starts)
        begin = known[step]
        ends = [event.until for event in here if event.until is not None]
        if begin is not None:
            ends += [begin + event.lasts for event in here if event.lasts is not None]
        if ends and step + 1 < steps:
            known[step + 1] = max(ends)
    return _filled(known)


def _filled(known: Sequence[Fraction | None]) -> list[Fraction]:
    found: list[Fraction] = []
    for index, bound in enumerate(known):
        if bound is not None:
            found.append(bound)
            continue
        follows = next(place for place in range(index, len(known)) if known[place] is not None)
        end = known[follows]
        assert end is not None
        found.append(found[-1] + (end - found[-1]) / (follows - index + 1))
    return found


def _keep_within(event: Event, duration: Fraction) -> None:
    start = event.start or Fraction(0)
    if start >= duration:
        start = duration - min(_LAST, duration / 2)
        event.until = duration
    until = duration if event.until is None else min(event.until, duration)
    event.start, event.until = start, until if until > start else duration
