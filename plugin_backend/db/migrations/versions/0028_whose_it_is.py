"""What is somebody's is found by indexes: who gave a reason, whose deliveries and assets, renders of a take."""

from alembic import op

revision = "0028"
down_revision = "0027"

_INDEXES = {
    "ix_ledger_entries_given": "ledger_entries (actor_id) WHERE reason IS NOT NULL",
    "ix_deliveries_owner_id_id": "deliveries (owner_id, id)",
    "ix_assets_owner_id_id": "assets (owner_id, id)",
    "ix_renders_subject_id": "renders (subject_id)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        for name, place in _INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {place}")
        op.execute("SET lock_timeout = '300ms'")


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX {name}")
