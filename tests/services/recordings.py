"""Recordings that somebody has brought, as a media step leaves them."""

import json

from sqlalchemy import text

from plugin_backend.domain.callers import Caller
from tests.services.studio import Studio


def recorded(studio: Studio, caller: Caller, *, kind: str = "audio", state: str = "ready") -> str:
    """Its id."""
    asset_id = f"ast_{studio.count('assets'):026}"
    insert = (
        "INSERT INTO assets (id, workspace_id, owner_id, state, kind, media_type, bytes, files, created_at,"
        " updated_at) VALUES (:id, :workspace_id, :owner_id, :state, :kind, 'audio/wav', 1, :files, :now,"
        " :now)"
    )
    values = {"workspace_id": caller.workspace_id, "owner_id": caller.user_id, "state": state, "kind": kind}
    files = json.dumps({"clean": f"assets/{asset_id}/clean.wav"})
    with studio.house.engine.begin() as connection:
        connection.execute(
            text(insert), {**values, "id": asset_id, "files": files, "now": studio.clock.moment}
        )
    return asset_id
