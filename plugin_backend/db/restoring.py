"""What a dump cannot carry over: transaction numbers belong to the server that gave them.

The feed and the webhooks read in the order of those numbers. On another server new ones begin low again, and
whatever happened there would stand before all that was restored, where no reader looks.
"""

from typing import Final

from sqlalchemy import Connection, text

_LOCK: Final = text("LOCK TABLE events, webhooks IN ACCESS EXCLUSIVE MODE")
_WEBHOOKS: Final = text(
    """
    UPDATE webhooks w SET after_xact = '3', after_id = coalesce(
        (SELECT min(e.id) - 1 FROM events e
         WHERE e.workspace_id = w.workspace_id AND (e.xact, e.id) > (w.after_xact, w.after_id)),
        (SELECT max(e.id) FROM events e), 0)
    """
)
"""Each goes on with what it has not sent; where numbers were not in order it may send something twice."""

_EVENTS: Final = text("UPDATE events SET xact = '3'")  # the first an ordinary transaction may have
_FREEZE: Final = text("ALTER TABLE events ENABLE TRIGGER USER")
_THAW: Final = text("ALTER TABLE events DISABLE TRIGGER USER")  # they refuse every UPDATE


def renumber(connection: Connection) -> int:
    """Put everything restored before all that comes, in its own order; returns how many events there are."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(_LOCK)
    connection.execute(_WEBHOOKS)
    connection.execute(_THAW)
    count = connection.execute(_EVENTS).rowcount
    connection.execute(_FREEZE)
    return count
