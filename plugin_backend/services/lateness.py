"""When generations are expected, and why late ones are late."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import text

from plugin_backend.db.generations import GenerationView
from plugin_backend.db.health import all_health, under_way
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.health import Health
from plugin_backend.domain.lateness import Case, Provider, Sending, expectation, usual_time
from plugin_backend.domain.lifecycle import GENERATION, TAKE, GenerationState
from plugin_backend.domain.measures import Measures
from plugin_backend.services import measured
from plugin_backend.services.house import House
from plugin_backend.services.manners import limits_of

_SENDING: Final = text(
    """
    SELECT t.generation_id, count(*) FILTER (WHERE a.state = 'refused') AS refused,
        bool_or(a.state = 'intent') AS in_doubt,
        (array_agg(a.detail ORDER BY a.created_at DESC) FILTER (WHERE a.state = 'refused'))[1] AS said
    FROM takes t JOIN attempts a ON a.take_id = t.id
    WHERE t.generation_id = ANY(:ids) AND t.state IN ('wanted', 'submitted')
    GROUP BY t.generation_id
    """
)
_EXPECTED: Final = GENERATION.unfinished - {GenerationState.PAUSED}  # that one waits for a person


def timed(house: House, views: Sequence[GenerationView], *, now: datetime) -> tuple[GenerationView, ...]:
    """The same generations, the unfinished ones with what is expected of them.

    Nothing more is read for those that are in time; for late ones, what was said to their POSTs.
    """
    waited = [view for view in views if view.generation.state in _EXPECTED]
    if not waited:
        return tuple(views)
    measures = measured.lately(house)
    cases = {view.generation.id: _case(view, measures, now=now) for view in waited}
    known = {each: case for each, case in cases.items() if case is not None}
    late = [each for each, case in known.items() if case.created_at + case.usual <= now]
    if late:
        known |= _explained(house, {each: known[each] for each in late})
    expected = {each: expectation(case) for each, case in known.items()}
    return tuple(replace(view, expected=expected.get(view.generation.id)) for view in views)


def _case(view: GenerationView, measures: Measures, *, now: datetime) -> Case | None:
    """What can be said of a generation from its own rows; None where nobody knows how long it takes."""
    row, open_takes = view.generation, [take for take in view.takes if take.state not in TAKE.terminal]
    maker = next((take.provider for take in open_takes if take.provider is not None), row.provider)
    model = next((take.model for take in open_takes if take.model is not None), row.model)
    found = measures.get((model, row.kind))
    is_scaled = maker == ANIMATIC or any(take.parts > 1 for take in view.takes)
    usual = usual_time(row.expected_seconds, found, is_scaled=is_scaled)
    if usual is None:
        return None
    return Case(
        created_at=row.created_at,
        usual=usual,
        now=now,
        takes=[take.state for take in view.takes],
        provider=Provider(name=maker, health=Health(), is_ours=maker == ANIMATIC),
        measured=found,
        queue_position=view.queue_position,
    )


def _explained(house: House, cases: Mapping[str, Case]) -> Mapping[str, Case]:
    """Late ones, with how their providers stand and what was said to their POSTs."""
    standings = house.standings.get(lambda: _standings(house))
    with house.begin() as work:
        rows = work.connection.execute(_SENDING, {"ids": list(cases)})
        said = {
            row.generation_id: Sending(refused=row.refused, last_words=row.said, in_doubt=row.in_doubt)
            for row in rows
        }
    return {
        each: replace(
            case,
            provider=standings.get(case.provider.name, case.provider),
            sending=said.get(each, Sending()),
        )
        for each, case in cases.items()
    }


def _standings(house: House) -> Mapping[str, Provider]:
    with house.begin() as work:
        health, counts = all_health(work.connection), under_way(work.connection)
    return {
        name: Provider(
            name=name,
            health=health.get(name, Health()),
            is_full=counts.get(name, 0) >= limits_of(house, name).concurrency,
        )
        for name in {*house.configured_providers, *health} - {ANIMATIC}
    }
