"""Reading assets."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from plugin_backend.db.rows import AssetRow, columns_of, read_row
from plugin_backend.db.tables import assets


def find_asset(
    connection: Connection, asset_id: str, *, workspace_id: str | None = None, lock: bool = False
) -> AssetRow | None:
    """One asset that was not deleted, perhaps locked; None outside the workspace."""
    statement = select(*columns_of(assets, AssetRow)).where(
        assets.c.id == asset_id, assets.c.deleted_at.is_(None)
    )
    if workspace_id is not None:
        statement = statement.where(assets.c.workspace_id == workspace_id)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    return None if row is None else read_row(AssetRow, row)


def list_assets(
    connection: Connection, *, workspace_id: str, before: str | None, limit: int
) -> tuple[AssetRow, ...]:
    """A workspace's assets, newest first."""
    statement = select(*columns_of(assets, AssetRow)).where(
        assets.c.workspace_id == workspace_id, assets.c.deleted_at.is_(None)
    )
    if before is not None:
        statement = statement.where(assets.c.id < before)
    found = connection.execute(statement.order_by(assets.c.id.desc()).limit(limit))
    return tuple(read_row(AssetRow, row) for row in found)


def checked_assets(connection: Connection, asset_ids: Sequence[str]) -> Mapping[str, AssetRow]:
    """Those of some assets that have a checked file, by id."""
    if not asset_ids:
        return {}
    found = connection.execute(select(*columns_of(assets, AssetRow)).where(assets.c.id.in_(asset_ids)))
    rows = [read_row(AssetRow, row) for row in found]
    return {row.id: row for row in rows if row.files}
