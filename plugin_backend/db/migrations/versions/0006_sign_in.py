"""People sign in: passwords, sessions of browsers and panels, and the tokens of a panel's family."""

from alembic import op

revision = "0006"
down_revision = "0005"

_UP = """
CREATE TABLE passwords (
    user_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    changed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_passwords PRIMARY KEY (user_id),
    CONSTRAINT fk_passwords_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE sessions (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    client TEXT,
    device TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    secret_hash TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    CONSTRAINT pk_sessions PRIMARY KEY (id),
    CONSTRAINT kind_known CHECK (kind IN ('panel', 'browser')),
    CONSTRAINT browser_has_secret CHECK ((kind = 'browser') = (secret_hash IS NOT NULL)),
    CONSTRAINT end_has_reason CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CONSTRAINT fk_sessions_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_sessions_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_sessions_expires_at ON sessions (expires_at);
CREATE INDEX ix_sessions_owner_id ON sessions (owner_id);

CREATE TABLE refresh_tokens (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    successor_id TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_refresh_tokens PRIMARY KEY (id),
    CONSTRAINT used_has_successor CHECK ((used_at IS NULL) = (successor_id IS NULL)),
    CONSTRAINT fk_refresh_tokens_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT uq_refresh_tokens_successor_id UNIQUE (successor_id)
);
CREATE INDEX ix_refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE access_tokens (
    id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_access_tokens PRIMARY KEY (id),
    CONSTRAINT fk_access_tokens_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX ix_access_tokens_expires_at ON access_tokens (expires_at);
CREATE INDEX ix_access_tokens_session_id ON access_tokens (session_id);

CREATE TABLE device_grants (
    id TEXT NOT NULL,
    decided_by TEXT,
    session_id TEXT,
    client TEXT NOT NULL,
    device TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    secret_hash TEXT NOT NULL,
    user_code_hash TEXT NOT NULL,
    state TEXT DEFAULT 'pending' NOT NULL,
    interval_seconds INTEGER DEFAULT 5 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    polled_at TIMESTAMP WITH TIME ZONE,
    redeemed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_device_grants PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    CHECK (interval_seconds > 0),
    CONSTRAINT decided_by_somebody CHECK ((state = 'pending') = (decided_by IS NULL)),
    CONSTRAINT redeemed_has_moment CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL)),
    CONSTRAINT fk_device_grants_decided_by FOREIGN KEY(decided_by) REFERENCES users (id),
    CONSTRAINT fk_device_grants_session_id FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE SET NULL,
    CONSTRAINT uq_device_grants_user_code_hash UNIQUE (user_code_hash)
);
CREATE INDEX ix_device_grants_expires_at ON device_grants (expires_at);

CREATE TABLE sign_in_links (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_sign_in_links PRIMARY KEY (id),
    CONSTRAINT fk_sign_in_links_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_sign_in_links_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);
CREATE INDEX ix_sign_in_links_owner_id ON sign_in_links (owner_id);

CREATE TABLE identities (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_identities PRIMARY KEY (issuer, subject),
    CONSTRAINT fk_identities_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX ix_identities_user_id ON identities (user_id);
"""
_DOWN = """
DROP TABLE identities, sign_in_links, device_grants, access_tokens, refresh_tokens, sessions, passwords;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
