"""What is kept and for how long: storage by owner, warnings before media goes, erasures, exports, walks."""

from alembic import op

revision = "0014"
down_revision = "0013"

_UP = """
ALTER TABLE generations ADD COLUMN expiry_told_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE storage_uses (
    subject_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_storage_uses PRIMARY KEY (subject_id),
    CONSTRAINT fk_storage_uses_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_storage_uses_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_storage_uses_owner_id_bytes ON storage_uses (owner_id, bytes);

CREATE TABLE storage_totals (
    owner_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes BIGINT DEFAULT 0 NOT NULL CHECK (bytes >= 0),
    CONSTRAINT pk_storage_totals PRIMARY KEY (owner_id, workspace_id, kind),
    CONSTRAINT fk_storage_totals_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_storage_totals_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE INDEX ix_storage_totals_workspace_id ON storage_totals (workspace_id);

CREATE TABLE walks (
    name TEXT NOT NULL,
    place TEXT NOT NULL,
    seen JSONB DEFAULT '{}' NOT NULL,
    last JSONB,
    begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_walks PRIMARY KEY (name)
);

CREATE TABLE erasures (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    step TEXT NOT NULL,
    place TEXT DEFAULT '' NOT NULL,
    done JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_erasures PRIMARY KEY (id),
    CONSTRAINT fk_erasures_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_erasures_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT step_known CHECK (step IN ('cancel', 'wait', 'remove', 'scrub', 'settle', 'check', 'done'))
);
CREATE UNIQUE INDEX ix_erasures_owner_id ON erasures (owner_id);

CREATE TABLE exports (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    state TEXT NOT NULL,
    with_media BOOLEAN DEFAULT false NOT NULL,
    archive JSONB,
    failure JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_exports PRIMARY KEY (id),
    CONSTRAINT fk_exports_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_exports_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT state_known CHECK (state IN ('building', 'ready', 'failed', 'expired'))
);
CREATE INDEX ix_exports_owner_id_id ON exports (owner_id, id);
"""
_DOWN = """
DROP TABLE exports;
DROP TABLE erasures;
DROP TABLE walks;
DROP TABLE storage_totals;
DROP TABLE storage_uses;
ALTER TABLE generations DROP COLUMN expiry_told_at;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
