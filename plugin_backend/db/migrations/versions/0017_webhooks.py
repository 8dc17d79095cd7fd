"""Webhooks out: endpoints, messages, attempts; and how a project names its files."""

from alembic import op

revision = "0017"
down_revision = "0016"

_UP = """
ALTER TABLE projects ADD COLUMN naming TEXT;

CREATE TABLE webhooks (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    url TEXT NOT NULL,
    description TEXT,
    events JSONB NOT NULL,
    covers TEXT NOT NULL,
    secret_generation INTEGER DEFAULT 1 NOT NULL,
    previous_until TIMESTAMP WITH TIME ZONE,
    after_xact xid8 NOT NULL,
    after_id BIGINT NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_why TEXT,
    last_success_at TIMESTAMP WITH TIME ZONE,
    last_failure_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_webhooks PRIMARY KEY (id),
    CONSTRAINT covers_known CHECK (covers IN ('own', 'workspace')),
    CONSTRAINT disabled_why_known CHECK (disabled_why IN ('asked', 'gone', 'failing')),
    CONSTRAINT disabled_has_reason CHECK ((disabled_at IS NULL) = (disabled_why IS NULL)),
    CONSTRAINT fk_webhooks_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_webhooks_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_webhooks_workspace_id_id ON webhooks (workspace_id, id);

CREATE TABLE webhook_messages (
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    event_id BIGINT,
    type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    data JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    is_test BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_webhook_messages PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('pending', 'delivered', 'failed', 'held')),
    CONSTRAINT pending_goes_on CHECK ((state = 'pending') = (finished_at IS NULL)),
    CONSTRAINT uq_webhook_messages_webhook_id_event_id UNIQUE (webhook_id, event_id),
    CONSTRAINT fk_webhook_messages_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id)
);
CREATE INDEX ix_webhook_messages_created_at ON webhook_messages (created_at);
CREATE INDEX ix_webhook_messages_unsent ON webhook_messages (webhook_id, state) WHERE state IN ('pending','held');
CREATE INDEX ix_webhook_messages_webhook_id_at ON webhook_messages (webhook_id, at);

CREATE TABLE webhook_attempts (
    id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    status INTEGER,
    took_ms INTEGER NOT NULL,
    error TEXT,
    answer TEXT,
    CONSTRAINT pk_webhook_attempts PRIMARY KEY (id),
    CONSTRAINT fk_webhook_attempts_webhook_id FOREIGN KEY(webhook_id) REFERENCES webhooks (id),
    CONSTRAINT fk_webhook_attempts_message_id FOREIGN KEY(message_id) REFERENCES webhook_messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_webhook_attempts_at ON webhook_attempts (at);
CREATE INDEX ix_webhook_attempts_message_id ON webhook_attempts (message_id);
CREATE INDEX ix_webhook_attempts_webhook_id_id ON webhook_attempts (webhook_id, id);
"""
_DOWN = """
DROP TABLE webhook_attempts;
DROP TABLE webhook_messages;
DROP TABLE webhooks;
ALTER TABLE projects DROP COLUMN naming;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
