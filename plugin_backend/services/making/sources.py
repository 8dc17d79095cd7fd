"""The film a request works on or goes on from: a film at all, as long as is said, of a maker that can."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select

from plugin_backend.db.tables import assets, generations, takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Brief, Operation, Source
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.seconds import as_number, in_milliseconds, is_as_long


@dataclass(frozen=True, slots=True, kw_only=True)
class _Film:
    seconds: Fraction | None
    provider: str | None
    """Whose model made it; None: an editor brought it."""
    is_film: bool = True


def check_source(work: UnitOfWork, brief: Brief, models: Sequence[Model]) -> None:
    """Refuse what would be priced by a length that its film has not, or that no model here could go on from.

    That the film is there and may be used was checked before.
    """
    if brief.source is None:
        return
    film = _film(work, brief.source)
    problems = (*_film_problems(brief, brief.source, film), *_strangers(brief.source, film, models))
    if problems:
        raise ValidationFailedError(problems)


def seconds_of(facts: Mapping[str, Any] | None) -> Fraction | None:
    """How long a take came out; None where nobody counted its frames."""
    count, rate = (facts or {}).get("frame_count"), (facts or {}).get("frame_rate")
    return None if count is None or rate is None else Fraction(count) / Fraction(rate)


def strangers_to(work: UnitOfWork, source: Source, models: Sequence[Model]) -> Mapping[str, str]:
    """The ids of those models that cannot go on from a film that is there, each with why not."""
    unable = _unable(source, _film(work, source), models)
    return {model.id: _stranger_in_words(model) for model in unable}


def _film_problems(brief: Brief, source: Source, film: _Film) -> Iterator[FieldProblem]:
    if not film.is_film:
        yield FieldProblem("/brief/source/asset_id", f"{source.asset_id} is no film.")
    elif source.operation is Operation.EXTEND or film.seconds is None:
        return
    elif not is_as_long(film.seconds, brief.duration_seconds):
        spelt = as_number(in_milliseconds(film.seconds))
        detail = f"What it makes is as long as its film, which lasts {spelt} s; ask for that."
        yield FieldProblem("/brief/duration_seconds", detail)


def _strangers(source: Source, film: _Film, models: Sequence[Model]) -> Iterator[FieldProblem]:
    for model in _unable(source, film, models):
        yield FieldProblem("/brief/source", _stranger_in_words(model))


def _unable(source: Source, film: _Film, models: Sequence[Model]) -> list[Model]:
    """An extension goes on from a take of the model's own provider."""
    if source.operation is not Operation.EXTEND or not film.is_film:
        return []
    return [model for model in models if model.provider != film.provider]


def _stranger_in_words(model: Model) -> str:
    return (
        f"{model.id} goes on from what {model.provider} has made only;"
        " give the last frame of the film as a first frame instead."
    )


def _film(work: UnitOfWork, source: Source) -> _Film:
    if source.take_id is not None:
        return _film_of_take(work, source.take_id)
    row = work.connection.execute(
        select(assets.c.kind, assets.c.duration_seconds).where(assets.c.id == source.asset_id)
    ).one()
    seconds = None if row.duration_seconds is None else Fraction(row.duration_seconds)
    return _Film(seconds=seconds, provider=None, is_film=row.kind == "video")


def _film_of_take(work: UnitOfWork, take_id: str) -> _Film:
    row = work.connection.execute(
        select(func.coalesce(takes.c.provider, generations.c.provider).label("made_by"), takes.c.facts)
        .join_from(takes, generations, generations.c.id == takes.c.generation_id)
        .where(takes.c.id == take_id)
    ).one()
    return _Film(seconds=seconds_of(row.facts), provider=row.made_by)
