"""A take's attempts are found without reading everybody's."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_attempts_take_id ON attempts (take_id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_attempts_take_id")
