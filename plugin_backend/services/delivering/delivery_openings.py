"""The rows of a new delivery: of one take, or of the cut of a storyboard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import DeliveryRow, GenerationRow, TakeRow, columns_of, read_row
from plugin_backend.db.tables import deliveries, delivery_takes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.cut_plan import parts_of
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.expected_size import of_delivery
from plugin_backend.domain.errors import (
    ConflictError,
    GoneError,
)
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.domain.work import Lane
from plugin_backend.services.moves import told_of
from plugin_backend.services.stepping import make_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """All that the row of a new delivery says; of a take, or of a storyboard's cut."""

    id: str
    workspace_id: str
    owner_id: str
    wanted: DeliveryRequest
    plan: Mapping[str, Any]
    is_draft: bool
    storyboard_id: str | None = None


def check_there(take: TakeRow, generation: GenerationRow) -> None:
    """Refuse a take that has no media, or none any more."""
    if take.media_deleted_at is not None or generation.deleted_at is not None:
        raise GoneError("The media of this take has been deleted.")
    if take.state is not TakeState.STORED:
        raise ConflictError(f"A take that is {take.state} cannot be delivered; wait until it is stored.")


def opened(work: UnitOfWork, made: Opening, take_ids: Sequence[str]) -> DeliveryRow:
    """Write the rows of a new delivery and make its first step due."""
    is_cut = made.storyboard_id is not None
    values: dict[str, Any] = {
        "id": made.id,
        "workspace_id": made.workspace_id,
        "owner_id": made.owner_id,
        "take_id": None if is_cut else take_ids[0],
        "storyboard_id": made.storyboard_id,
        "host": made.wanted.host,
        "request": made.wanted.to_json(),
        "plan": dict(made.plan),
        "expected_bytes": of_delivery(ConformPlan.from_json(each["plan"]) for each in parts_of(made.plan)),
        "created_at": work.now,
        "updated_at": work.now,
    }
    statement = insert(deliveries).values(values).returning(*columns_of(deliveries, DeliveryRow))
    row = read_row(DeliveryRow, work.connection.execute(statement).one())
    if is_cut:
        numbered = [
            {"delivery_id": row.id, "number": number, "take_id": take_id}
            for number, take_id in enumerate(take_ids)
        ]
        work.connection.execute(insert(delivery_takes), numbered)
    lane = Lane.STEP_DRAFT if made.is_draft else Lane.STEP_MASTER
    make_due(work, Due(row.id, lane, row.owned))
    record_event(work, "delivery.queued", subject_id=row.id, owned=row.owned, data=told_of(row))
    return row
