"""Quotas in hand: spending that is frozen, credits that expire or are passed on, alerts at thresholds."""

from alembic import op

revision = "0018"
down_revision = "0017"

_UP = """
ALTER TABLE users ADD COLUMN frozen_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE users ADD COLUMN frozen_by_operator BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE workspaces ADD COLUMN frozen_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE workspaces ADD COLUMN frozen_by_operator BOOLEAN DEFAULT false NOT NULL;
ALTER TABLE accounts ADD COLUMN topped_up_to BIGINT;
ALTER TABLE accounts ADD COLUMN top_up_id TEXT;
ALTER TABLE ledger_entries ADD COLUMN counterpart_id TEXT;
CREATE INDEX ix_draft_days_day ON draft_days (day);

CREATE TABLE credit_lots (
    entry_id TEXT NOT NULL,
    account_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    swept_number BIGINT,
    closed_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_credit_lots PRIMARY KEY (entry_id),
    CONSTRAINT fk_credit_lots_entry_id FOREIGN KEY(entry_id) REFERENCES ledger_entries (id),
    CONSTRAINT fk_credit_lots_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);
CREATE INDEX ix_credit_lots_open ON credit_lots (account_id) WHERE closed_at IS NULL;
CREATE INDEX ix_credit_lots_due ON credit_lots (expires_at) WHERE closed_at IS NULL;

CREATE TABLE credit_expiries (
    entry_id TEXT NOT NULL,
    lot_id TEXT NOT NULL,
    CONSTRAINT pk_credit_expiries PRIMARY KEY (entry_id),
    CONSTRAINT fk_credit_expiries_entry_id FOREIGN KEY(entry_id) REFERENCES ledger_entries (id),
    CONSTRAINT fk_credit_expiries_lot_id FOREIGN KEY(lot_id) REFERENCES credit_lots (entry_id)
);

CREATE TABLE alert_rules (
    workspace_id TEXT NOT NULL,
    rules JSONB NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_alert_rules PRIMARY KEY (workspace_id),
    CONSTRAINT fk_alert_rules_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);

CREATE TABLE alerts (
    subject_id TEXT NOT NULL,
    measure TEXT NOT NULL,
    threshold BIGINT NOT NULL,
    period TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    action TEXT NOT NULL,
    used BIGINT NOT NULL,
    allowed BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_alerts PRIMARY KEY (subject_id, measure, threshold, period),
    CONSTRAINT fk_alerts_workspace_id FOREIGN KEY(workspace_id) REFERENCES workspaces (id)
);
CREATE INDEX ix_alerts_workspace_id_at ON alerts (workspace_id, at);
"""
_DOWN = """
DROP TABLE alerts;
DROP TABLE alert_rules;
DROP TABLE credit_expiries;
DROP TABLE credit_lots;
DROP INDEX ix_draft_days_day;
ALTER TABLE ledger_entries DROP COLUMN counterpart_id;
ALTER TABLE accounts DROP COLUMN top_up_id;
ALTER TABLE accounts DROP COLUMN topped_up_to;
ALTER TABLE workspaces DROP COLUMN frozen_by_operator;
ALTER TABLE workspaces DROP COLUMN frozen_at;
ALTER TABLE users DROP COLUMN frozen_by_operator;
ALTER TABLE users DROP COLUMN frozen_at;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
