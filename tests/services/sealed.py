"""The audit as tests write to it, tamper with it and verify it."""

from typing import Any

from plugin_backend.db.journal import audit
from plugin_backend.services.running import auditing
from plugin_backend.services.running.auditing import Flaw
from tests.databases import connect
from tests.services.studio import Studio


def write(studio: Studio, *actions: str, workspace_id: str = "wsp_1", reason: str | None = None) -> None:
    """Entries of one chain, each in a transaction of its own."""
    for action in actions:
        with studio.house.begin() as work:
            audit(
                work,
                action,
                subject_id="usr_2",
                actor_id="usr_1",
                workspace_id=workspace_id,
                after={"limit": 5},
                reason=reason,
            )


def tamper(studio: Studio, *statements: str) -> None:
    """As somebody with every right to the database, past its triggers."""
    with connect(studio.url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


def flaw(studio: Studio, **asked: Any) -> Flaw | None:
    """The first thing wrong with the chain of `wsp_1`."""
    (found,) = auditing.verify(studio.house, workspace_id="wsp_1", **asked)
    return found.flaw
