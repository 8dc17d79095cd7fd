"""Removing what editors supplied: never from under something that is being made of it."""

from sqlalchemy import exists, select, update

from plugin_backend.db import work as work_rows
from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import AssetRow
from plugin_backend.db.storage_use import forget_uses
from plugin_backend.db.tables import assets, deliveries, generations, storyboard_shots
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.lifecycle import DELIVERY
from plugin_backend.domain.work import STEP_LEASE, Lane
from plugin_backend.services import stepping


def bury(work: UnitOfWork, row: AssetRow) -> bool:
    """Leave a tombstone; its files go by a step. False while something that is being made uses it."""
    if _in_use(work, row):
        return False
    work.connection.execute(
        update(assets).where(assets.c.id == row.id).values(deleted_at=work.now, version=row.version + 1)
    )
    forget_uses(work.connection, [row.id])
    work_rows.drop(work.connection, [row.id])
    stepping.make_due(work, Due(row.id, Lane.STEP_MASTER, row.owned, next_at=work.now + STEP_LEASE))
    record_event(work, "asset.deleted", subject_id=row.id, owned=row.owned)
    return True


def _in_use(work: UnitOfWork, row: AssetRow) -> bool:
    named = generations.c.request["brief"]["keyframes"].contains([{"asset_id": row.id}])
    referenced = generations.c.request["brief"]["references"].contains([{"asset_id": row.id}])
    source = generations.c.request["brief"]["source"]["asset_id"].astext == row.id
    heard = generations.c.request["deliver_to"]["audio_asset_id"].astext == row.id
    asked = exists().where(
        generations.c.workspace_id == row.workspace_id,
        generations.c.finished_at.is_(None),
        named | referenced | source | heard,
    )
    laid = exists().where(
        deliveries.c.workspace_id == row.workspace_id,
        deliveries.c.state.in_([state.value for state in DELIVERY.unfinished]),
        deliveries.c.request["audio_asset_id"].astext == row.id,
    )
    begins = exists().where(storyboard_shots.c.waiting["asset_id"].astext == row.id)
    return bool(work.connection.execute(select(asked | laid | begins)).scalar_one())
