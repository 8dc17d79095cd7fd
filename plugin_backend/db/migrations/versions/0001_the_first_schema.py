"""The first schema, as SQL beside this file."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text()
    op.get_bind().connection.cursor().execute(script)  # the driver runs many statements in one go


def downgrade() -> None:
    names = op.get_bind().exec_driver_sql(
        "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
        " WHERE schemaname = current_schema() AND tablename <> 'alembic_version'"
    )
    op.get_bind().exec_driver_sql(f"DROP TABLE {names.scalar_one()} CASCADE")
    op.get_bind().exec_driver_sql("DROP FUNCTION refuse_rewriting(), settle_matches_hold()")
