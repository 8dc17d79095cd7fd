"""A letter and a step are somebody's, in a workspace, or nobody's: never half of it."""

from alembic import op

revision = "0024"
down_revision = "0023"

_TABLES = ("mails", "work")
_RULE = "CHECK ((owner_id IS NULL) = (workspace_id IS NULL))"


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the rows there are get read while others write
        for table in _TABLES:
            op.execute(
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS owned_or_nobodys,"
                f" ADD CONSTRAINT owned_or_nobodys {_RULE} NOT VALID"
            )
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT owned_or_nobodys")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT owned_or_nobodys")
