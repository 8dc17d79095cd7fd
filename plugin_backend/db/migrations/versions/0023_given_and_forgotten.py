"""Who made their workspace themselves; and a reason in the ledger may be emptied, alone, never rewritten."""

from alembic import op

revision = "0023"
down_revision = "0022"

_UP = """
ALTER TABLE workspaces ADD COLUMN made_by_joining BOOLEAN NOT NULL DEFAULT false;
CREATE FUNCTION refuse_all_but_emptied_reasons() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.reason IS NOT NULL AND NEW.reason IS NULL
        AND to_jsonb(NEW) - 'reason' = to_jsonb(OLD) - 'reason' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
DROP TRIGGER ledger_entries_append_only ON ledger_entries;
CREATE TRIGGER ledger_entries_append_only BEFORE DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE ON ledger_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_emptied_reasons();
"""
_DOWN = """
ALTER TABLE workspaces DROP COLUMN made_by_joining;
DROP TRIGGER ledger_entries_stay ON ledger_entries;
DROP TRIGGER ledger_entries_append_only ON ledger_entries;
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
DROP FUNCTION refuse_all_but_emptied_reasons();
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
