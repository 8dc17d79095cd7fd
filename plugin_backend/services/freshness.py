"""Whether a caller's copy still stands: versions alone, one small query, before anything else is read."""

from dataclasses import dataclass
from typing import Any, Final

from psycopg.rows import tuple_row

from plugin_backend.db.driver import glance
from plugin_backend.db.generations import GenerationFilter, state_of_page
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.services.house import House

# A generation's version moves with its takes; deliveries and the place in the queue are counted in here.
_GENERATION: Final = """
    SELECT g.version,
        (SELECT (count(*), sum(d.version))::text FROM takes t JOIN deliveries d ON d.take_id = t.id
         WHERE t.generation_id = g.id) AS deliveries,
        CASE g.state WHEN 'queued' THEN (SELECT count(*) FROM generations ahead
            WHERE ahead.finished_at IS NULL AND ahead.state = 'queued'
              AND ahead.kind = g.kind AND ahead.id < g.id) END AS position,
        g.finished_at IS NULL OR EXISTS (SELECT 1 FROM takes t JOIN deliveries d ON d.take_id = t.id
         WHERE t.generation_id = g.id AND d.finished_at IS NULL) AS unfinished
    FROM generations g
    WHERE g.id = %(id)s AND g.workspace_id = %(workspace_id)s AND g.deleted_at IS NULL
    """
_DELIVERY: Final = """
    SELECT version, finished_at IS NULL OR coalesce(archive->>'state' = 'building', false) AS unfinished
    FROM deliveries WHERE id = %(id)s AND workspace_id = %(workspace_id)s
    """
_ASSET: Final = """
    SELECT version, state IN ('uploading', 'checking') AS unfinished
    FROM assets WHERE id = %(id)s AND workspace_id = %(workspace_id)s AND deleted_at IS NULL
    """


@dataclass(frozen=True, slots=True)
class Freshness:
    """What changes when an answer does, and whether it will change by itself."""

    version: tuple[Any, ...]
    unfinished: bool


def of_generation(house: House, caller: Caller, generation_id: str) -> Freshness:
    """What changes when the generation's answer does; NotFoundError when there is none to answer with."""
    return _read(house, caller, "generation", _GENERATION, generation_id)


def of_page(house: House, caller: Caller, chosen: GenerationFilter) -> Freshness:
    """What changes when the answer with a page of generations does."""
    with house.begin() as work:
        version, unfinished = state_of_page(work.connection, chosen, workspace_id=caller.workspace_id)
    return Freshness((chosen, *version), unfinished=unfinished)


def of_delivery(house: House, caller: Caller, delivery_id: str) -> Freshness:
    """The same for a delivery."""
    return _read(house, caller, "delivery", _DELIVERY, delivery_id)


def of_asset(house: House, caller: Caller, asset_id: str) -> Freshness:
    """The same for an asset."""
    return _read(house, caller, "asset", _ASSET, asset_id)


def _read(house: House, caller: Caller, what: str, statement: str, identifier: str) -> Freshness:
    values = {"id": identifier, "workspace_id": caller.workspace_id}
    row = glance(house.engine, statement, values, into=tuple_row)
    if row is None:
        raise NotFoundError(what)
    return Freshness((identifier, *row), unfinished=row[-1])
