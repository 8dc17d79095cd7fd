"""How each provider is: closed circuit, open, or being probed; and until when it asked us to wait."""

from sqlalchemy import CheckConstraint, Column, Table, Text

from plugin_backend.db.tables.columns import at, count, metadata, one_of
from plugin_backend.domain.making.health import Circuit

provider_health = Table(
    "provider_health",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("state", Text, nullable=False, server_default="closed"),
    count("failures"),
    at("opened_at", nullable=True),
    at("probe_at", nullable=True),
    at("paused_until", nullable=True),
    at("last_ok_at", nullable=True),
    Column("last_error", Text),
    at("updated_at"),
    one_of("state", Circuit),
    CheckConstraint("failures >= 0"),
    CheckConstraint("state = 'closed' OR probe_at IS NOT NULL", name="open_has_probe"),
)
