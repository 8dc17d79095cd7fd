"""A workspace writes what its people state when they attest the rights to a file."""

from alembic import op

revision = "0029"
down_revision = "0028"

_UP = """
ALTER TABLE workspace_policies
    ADD COLUMN attestation_text TEXT CHECK (length(attestation_text) BETWEEN 1 AND 2000);
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)


def downgrade() -> None:
    op.execute("ALTER TABLE workspace_policies DROP COLUMN attestation_text")
