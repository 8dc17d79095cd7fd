"""What an operator bars, only an operator lifts: who disabled somebody, and ceilings for overridden limits."""

from alembic import op

revision = "0026"
down_revision = "0025"

_UP = """
ALTER TABLE users ADD COLUMN disabled_by_operator BOOLEAN NOT NULL DEFAULT false,
    ADD COLUMN draft_limit_ceiling INTEGER CHECK (draft_limit_ceiling >= 0),
    ADD COLUMN max_concurrent_ceiling INTEGER CHECK (max_concurrent_ceiling > 0);
"""
_COLUMNS = ("disabled_by_operator", "draft_limit_ceiling", "max_concurrent_ceiling")


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)


def downgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE users DROP COLUMN {column}")
