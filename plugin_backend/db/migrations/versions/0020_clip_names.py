"""Names of clips: which take has one first."""

from alembic import op

revision = "0020"
down_revision = "0019"

_UP = """
CREATE TABLE clip_names (
    workspace_id TEXT NOT NULL,
    name TEXT NOT NULL,
    wanted TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    take_id TEXT NOT NULL,
    CONSTRAINT pk_clip_names PRIMARY KEY (workspace_id, name),
    CONSTRAINT uq_clip_names_workspace_id_wanted_take_id UNIQUE (workspace_id, wanted, take_id),
    CONSTRAINT fk_clip_names_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_clip_names_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);
CREATE INDEX ix_clip_names_take_id ON clip_names (take_id);
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.drop_table("clip_names")
