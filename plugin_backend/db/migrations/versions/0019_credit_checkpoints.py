"""How far an account's ledger was read for its credits that expire."""

from alembic import op

revision = "0019"
down_revision = "0018"

_UP = """
CREATE TABLE credit_checkpoints (
    account_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    state JSONB NOT NULL,
    CONSTRAINT pk_credit_checkpoints PRIMARY KEY (account_id),
    CONSTRAINT fk_credit_checkpoints_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
)
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)


def downgrade() -> None:
    op.drop_table("credit_checkpoints")
