"""Letters, the links in them, who was welcomed; what people say of takes. Work may be nobody's."""

from alembic import op

revision = "0011"
down_revision = "0010"

_UP = """
CREATE TABLE mails (
    id TEXT NOT NULL,
    workspace_id TEXT,
    owner_id TEXT,
    about TEXT NOT NULL,
    state TEXT DEFAULT 'waiting' NOT NULL,
    letter TEXT,
    note TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_mails PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('waiting', 'sent', 'given-up')),
    CONSTRAINT kept_while_waiting CHECK (
        (state = 'waiting') = (letter IS NOT NULL) AND (state = 'waiting') = (ended_at IS NULL)
    ),
    CONSTRAINT fk_mails_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_mails_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_mails_ended_at ON mails (ended_at);
CREATE INDEX ix_mails_owner_id ON mails (owner_id);

CREATE TABLE mailed_links (
    id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    email TEXT NOT NULL,
    user_id TEXT,
    password_hash TEXT,
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_mailed_links PRIMARY KEY (id),
    CONSTRAINT purpose_known CHECK (purpose IN ('join', 'password')),
    CONSTRAINT fk_mailed_links_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_mailed_links_expires_at ON mailed_links (expires_at);
CREATE INDEX ix_mailed_links_user_id ON mailed_links (user_id);

CREATE TABLE welcomes (
    identity_hash TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_welcomes PRIMARY KEY (identity_hash)
);

CREATE TABLE take_reviews (
    take_id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    generation_id TEXT NOT NULL,
    rejected_at TIMESTAMP WITH TIME ZONE,
    rating INTEGER CHECK (rating BETWEEN 0 AND 5),
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_take_reviews PRIMARY KEY (take_id),
    CONSTRAINT fk_take_reviews_take_id FOREIGN KEY(take_id) REFERENCES takes (id),
    CONSTRAINT fk_take_reviews_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_take_reviews_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);
CREATE INDEX ix_take_reviews_rating ON take_reviews (workspace_id, generation_id) WHERE rating IS NOT NULL;

CREATE TABLE take_comments (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    take_id TEXT NOT NULL,
    first_frame INTEGER CHECK (first_frame >= 0),
    last_frame INTEGER CHECK (last_frame >= first_frame),
    x FLOAT CHECK (x BETWEEN 0 AND 1),
    y FLOAT CHECK (y BETWEEN 0 AND 1),
    words TEXT NOT NULL,
    resolved_at TIMESTAMP WITH TIME ZONE,
    resolved_by TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_take_comments PRIMARY KEY (id),
    CONSTRAINT frames_come_in_pairs CHECK ((first_frame IS NULL) = (last_frame IS NULL)),
    CONSTRAINT points_are_whole CHECK ((x IS NULL) = (y IS NULL)),
    CONSTRAINT resolved_by_somebody CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)),
    CONSTRAINT fk_take_comments_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_take_comments_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_take_comments_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);
CREATE INDEX ix_take_comments_owner_id ON take_comments (owner_id);
CREATE INDEX ix_take_comments_take_id_id ON take_comments (take_id, id);

CREATE TABLE take_approvals (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    take_id TEXT NOT NULL,
    status TEXT NOT NULL,
    label TEXT NOT NULL,
    note TEXT,
    fingerprint TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    CONSTRAINT pk_take_approvals PRIMARY KEY (id),
    CONSTRAINT status_known CHECK (status IN ('approved', 'rejected', 'needs-changes')),
    CONSTRAINT ended_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT fk_take_approvals_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_take_approvals_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_take_approvals_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);
CREATE INDEX ix_take_approvals_owner_id ON take_approvals (owner_id);
CREATE INDEX ix_take_approvals_take_id_id ON take_approvals (take_id, id);
CREATE UNIQUE INDEX uq_take_approvals_one ON take_approvals (take_id) WHERE ended_at IS NULL;

ALTER TABLE work ALTER COLUMN workspace_id DROP NOT NULL, ALTER COLUMN owner_id DROP NOT NULL;
"""
_DOWN = """
DELETE FROM work WHERE owner_id IS NULL;
ALTER TABLE work ALTER COLUMN workspace_id SET NOT NULL, ALTER COLUMN owner_id SET NOT NULL;
DROP TABLE take_approvals;
DROP TABLE take_comments;
DROP TABLE take_reviews;
DROP TABLE welcomes;
DROP TABLE mailed_links;
DROP TABLE mails;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
