"""Workspaces of several: a pool that members spend from up to their caps, invitations, and who was removed."""

from alembic import op

revision = "0013"
down_revision = "0012"

_UP = """
ALTER TABLE workspaces ADD COLUMN spend_from TEXT DEFAULT 'personal' NOT NULL;
ALTER TABLE workspaces ADD CONSTRAINT spend_from_known
    CHECK (spend_from IN ('personal', 'pool', 'personal-then-pool'));
ALTER TABLE workspaces ADD COLUMN member_cap BIGINT CHECK (member_cap >= 0);
ALTER TABLE workspaces ADD COLUMN version INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE users ADD COLUMN pool_cap BIGINT CHECK (pool_cap >= 0);
ALTER TABLE users ADD COLUMN removed_at TIMESTAMP WITH TIME ZONE;

CREATE TABLE pool_months (
    owner_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    month DATE NOT NULL,
    held BIGINT NOT NULL CHECK (held >= 0),
    spent BIGINT NOT NULL CHECK (spent >= 0),
    CONSTRAINT pk_pool_months PRIMARY KEY (owner_id, workspace_id, month),
    CONSTRAINT fk_pool_months_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_pool_months_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);

CREATE TABLE invitations (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner','admin','editor','viewer')),
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    accepted_at TIMESTAMP WITH TIME ZONE,
    accepted_by TEXT,
    CONSTRAINT pk_invitations PRIMARY KEY (id),
    CONSTRAINT accepted_by_somebody CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
    CONSTRAINT ends_once CHECK (accepted_at IS NULL OR revoked_at IS NULL),
    CONSTRAINT fk_invitations_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_invitations_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_invitations_accepted_by FOREIGN KEY(accepted_by) REFERENCES users (id)
);
CREATE UNIQUE INDEX uq_invitations_open ON invitations (workspace_id, lower(email))
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX ix_invitations_workspace_id_id ON invitations (workspace_id, id);
"""
_DOWN = """
DROP TABLE invitations;
DROP TABLE pool_months;
ALTER TABLE users DROP COLUMN removed_at;
ALTER TABLE users DROP COLUMN pool_cap;
ALTER TABLE workspaces DROP COLUMN version;
ALTER TABLE workspaces DROP COLUMN member_cap;
ALTER TABLE workspaces DROP COLUMN spend_from;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
