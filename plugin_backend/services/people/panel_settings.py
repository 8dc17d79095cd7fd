"""What a person's panels keep here, so that it is the same in each of them: a document of their own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.tables import panel_settings
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import PayloadTooLargeError
from plugin_backend.services.house import House

MOST_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """The document as it stands, and since when; None before anything was kept."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    updated_at: datetime | None = None


def get(house: House, caller: Caller) -> PanelSettings:
    """The caller's own."""
    caller.require_reviewing()
    columns = panel_settings.c
    wanted = select(columns.settings, columns.updated_at).where(columns.user_id == caller.user_id)
    with house.begin() as work:
        row = work.connection.execute(wanted).one_or_none()
    return PanelSettings() if row is None else PanelSettings(row.settings, row.updated_at)


def change(house: House, caller: Caller, members: Mapping[str, Any]) -> PanelSettings:
    """Set these members and leave the others; None removes one. Two panels at once lose nothing."""
    caller.require_reviewing()
    columns, mine = panel_settings.c, panel_settings.c.user_id == caller.user_id
    with house.begin() as work:
        blank = {"user_id": caller.user_id, "settings": {}, "updated_at": work.now}
        work.connection.execute(insert(panel_settings).values(blank).on_conflict_do_nothing())
        before = work.connection.execute(select(columns.settings).where(mine).with_for_update()).scalar_one()
        after = {name: value for name, value in {**before, **members}.items() if value is not None}
        if len(json.dumps(after, ensure_ascii=False, separators=(",", ":")).encode()) > MOST_BYTES:
            raise PayloadTooLargeError("A panel keeps at most 64 KiB: remove what is not needed any more.")
        changed = update(panel_settings).where(mine)
        work.connection.execute(
            changed.values(settings=after, updated_at=work.now, version=columns.version + 1)
        )
        return PanelSettings(after, work.now)
