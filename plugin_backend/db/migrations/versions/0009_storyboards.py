"""Storyboards and their cuts; the look that a project's shots share."""

from alembic import op

revision = "0009"
down_revision = "0008"

_UP = """
ALTER TABLE projects ADD COLUMN look JSONB;

CREATE TABLE storyboards (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    project_id TEXT,
    title TEXT NOT NULL,
    sequence JSONB,
    look JSONB,
    notes JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_storyboards PRIMARY KEY (id),
    CONSTRAINT fk_storyboards_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_storyboards_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_storyboards_project_id FOREIGN KEY(project_id) REFERENCES projects (id)
);
CREATE INDEX ix_storyboards_workspace_id_id ON storyboards (workspace_id, id);

CREATE TABLE storyboard_shots (
    id TEXT NOT NULL,
    storyboard_id TEXT NOT NULL,
    position INTEGER NOT NULL CHECK (position >= 0),
    label TEXT NOT NULL,
    brief JSONB NOT NULL,
    handles_frames INTEGER CHECK (handles_frames >= 0),
    continues BOOLEAN DEFAULT false NOT NULL,
    take_id TEXT,
    waiting JSONB,
    problem JSONB,
    CONSTRAINT pk_storyboard_shots PRIMARY KEY (id),
    CONSTRAINT fk_storyboard_shots_storyboard_id FOREIGN KEY(storyboard_id) REFERENCES storyboards (id),
    CONSTRAINT fk_storyboard_shots_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);
CREATE INDEX ix_storyboard_shots_storyboard_id_position ON storyboard_shots (storyboard_id, position);
CREATE INDEX ix_storyboard_shots_take_id ON storyboard_shots (take_id);

CREATE TABLE shot_generations (
    shot_id TEXT NOT NULL,
    generation_id TEXT NOT NULL,
    CONSTRAINT pk_shot_generations PRIMARY KEY (shot_id, generation_id),
    CONSTRAINT fk_shot_generations_shot_id FOREIGN KEY(shot_id) REFERENCES storyboard_shots (id),
    CONSTRAINT fk_shot_generations_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);
CREATE INDEX ix_shot_generations_generation_id ON shot_generations (generation_id);

CREATE TABLE delivery_takes (
    delivery_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    take_id TEXT NOT NULL,
    CONSTRAINT pk_delivery_takes PRIMARY KEY (delivery_id, number),
    CONSTRAINT fk_delivery_takes_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id),
    CONSTRAINT fk_delivery_takes_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);
CREATE INDEX ix_delivery_takes_take_id ON delivery_takes (take_id);
ALTER TABLE deliveries ADD CONSTRAINT of_take_or_storyboard
    CHECK ((take_id IS NULL) <> (storyboard_id IS NULL));
CREATE INDEX ix_deliveries_storyboard_id ON deliveries (storyboard_id) WHERE storyboard_id IS NOT NULL;
"""
_DOWN = """
DROP INDEX ix_deliveries_storyboard_id;
ALTER TABLE deliveries DROP CONSTRAINT of_take_or_storyboard;
DROP TABLE delivery_takes;
DROP TABLE shot_generations;
DROP TABLE storyboard_shots;
DROP TABLE storyboards;
ALTER TABLE projects DROP COLUMN look;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
