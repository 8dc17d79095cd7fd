"""Attempts count how often a provider's listing did not know them."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE attempts ADD COLUMN listings INTEGER DEFAULT '0' NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE attempts DROP COLUMN listings")
