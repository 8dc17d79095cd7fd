"""What plans grant and leave out, credits by the month, workspaces' policies, attested references."""

from alembic import op

revision = "0010"
down_revision = "0009"

_UP = """
ALTER TABLE plans ADD COLUMN credits_per_month INTEGER DEFAULT 0 NOT NULL CHECK (credits_per_month >= 0);
ALTER TABLE plans ADD COLUMN sign_up_credits INTEGER DEFAULT 0 NOT NULL CHECK (sign_up_credits >= 0);
ALTER TABLE plans ADD COLUMN models TEXT[];
ALTER TABLE plans ADD COLUMN tiers TEXT[] DEFAULT '{draft,master}' NOT NULL;
ALTER TABLE plans ADD COLUMN max_resolution TEXT;
ALTER TABLE plans ADD COLUMN hdr BOOLEAN DEFAULT true NOT NULL;
ALTER TABLE plans ADD COLUMN exr BOOLEAN DEFAULT true NOT NULL;
ALTER TABLE plans ADD COLUMN draft_retention_days INTEGER CHECK (draft_retention_days > 0);
ALTER TABLE plans ADD COLUMN master_retention_days INTEGER CHECK (master_retention_days > 0);
ALTER TABLE plans ADD COLUMN storage_limit_bytes BIGINT CHECK (storage_limit_bytes > 0);
ALTER TABLE plans ADD COLUMN shipped JSONB;
ALTER TABLE plans ADD COLUMN archived_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE plans ADD COLUMN version INTEGER DEFAULT 1 NOT NULL;

-- As the first migration shipped them: what differs from it is an operator's.
UPDATE plans SET shipped = CASE id
    WHEN 'free' THEN '{"label": "Free", "drafts_per_day": 10, "max_concurrent": 1, "max_unfinished": 1000}'::jsonb
    WHEN 'pro' THEN '{"label": "Pro", "drafts_per_day": 100, "max_concurrent": 4, "max_unfinished": 1000}'::jsonb
    ELSE '{"label": "Studio", "drafts_per_day": 500, "max_concurrent": 16, "max_unfinished": 1000}'::jsonb
END WHERE id IN ('free', 'pro', 'studio');

CREATE TABLE plan_grants (
    account_id TEXT NOT NULL,
    period TEXT NOT NULL,
    above INTEGER NOT NULL CHECK (above >= 0),
    upto INTEGER NOT NULL,
    plan_id TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_plan_grants PRIMARY KEY (account_id, period, above),
    CONSTRAINT grants_something CHECK (upto > above),
    CONSTRAINT fk_plan_grants_account_id FOREIGN KEY(account_id) REFERENCES accounts (id),
    CONSTRAINT fk_plan_grants_plan_id FOREIGN KEY(plan_id) REFERENCES plans (id),
    CONSTRAINT uq_plan_grants_entry_id UNIQUE (entry_id),
    CONSTRAINT fk_plan_grants_entry_id FOREIGN KEY(entry_id) REFERENCES ledger_entries (id)
);

CREATE TABLE workspace_policies (
    workspace_id TEXT NOT NULL,
    models TEXT[],
    blocked_terms TEXT[] DEFAULT '{}' NOT NULL,
    attestation_required BOOLEAN DEFAULT false NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER DEFAULT 1 NOT NULL,
    CONSTRAINT pk_workspace_policies PRIMARY KEY (workspace_id),
    CONSTRAINT fk_workspace_policies_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);

ALTER TABLE assets ADD COLUMN attested_by TEXT;
ALTER TABLE assets ADD COLUMN attested_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE assets ADD CONSTRAINT attested_by_somebody CHECK ((attested_by IS NULL) = (attested_at IS NULL));
ALTER TABLE generations ADD COLUMN terms JSONB;
"""
_DOWN = """
ALTER TABLE generations DROP COLUMN terms;
ALTER TABLE assets DROP COLUMN attested_at;
ALTER TABLE assets DROP COLUMN attested_by;
DROP TABLE workspace_policies;
DROP TABLE plan_grants;
ALTER TABLE plans DROP COLUMN version, DROP COLUMN archived_at, DROP COLUMN shipped,
    DROP COLUMN storage_limit_bytes, DROP COLUMN master_retention_days, DROP COLUMN draft_retention_days,
    DROP COLUMN exr, DROP COLUMN hdr, DROP COLUMN max_resolution, DROP COLUMN tiers, DROP COLUMN models,
    DROP COLUMN sign_up_credits, DROP COLUMN credits_per_month;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
