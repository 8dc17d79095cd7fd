"""When generations are expected, and why late ones are late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from plugin_backend.db.generations import GenerationView
from plugin_backend.db.health import all_health, under_way
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.lifecycle import GENERATION, TAKE, GenerationState
from plugin_backend.domain.making.health import Health
from plugin_backend.domain.making.lateness import Case, Provider, Sending, expectation, usual_time
from plugin_backend.domain.making.measures import Measures
from plugin_backend.services.house import House
from plugin_backend.services.making import measured
from plugin_backend.services.making.manners import limits_of

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
    known = [(view, usual) for view in waited if (usual := _usual(view, measures)) is not None]
    late = [view.generation.id for view, usual in known if _is_late(view, usual, now=now)]
    heard = _heard(house, late) if late else _Heard({}, {})
    expected = {
        view.generation.id: expectation(_case(view, usual, measures, heard, now=now)) for view, usual in known
    }
    return tuple(
        view if view.generation.id not in expected else replace(view, expected=expected[view.generation.id])
        for view in views
    )


@dataclass(frozen=True, slots=True)
class _Heard:
    """How the providers stand, and what was said to the POSTs of those that are late."""

    standings: Mapping[str, Provider]
    said: Mapping[str, Sending]


def _usual(view: GenerationView, measures: Measures) -> timedelta | None:
    """How long such a one usually takes; None where nobody knows."""
    row, (maker, model) = view.generation, _made_by(view)
    is_scaled = maker == ANIMATIC or any(take.parts > 1 for take in view.takes)
    return usual_time(row.expected_seconds, measures.get((model, row.kind)), is_scaled=is_scaled)


def _made_by(view: GenerationView) -> tuple[str, str]:
    """The provider and the model of the first take that is not there yet, else those of the request."""
    row, open_takes = view.generation, [take for take in view.takes if take.state not in TAKE.terminal]
    maker = next((take.provider for take in open_takes if take.provider is not None), row.provider)
    return maker, next((take.model for take in open_takes if take.model is not None), row.model)


def _is_late(view: GenerationView, usual: timedelta, *, now: datetime) -> bool:
    return view.generation.created_at + usual <= now


def _case(
    view: GenerationView, usual: timedelta, measures: Measures, heard: _Heard, *, now: datetime
) -> Case:
    """What can be said of a generation from its own rows, and from what was heard of it."""
    row, (maker, model) = view.generation, _made_by(view)
    provider = heard.standings.get(maker) if _is_late(view, usual, now=now) else None
    return Case(
        created_at=row.created_at,
        usual=usual,
        now=now,
        takes=[take.state for take in view.takes],
        provider=provider or Provider(name=maker, health=Health(), is_ours=maker == ANIMATIC),
        measured=measures.get((model, row.kind)),
        queue_position=view.queue_position,
        sending=heard.said.get(row.id, Sending()),
    )


def _heard(house: House, late: Sequence[str]) -> _Heard:
    standings = house.standings.get(lambda: _standings(house))
    with house.begin() as work:
        rows = work.connection.execute(_SENDING, {"ids": list(late)})
        said = {
            row.generation_id: Sending(refused=row.refused, last_words=row.said, in_doubt=row.in_doubt)
            for row in rows
        }
    return _Heard(standings, said)


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
