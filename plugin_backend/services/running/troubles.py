"""What an operator is woken for, counted: failures, exposures, steps that died, webhooks, connections."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, TextClause, text

from plugin_backend.db.unit_of_work import UnitOfWork

_SINCE: Final = timedelta(hours=1)
_FAILURES: Final = text(
    "SELECT coalesce(failure ->> 'slug', '-') AS name, count(*) AS number FROM generations"
    " WHERE created_at > :since AND state = 'failed' GROUP BY 1 ORDER BY 1"
)
_EXPOSED: Final = text(
    "SELECT provider AS name, sum(credits_at_risk)::bigint AS number FROM attempts"
    " WHERE exposed AND settled_at IS NULL GROUP BY provider ORDER BY provider"
)
_WEBHOOKS: Final = text(
    "SELECT state AS name, count(*) AS number FROM webhook_messages"
    " WHERE created_at > :since GROUP BY state ORDER BY state"
)
_DISABLED: Final = text("SELECT count(*) FROM webhooks WHERE disabled_at IS NOT NULL")
_EXPIRED: Final = text("SELECT count(*) FROM work WHERE lease IS NOT NULL AND lease_until < :now")
_CONNECTIONS: Final = text(
    "SELECT coalesce(nullif(application_name, ''), '-') AS name, count(*) AS number FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1 ORDER BY 1"
)
_LIMIT: Final = text(
    "SELECT CASE WHEN rolconnlimit >= 0 THEN rolconnlimit ELSE current_setting('max_connections')::int END"
    " FROM pg_roles WHERE rolname = current_user"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """Counts as of now; those of failures and webhooks are of the last hour."""

    failures: Mapping[str, int]
    """Generations by the slug of what failed them."""
    exposed_credits: Mapping[str, int]
    """By provider: what it may bill and nobody was charged for, not yet settled by an operator."""
    webhook_messages: Mapping[str, int]
    """By state."""
    disabled_webhooks: int
    expired_leases: int
    """Rows whose holder died and that nobody has taken up again."""
    connections: Mapping[str, int]
    """To PostgreSQL, by application."""
    connections_limit: int


def troubles_of(work: UnitOfWork) -> Troubles:
    """Count them."""
    connection, since = work.connection, {"since": work.now - _SINCE}
    return Troubles(
        failures=_named(connection, _FAILURES, since),
        exposed_credits=_named(connection, _EXPOSED, {}),
        webhook_messages=_named(connection, _WEBHOOKS, since),
        disabled_webhooks=connection.execute(_DISABLED).scalar_one(),
        expired_leases=connection.execute(_EXPIRED, {"now": work.now}).scalar_one(),
        connections=_named(connection, _CONNECTIONS, {}),
        connections_limit=connection.execute(_LIMIT).scalar_one(),
    )


def _named(connection: Connection, statement: TextClause, values: Mapping[str, object]) -> dict[str, int]:
    return {row.name: row.number for row in connection.execute(statement, dict(values))}
