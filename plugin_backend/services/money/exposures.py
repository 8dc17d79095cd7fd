"""What providers may bill us and nobody was charged for: found, added up, and settled by an operator."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text, update

from plugin_backend.db.journal import audit
from plugin_backend.db.rows import read_row
from plugin_backend.db.tables import attempts
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from plugin_backend.services.house import House
from plugin_backend.services.making.attempts import GRACE
from plugin_backend.services.reach import reach

# In doubt for longer than a POST takes; or, as the database marks it when it comes to it: given up and found
# again; of a take that nobody was charged for; what a charged take goes without.
_EXPOSED: Final = """
    FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id
    WHERE (CAST(:workspace_id AS text) IS NULL OR a.workspace_id = :workspace_id)
      AND (a.exposed OR (a.state = 'intent' AND a.created_at < :overdue
        AND a.provider <> 'animatic' AND a.billed IS DISTINCT FROM false))
"""
_RECOVERED: Final = "g.recovered_from IS NOT NULL AND t.state <> 'failed'"
_LISTED: Final = text(
    "SELECT a.id, a.provider, a.provider_ref, a.request_id, a.model, a.part, a.state, a.detail, a.billed,"
    " a.created_at, a.sent_at, a.take_id, a.settled_at, a.settled_note, a.credits_at_risk AS credits,"
    " a.outputs IS NOT NULL AS is_made, t.generation_id, t.failure ->> 'detail' AS failure,"
    " g.recovered_from, g.workspace_id"
    f" {_EXPOSED} AND (CAST(:before AS text) IS NULL OR a.id < :before)"
    " AND (CAST(:settled AS boolean) IS NULL OR (a.settled_at IS NOT NULL) = :settled)"
    " ORDER BY a.id DESC LIMIT :limit"
)
_TOTALS: Final = text(
    "SELECT a.provider, count(*) AS attempts, sum(a.credits_at_risk)::bigint AS credits,"
    f" count(*) FILTER (WHERE {_RECOVERED}) AS recovered,"
    f" coalesce(sum(a.credits_at_risk) FILTER (WHERE {_RECOVERED}), 0)::bigint AS credits_recovered"
    f" {_EXPOSED} AND a.settled_at IS NULL GROUP BY a.provider ORDER BY a.provider"
)
_ONE: Final = text(
    f"SELECT a.id, a.workspace_id, a.settled_at, a.credits_at_risk AS credits {_EXPOSED} AND a.id = :id"
)

SETTLED: Final = {"open": False, "settled": True, "all": None}
"""What a list may be narrowed to, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A POST that may have cost us money without anybody paying."""

    id: str
    provider: str
    provider_ref: str | None
    request_id: str | None
    """The provider's own, for its support."""
    model: str | None
    part: int
    state: str
    detail: str | None
    billed: bool | None
    created_at: datetime
    sent_at: datetime | None
    take_id: str
    settled_at: datetime | None
    settled_note: str | None
    credits: int
    """Its list price, which is what we may owe."""
    is_made: bool
    generation_id: str
    failure: str | None
    recovered_from: str | None
    workspace_id: str

    @property
    def why(self) -> str:
        """One sentence for the operator."""
        if self.recovered_from is not None and self.failure is not None:
            return f"Found after {self.recovered_from} had ended, and could not be delivered: {self.failure}"
        if self.recovered_from is not None:
            return f"Found after {self.recovered_from} had ended; delivered free as {self.generation_id}."
        if self.state == "intent":
            return "Sent, and not answered yet."
        if self.state == "lost":
            return "Given up as lost, and found later."
        made = "Made, but nobody was charged" if self.is_made else "It may have been started"
        return f"{made}: {self.failure or self.detail or 'its take was given up'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What is not settled yet, of one provider; the recovered ones are counted in."""

    provider: str
    attempts: int
    credits: int
    recovered: int
    credits_recovered: int


def find(
    house: House, actor: Caller, *, settled: bool | None, before: str | None, limit: int
) -> tuple[Exposure, ...]:
    """Exposures within the administrator's reach, newest first."""
    with house.begin() as work:
        chosen = {**_within(work, actor), "settled": settled, "before": before, "limit": limit}
        rows = work.connection.execute(_LISTED, chosen)
        return tuple(read_row(Exposure, row) for row in rows)


def totals(house: House, actor: Caller) -> tuple[Total, ...]:
    """What is open within the administrator's reach, by provider."""
    with house.begin() as work:
        rows = work.connection.execute(_TOTALS, _within(work, actor))
        return tuple(read_row(Total, row) for row in rows)


def settle(house: House, actor: Caller, exposure_id: str, *, note: str) -> None:
    """An operator has dealt with it: paid, disputed, or found that it was never billed."""
    if not actor.is_operator:
        actor.require(Scope.ADMIN)
        raise ForbiddenError("Only an operator settles what providers bill.")
    with house.begin() as work:
        row = work.connection.execute(_ONE, {**_within(work, actor), "id": exposure_id}).one_or_none()
        if row is None:
            raise NotFoundError("exposure")
        changed = work.connection.execute(
            update(attempts)
            .where(attempts.c.id == exposure_id, attempts.c.settled_at.is_(None))
            .values(settled_at=work.now, settled_note=note)
        )
        if changed.rowcount == 0:
            raise ConflictError("This exposure is settled already.")
        audit(
            work,
            "exposure.settle",
            subject_id=exposure_id,
            actor_id=actor.user_id,
            workspace_id=row.workspace_id,
            after={"credits": row.credits},
            reason=note,
        )


def _within(work: UnitOfWork, actor: Caller) -> Mapping[str, Any]:
    return {"workspace_id": reach(actor), "overdue": work.now - GRACE}
