"""Exposures are counted with the rest of usage; takes with a score are found by their workspace."""

from alembic import op

revision = "0022"
down_revision = "0021"

_KEY = "day, workspace_id, owner_id, project_id, label, model, kind"
_SUMS = (
    "generations, ready, failed, cancelled, draft_units, credits_held, credits_settled, credits_released,"
    " takes_stored, spend_cents"
)
_OF_GENERATION = (
    "(g.created_at AT TIME ZONE 'UTC')::date, g.workspace_id, g.owner_id, coalesce(g.project_id, ''),"
    " coalesce(g.label, ''), g.model, g.kind"
)


def _count(*, exposures: bool) -> str:
    """What a generation adds, with or without what is owed for it."""
    more, column, value = (", owed BIGINT", ", exposure_cents", ", sign * owed") if exposures else ("", "", "")
    return f"""
CREATE FUNCTION usage_count(g generations, sign INTEGER, stored BIGINT, spent BIGINT{more}) RETURNS void
    LANGUAGE sql AS $$
    INSERT INTO usage_changes ({_KEY}, {_SUMS}{column})
    VALUES ({_OF_GENERATION}, sign, sign * (g.state = 'ready')::int, sign * (g.state = 'failed')::int,
        sign * (g.state = 'cancelled')::int, sign * coalesce(g.draft_units_used, g.draft_units),
        CASE WHEN g.finished_at IS NULL THEN sign * g.credits_held ELSE 0 END,
        sign * coalesce(g.credits_settled, 0),
        CASE WHEN g.finished_at IS NULL THEN 0 ELSE sign * (g.credits_held - g.credits_settled) END,
        sign * stored, sign * spent{value})
$$;
"""


def _of_generation(*, exposures: bool) -> str:
    declared = "\n    owed BIGINT := 0;" if exposures else ""
    owed = (
        ", coalesce(sum(a.credits_at_risk) FILTER (WHERE a.exposed AND a.settled_at IS NULL), 0)"
        if exposures
        else ""
    )
    into, more = (", owed", ", owed") if exposures else ("", "")
    return f"""
CREATE OR REPLACE FUNCTION usage_of_generation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stored BIGINT := 0;
    spent BIGINT := 0;{declared}
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.workspace_id, OLD.owner_id, OLD.project_id, OLD.label, OLD.model)
        IS DISTINCT FROM (NEW.workspace_id, NEW.owner_id, NEW.project_id, NEW.label, NEW.model) THEN
        SELECT count(*) INTO stored FROM takes WHERE generation_id = NEW.id AND state = 'stored';
        SELECT coalesce(sum(a.credits_at_risk) FILTER (WHERE a.billed AND a.provider <> 'animatic'), 0){owed}
        INTO spent{into}
        FROM attempts a JOIN takes t ON t.id = a.take_id WHERE t.generation_id = NEW.id;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM usage_count(OLD, -1, stored, spent{more});
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM usage_count(NEW, 1, stored, spent{more});
    END IF;
    RETURN NULL;
END $$;
"""


_UP = f"""
ALTER TABLE usage_changes ADD COLUMN exposure_cents BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE usage_days ADD COLUMN exposure_cents BIGINT DEFAULT '0' NOT NULL;
ALTER TABLE usage_totals ADD COLUMN exposure_cents BIGINT DEFAULT '0' NOT NULL;
{_count(exposures=True)}
{_of_generation(exposures=True)}
DROP FUNCTION usage_count(generations, INTEGER, BIGINT, BIGINT);

CREATE FUNCTION usage_owed(a attempts) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a.exposed AND a.settled_at IS NULL THEN a.credits_at_risk ELSE 0 END
$$;
CREATE FUNCTION usage_spent(a attempts) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a.billed AND a.provider <> 'animatic' THEN a.credits_at_risk ELSE 0 END
$$;
CREATE OR REPLACE FUNCTION usage_of_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND (usage_spent(OLD), usage_owed(OLD)) <> (0, 0) THEN
        INSERT INTO usage_changes ({_KEY}, spend_cents, exposure_cents)
        SELECT {_OF_GENERATION}, -usage_spent(OLD), -usage_owed(OLD)
        FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.id = OLD.take_id;
    END IF;
    IF TG_OP <> 'DELETE' AND (usage_spent(NEW), usage_owed(NEW)) <> (0, 0) THEN
        INSERT INTO usage_changes ({_KEY}, spend_cents, exposure_cents)
        SELECT {_OF_GENERATION}, usage_spent(NEW), usage_owed(NEW)
        FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.id = NEW.take_id;
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER attempts_billed ON attempts;
DROP TRIGGER attempts_billed_otherwise ON attempts;
DROP TRIGGER attempts_billed_no_more ON attempts;
CREATE TRIGGER attempts_billed AFTER INSERT ON attempts
    FOR EACH ROW WHEN (NEW.billed OR NEW.exposed) EXECUTE FUNCTION usage_of_attempt();
CREATE TRIGGER attempts_billed_otherwise AFTER UPDATE ON attempts FOR EACH ROW
    WHEN ((OLD.billed, OLD.credits_at_risk, OLD.take_id, OLD.provider, OLD.exposed, OLD.settled_at)
        IS DISTINCT FROM
        (NEW.billed, NEW.credits_at_risk, NEW.take_id, NEW.provider, NEW.exposed, NEW.settled_at))
    EXECUTE FUNCTION usage_of_attempt();
CREATE TRIGGER attempts_billed_no_more AFTER DELETE ON attempts
    FOR EACH ROW WHEN (OLD.billed OR OLD.exposed) EXECUTE FUNCTION usage_of_attempt();

INSERT INTO usage_changes ({_KEY}, exposure_cents)
SELECT {_OF_GENERATION}, a.credits_at_risk
FROM attempts a JOIN takes t ON t.id = a.take_id JOIN generations g ON g.id = t.generation_id
WHERE a.exposed AND a.settled_at IS NULL;
"""
_DOWN = f"""
DROP TRIGGER attempts_billed ON attempts;
DROP TRIGGER attempts_billed_otherwise ON attempts;
DROP TRIGGER attempts_billed_no_more ON attempts;
{_count(exposures=False)}
{_of_generation(exposures=False)}
DROP FUNCTION usage_count(generations, INTEGER, BIGINT, BIGINT, BIGINT);
CREATE OR REPLACE FUNCTION usage_of_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.billed AND OLD.provider <> 'animatic' THEN
        INSERT INTO usage_changes ({_KEY}, spend_cents)
        SELECT {_OF_GENERATION}, -OLD.credits_at_risk
        FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.id = OLD.take_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.billed AND NEW.provider <> 'animatic' THEN
        INSERT INTO usage_changes ({_KEY}, spend_cents)
        SELECT {_OF_GENERATION}, NEW.credits_at_risk
        FROM takes t JOIN generations g ON g.id = t.generation_id WHERE t.id = NEW.take_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER attempts_billed AFTER INSERT ON attempts
    FOR EACH ROW WHEN (NEW.billed) EXECUTE FUNCTION usage_of_attempt();
CREATE TRIGGER attempts_billed_otherwise AFTER UPDATE ON attempts FOR EACH ROW
    WHEN ((OLD.billed, OLD.credits_at_risk, OLD.take_id, OLD.provider)
        IS DISTINCT FROM (NEW.billed, NEW.credits_at_risk, NEW.take_id, NEW.provider))
    EXECUTE FUNCTION usage_of_attempt();
CREATE TRIGGER attempts_billed_no_more AFTER DELETE ON attempts
    FOR EACH ROW WHEN (OLD.billed) EXECUTE FUNCTION usage_of_attempt();
DROP FUNCTION usage_owed, usage_spent;
ALTER TABLE usage_changes DROP COLUMN exposure_cents;
ALTER TABLE usage_days DROP COLUMN exposure_cents;
ALTER TABLE usage_totals DROP COLUMN exposure_cents;
DROP INDEX ix_takes_scored;
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")  # what is done concurrently waits long, and nobody waits for it
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_takes_scored")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_takes_scored ON takes (workspace_id, created_at)"
            " WHERE score IS NOT NULL"
        )
        op.execute("SET lock_timeout = '300ms'")
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
