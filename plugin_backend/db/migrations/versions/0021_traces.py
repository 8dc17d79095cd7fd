"""In which trace each generation was asked for, where somebody collects traces."""

from alembic import op

revision = "0021"
down_revision = "0020"

_UP = """
CREATE TABLE generation_traces (
    generation_id TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    CONSTRAINT pk_generation_traces PRIMARY KEY (generation_id),
    CONSTRAINT fk_generation_traces_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
        ON DELETE CASCADE
);
"""
_DOWN = """
DROP TABLE generation_traces;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
