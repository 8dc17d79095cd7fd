"""Reading and changing what workspaces allow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.rows import mapping_of
from plugin_backend.db.tables import workspace_policies
from plugin_backend.domain.allowance import Policy

_COLUMNS = (
    workspace_policies.c.models,
    workspace_policies.c.blocked_terms,
    workspace_policies.c.attestation_required,
    workspace_policies.c.attestation_text,
)


def find_policy(connection: Connection, workspace_id: str, *, lock: bool = False) -> Policy:
    """A workspace's policy, perhaps locked; the usual one where it has none of its own."""
    statement = select(*_COLUMNS).where(workspace_policies.c.workspace_id == workspace_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    return Policy() if row is None else Policy.of(mapping_of(row))


def put_policy(
    connection: Connection, workspace_id: str, values: Mapping[str, Any], *, now: datetime
) -> None:
    """Set columns of a workspace's policy, whether it had one or not."""
    changes = {**values, "updated_at": now}
    new = insert(workspace_policies).values(workspace_id=workspace_id, **changes)
    version = workspace_policies.c.version + 1
    connection.execute(
        new.on_conflict_do_update(index_elements=["workspace_id"], set_={**changes, "version": version})
    )
