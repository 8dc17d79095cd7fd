-- The first schema: tables, constraints, triggers.

CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    xact xid8 DEFAULT pg_current_xact_id() NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    data JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (id)
);

CREATE INDEX ix_events_subject_id ON events (subject_id);

CREATE INDEX ix_events_workspace_id_xact_id ON events (workspace_id, xact, id);

CREATE TABLE audit_entries (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    workspace_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    before JSONB,
    after JSONB,
    reason TEXT,
    request_id TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_audit_entries PRIMARY KEY (id)
);

CREATE INDEX ix_audit_entries_workspace_id_id ON audit_entries (workspace_id, id);

CREATE TABLE accounts (
    id TEXT NOT NULL,
    owner_kind TEXT NOT NULL CHECK (owner_kind IN ('user','workspace')),
    owner_id TEXT NOT NULL,
    available BIGINT DEFAULT '0' NOT NULL,
    held BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_accounts PRIMARY KEY (id),
    CONSTRAINT never_negative CHECK (available >= 0 AND held >= 0),
    CONSTRAINT uq_accounts_owner_kind_owner_id UNIQUE (owner_kind, owner_id)
);

CREATE TABLE workspaces (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    default_model TEXT DEFAULT 'animatic' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_workspaces PRIMARY KEY (id)
);

CREATE TABLE plans (
    id TEXT NOT NULL,
    label TEXT NOT NULL,
    drafts_per_day INTEGER NOT NULL CHECK (drafts_per_day >= 0),
    max_concurrent INTEGER NOT NULL CHECK (max_concurrent > 0),
    max_unfinished INTEGER NOT NULL CHECK (max_unfinished > 0),
    CONSTRAINT pk_plans PRIMARY KEY (id)
);

CREATE TABLE users (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner','admin','editor','viewer')),
    plan_id TEXT NOT NULL,
    is_operator BOOLEAN DEFAULT false NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    draft_limit_override INTEGER CHECK (draft_limit_override >= 0),
    max_concurrent_override INTEGER CHECK (max_concurrent_override > 0),
    unfinished INTEGER DEFAULT '0' NOT NULL CHECK (unfinished >= 0),
    running INTEGER DEFAULT '0' NOT NULL CHECK (running >= 0),
    served_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT fk_users_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_users_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id)
);

CREATE INDEX ix_users_workspace_id ON users (workspace_id);

CREATE UNIQUE INDEX uq_users_email ON users (lower(email));

CREATE TABLE assets (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    state TEXT NOT NULL,
    filename TEXT,
    media_type TEXT,
    kind TEXT,
    bytes BIGINT CHECK (bytes > 0),
    sha256 TEXT,
    width INTEGER,
    height INTEGER,
    duration_seconds FLOAT,
    files JSONB,
    problem TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_assets PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('uploading', 'checking', 'ready', 'rejected')),
    CONSTRAINT fk_assets_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_assets_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);

CREATE INDEX ix_assets_workspace_id_id ON assets (workspace_id, id);

CREATE TABLE work (
    subject_id TEXT NOT NULL,
    lane TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease TEXT,
    lease_until TIMESTAMP WITH TIME ZONE,
    tries INTEGER DEFAULT 0 NOT NULL,
    nudged BOOLEAN DEFAULT false NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_work PRIMARY KEY (subject_id),
    CONSTRAINT lease_has_end CHECK ((lease IS NULL) = (lease_until IS NULL)),
    CONSTRAINT fk_work_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_work_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);

CREATE INDEX ix_work_lane_next_at ON work (lane, next_at);

CREATE TABLE draft_days (
    owner_id TEXT NOT NULL,
    day DATE NOT NULL,
    workspace_id TEXT NOT NULL,
    used INTEGER NOT NULL CHECK (used >= 0),
    CONSTRAINT pk_draft_days PRIMARY KEY (owner_id, day),
    CONSTRAINT fk_draft_days_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_draft_days_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);

CREATE TABLE idempotency_keys (
    owner_id TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    result JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (owner_id, route, key),
    CONSTRAINT fk_idempotency_keys_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);

CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);

CREATE TABLE api_keys (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    scopes TEXT[] NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    revoked_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_api_keys PRIMARY KEY (id),
    CONSTRAINT fk_api_keys_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_api_keys_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);

CREATE INDEX ix_api_keys_owner_id ON api_keys (owner_id);

CREATE TABLE projects (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_projects PRIMARY KEY (id),
    CONSTRAINT fk_projects_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_projects_owner_id FOREIGN KEY(owner_id) REFERENCES users (id)
);

CREATE INDEX ix_projects_workspace_id ON projects (workspace_id);

CREATE TABLE renders (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    token TEXT NOT NULL,
    lane TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    spec JSONB NOT NULL,
    state TEXT DEFAULT 'wanted' NOT NULL,
    result JSONB,
    failure JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_renders PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('wanted', 'done', 'failed', 'cancelled')),
    CONSTRAINT fk_renders_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_renders_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT uq_renders_token UNIQUE (token)
);

CREATE TABLE generations (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    project_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('draft','master')),
    state TEXT DEFAULT 'queued' NOT NULL,
    label TEXT,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    request JSONB NOT NULL,
    plan JSONB,
    takes_wanted INTEGER NOT NULL CHECK (takes_wanted > 0),
    iteration INTEGER DEFAULT 0 NOT NULL,
    max_iterations INTEGER NOT NULL CHECK (max_iterations BETWEEN 0 AND 3),
    credits_per_take INTEGER NOT NULL CHECK (credits_per_take >= 0),
    credits_quoted INTEGER NOT NULL CHECK (credits_quoted >= 0),
    credits_held INTEGER NOT NULL CHECK (credits_held >= 0),
    credits_settled INTEGER,
    draft_units INTEGER NOT NULL CHECK (draft_units >= 0),
    draft_units_used INTEGER,
    draft_day DATE,
    counted_running BOOLEAN DEFAULT false NOT NULL,
    from_take_id TEXT,
    retried_from TEXT,
    recovered_from TEXT,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    failure JSONB,
    expected_seconds FLOAT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_generations PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('queued', 'planned', 'generating', 'evaluating', 'paused', 'ready', 'failed', 'cancelled')),
    CONSTRAINT settles_within_hold CHECK (credits_settled BETWEEN 0 AND credits_held),
    CONSTRAINT uses_within_taken CHECK (draft_units_used BETWEEN 0 AND draft_units),
    CONSTRAINT ends_settled CHECK ((state IN ('ready','failed','cancelled')) = (finished_at IS NOT NULL) AND (finished_at IS NULL) = (credits_settled IS NULL)),
    CONSTRAINT fk_generations_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_generations_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_generations_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_generations_project_id FOREIGN KEY(project_id) REFERENCES projects (id),
    CONSTRAINT fk_generations_retried_from FOREIGN KEY(retried_from) REFERENCES generations (id),
    CONSTRAINT fk_generations_recovered_from FOREIGN KEY(recovered_from) REFERENCES generations (id)
);

CREATE INDEX ix_generations_owner_id_state ON generations (owner_id, state);

CREATE INDEX ix_generations_unfinished ON generations (workspace_id) WHERE finished_at IS NULL;

CREATE INDEX ix_generations_workspace_id_id ON generations (workspace_id, id);

CREATE TABLE trace_notes (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    generation_id TEXT NOT NULL,
    step TEXT NOT NULL,
    take INTEGER,
    summary TEXT NOT NULL,
    data JSONB NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_trace_notes PRIMARY KEY (id),
    CONSTRAINT fk_trace_notes_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);

CREATE INDEX ix_trace_notes_generation_id_id ON trace_notes (generation_id, id);

CREATE TABLE ledger_entries (
    id TEXT NOT NULL,
    number BIGINT GENERATED ALWAYS AS IDENTITY,
    account_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    available_delta BIGINT NOT NULL,
    held_delta BIGINT NOT NULL,
    available_after BIGINT NOT NULL CHECK (available_after >= 0),
    held_after BIGINT NOT NULL CHECK (held_after >= 0),
    generation_id TEXT,
    actor_id TEXT,
    reason TEXT,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_ledger_entries PRIMARY KEY (id),
    CONSTRAINT kind_known CHECK (kind IN ('grant', 'hold', 'settle', 'adjust')),
    CONSTRAINT moves_as_its_kind CHECK (CASE kind WHEN 'grant' THEN available_delta > 0 AND held_delta = 0 WHEN 'hold' THEN available_delta = -held_delta AND held_delta > 0 WHEN 'settle' THEN available_delta BETWEEN 0 AND -held_delta AND held_delta < 0 ELSE available_delta <> 0 AND held_delta = 0 END),
    CONSTRAINT holds_name_generation CHECK ((kind IN ('hold','settle')) = (generation_id IS NOT NULL)),
    CONSTRAINT uq_ledger_entries_number UNIQUE (number),
    CONSTRAINT fk_ledger_entries_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_ledger_entries_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);

CREATE UNIQUE INDEX uq_ledger_hold_once ON ledger_entries (generation_id) WHERE kind = 'hold';

CREATE UNIQUE INDEX uq_ledger_settle_once ON ledger_entries (generation_id) WHERE kind = 'settle';

CREATE INDEX ix_ledger_entries_account_id_number ON ledger_entries (account_id, number);

CREATE TABLE takes (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    generation_id TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    iteration INTEGER DEFAULT 0 NOT NULL,
    state TEXT DEFAULT 'wanted' NOT NULL,
    seed BIGINT,
    provider_ref TEXT,
    progress FLOAT CHECK (progress BETWEEN 0 AND 1),
    outputs JSONB,
    source JSONB,
    files JSONB,
    facts JSONB,
    measures JSONB,
    score FLOAT,
    verdict TEXT,
    charged BOOLEAN DEFAULT false NOT NULL,
    failure JSONB,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    deadline TIMESTAMP WITH TIME ZONE,
    media_deleted_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_takes PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('wanted', 'submitted', 'rendered', 'stored', 'failed', 'cancelled')),
    CONSTRAINT uq_takes_generation_id_number UNIQUE (generation_id, number),
    CONSTRAINT stored_has_source CHECK (state <> 'stored' OR source IS NOT NULL),
    CONSTRAINT fk_takes_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_takes_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_takes_generation_id FOREIGN KEY(generation_id) REFERENCES generations (id)
);

CREATE TABLE deliveries (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    take_id TEXT,
    storyboard_id TEXT,
    host TEXT NOT NULL,
    state TEXT DEFAULT 'queued' NOT NULL,
    request JSONB NOT NULL,
    plan JSONB,
    clips JSONB,
    failure JSONB,
    progress FLOAT CHECK (progress BETWEEN 0 AND 1),
    archive JSONB,
    cancel_requested BOOLEAN DEFAULT false NOT NULL,
    applied_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_deliveries PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('queued', 'conforming', 'ready', 'failed', 'cancelled')),
    CONSTRAINT fk_deliveries_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_deliveries_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_deliveries_take_id FOREIGN KEY(take_id) REFERENCES takes (id)
);

CREATE INDEX ix_deliveries_take_id ON deliveries (take_id);

CREATE INDEX ix_deliveries_workspace_id_id ON deliveries (workspace_id, id);

CREATE TABLE attempts (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    take_id TEXT NOT NULL,
    part INTEGER DEFAULT 0 NOT NULL,
    token TEXT NOT NULL,
    provider TEXT NOT NULL,
    provider_ref TEXT,
    state TEXT NOT NULL,
    detail TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sent_at TIMESTAMP WITH TIME ZONE,
    resolved_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_attempts PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('intent', 'accepted', 'refused', 'lost', 'closed')),
    CONSTRAINT uq_attempts_provider_provider_ref UNIQUE (provider, provider_ref),
    CONSTRAINT fk_attempts_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_attempts_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_attempts_take_id FOREIGN KEY(take_id) REFERENCES takes (id),
    CONSTRAINT uq_attempts_token UNIQUE (token)
);

CREATE UNIQUE INDEX uq_attempts_one_open ON attempts (take_id, part) WHERE state IN ('intent','accepted');

CREATE INDEX ix_attempts_open_by_provider ON attempts (provider) WHERE state IN ('intent','accepted');

CREATE TABLE delivery_files (
    delivery_id TEXT NOT NULL,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,
    frame INTEGER,
    role TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    key TEXT NOT NULL,
    sequence JSONB,
    CONSTRAINT pk_delivery_files PRIMARY KEY (delivery_id, name),
    CONSTRAINT fk_delivery_files_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);

CREATE INDEX ix_delivery_files_delivery_id_number ON delivery_files (delivery_id, number);

CREATE TABLE chunks (
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    render_id TEXT,
    delivery_id TEXT,
    number INTEGER NOT NULL,
    first_frame INTEGER NOT NULL CHECK (first_frame >= 0),
    frame_count INTEGER NOT NULL CHECK (frame_count > 0),
    frames_done INTEGER DEFAULT 0 NOT NULL,
    state TEXT DEFAULT 'wanted' NOT NULL,
    result JSONB,
    failure JSONB,
    CONSTRAINT pk_chunks PRIMARY KEY (id),
    CONSTRAINT state_known CHECK (state IN ('wanted', 'done', 'failed', 'cancelled')),
    CONSTRAINT of_render_or_delivery CHECK ((render_id IS NULL) <> (delivery_id IS NULL)),
    CONSTRAINT uq_chunks_render_id_number UNIQUE (render_id, number),
    CONSTRAINT uq_chunks_delivery_id_number UNIQUE (delivery_id, number),
    CONSTRAINT fk_chunks_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id),
    CONSTRAINT fk_chunks_owner_id FOREIGN KEY(owner_id) REFERENCES users (id),
    CONSTRAINT fk_chunks_render_id FOREIGN KEY(render_id) REFERENCES renders (id),
    CONSTRAINT fk_chunks_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id)
);

ALTER TABLE generations ADD CONSTRAINT fk_generations_from_take_id FOREIGN KEY(from_take_id) REFERENCES takes (id);

-- The books are written once: the database refuses to change or remove an entry.
CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- A settle ends its own generation's hold, whole: the two entries cancel out.
CREATE FUNCTION settle_matches_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM ledger_entries held
        WHERE held.generation_id = NEW.generation_id AND held.kind = 'hold'
          AND held.account_id = NEW.account_id AND held.held_delta = -NEW.held_delta
    ) THEN
        RAISE EXCEPTION 'no such hold on %', NEW.generation_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_settle_matches_hold BEFORE INSERT ON ledger_entries
    FOR EACH ROW WHEN (NEW.kind = 'settle') EXECUTE FUNCTION settle_matches_hold();

-- The plans that ship; operators edit them later.
INSERT INTO plans (id, label, drafts_per_day, max_concurrent, max_unfinished) VALUES
    ('free', 'Free', 10, 1, 1000),
    ('pro', 'Pro', 100, 4, 1000),
    ('studio', 'Studio', 500, 16, 1000);
