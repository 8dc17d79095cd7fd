"""Forgetting somebody has one more step: providers are asked to delete what they have."""

from alembic import op

revision = "0030"
down_revision = "0029"

_BEFORE = "'cancel', 'wait', 'remove', 'scrub', 'settle', 'check', 'done'"
_AFTER = "'cancel', 'wait', 'remove', 'scrub', 'settle', 'recall', 'check', 'done'"


def upgrade() -> None:
    _know(_AFTER)


def downgrade() -> None:
    op.execute("UPDATE erasures SET step = 'check', place = '' WHERE step = 'recall'")
    _know(_BEFORE)


def _know(steps: str) -> None:
    op.execute(
        "ALTER TABLE erasures DROP CONSTRAINT step_known,"
        f" ADD CONSTRAINT step_known CHECK (step IN ({steps}))"
    )
