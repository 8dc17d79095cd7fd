"""Usage counted as it happens, exposures marked, accounts checked bit by bit."""

from alembic import op

revision = "0015"
down_revision = "0014"

_KEY = "day, workspace_id, owner_id, project_id, label, model, kind"
_SUMS = (
    "generations, ready, failed, cancelled, draft_units, credits_held, credits_settled, credits_released,"
    " takes_stored, spend_cents"
)
_COLUMNS = ", ".join(f"{name} BIGINT DEFAULT '0' NOT NULL" for name in _SUMS.split(", "))
_OF_GENERATION = (
    "(g.created_at AT TIME ZONE 'UTC')::date, g.workspace_id, g.owner_id, coalesce(g.project_id, ''),"
    " coalesce(g.label, ''), g.model, g.kind"
)

_UP = f"""
CREATE TABLE usage_changes (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    day DATE NOT NULL,
    workspace_id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    label TEXT NOT NULL,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    {_COLUMNS},
    CONSTRAINT pk_usage_changes PRIMARY KEY (id)
);

CREATE TABLE usage_days (
    workspace_id TEXT NOT NULL,
    day DATE NOT NULL,
    owner_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    label TEXT NOT NULL,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    {_COLUMNS},
    CONSTRAINT pk_usage_days PRIMARY KEY (workspace_id, day, owner_id, project_id, label, model, kind)
);
CREATE INDEX ix_usage_days_owner_id_day ON usage_days (owner_id, day);
CREATE INDEX ix_usage_days_day ON usage_days (day);
CREATE INDEX ix_usage_days_empty ON usage_days (day) WHERE generations = 0;

CREATE TABLE usage_totals (
    day DATE NOT NULL,
    model TEXT NOT NULL,
    kind TEXT NOT NULL,
    {_COLUMNS},
    CONSTRAINT pk_usage_totals PRIMARY KEY (day, model, kind)
);

CREATE TABLE ledger_checks (
    account_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    CONSTRAINT pk_ledger_checks PRIMARY KEY (account_id),
    CONSTRAINT fk_ledger_checks_account_id FOREIGN KEY(account_id) REFERENCES accounts (id)
);

ALTER TABLE attempts ADD COLUMN exposed BOOLEAN DEFAULT false NOT NULL;

-- What a generation adds to usage, once or (sign -1) taken back.
CREATE FUNCTION usage_count(g generations, sign INTEGER, stored BIGINT, spent BIGINT) RETURNS void LANGUAGE sql AS $$
    INSERT INTO usage_changes ({_KEY}, {_SUMS})
    VALUES ({_OF_GENERATION}, sign, sign * (g.state = 'ready')::int, sign * (g.state = 'failed')::int,
        sign * (g.state = 'cancelled')::int, sign * coalesce(g.draft_units_used, g.draft_units),
        CASE WHEN g.finished_at IS NULL THEN sign * g.credits_held ELSE 0 END,
        sign * coalesce(g.credits_settled, 0),
        CASE WHEN g.finished_at IS NULL THEN 0 ELSE sign * (g.credits_held - g.credits_settled) END,
        sign * stored, sign * spent)
$$;

CREATE FUNCTION usage_of_generation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stored BIGINT := 0;
    spent BIGINT := 0;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.workspace_id, OLD.owner_id, OLD.project_id, OLD.label, OLD.model)
        IS DISTINCT FROM (NEW.workspace_id, NEW.owner_id, NEW.project_id, NEW.label, NEW.model) THEN
        SELECT count(*) INTO stored FROM takes WHERE generation_id = NEW.id AND state = 'stored';
        SELECT coalesce(sum(a.credits_at_risk), 0) INTO spent
        FROM attempts a JOIN takes t ON t.id = a.take_id
        WHERE t.generation_id = NEW.id AND a.billed AND a.provider <> 'animatic';
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM usage_count(OLD, -1, stored, spent);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM usage_count(NEW, 1, stored, spent);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER generations_used AFTER INSERT OR DELETE ON generations
    FOR EACH ROW EXECUTE FUNCTION usage_of_generation();
CREATE TRIGGER generations_used_otherwise AFTER UPDATE ON generations FOR EACH ROW
    WHEN ((OLD.workspace_id, OLD.owner_id, OLD.project_id, OLD.label, OLD.model, OLD.finished_at,
           OLD.credits_held, OLD.credits_settled, OLD.draft_units, OLD.draft_units_used)
        IS DISTINCT FROM (NEW.workspace_id, NEW.owner_id, NEW.project_id, NEW.label, NEW.model,
           NEW.finished_at, NEW.credits_held, NEW.credits_settled, NEW.draft_units, NEW.draft_units_used))
    EXECUTE FUNCTION usage_of_generation();

CREATE FUNCTION usage_of_take() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    sign INTEGER := CASE WHEN TG_OP <> 'DELETE' AND NEW.state = 'stored' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO usage_changes ({_KEY}, takes_stored)
    SELECT {_OF_GENERATION}, sign FROM generations g WHERE g.id = coalesce(NEW.generation_id, OLD.generation_id);
    RETURN NULL;
END $$;

CREATE TRIGGER takes_stored AFTER INSERT ON takes
    FOR EACH ROW WHEN (NEW.state = 'stored') EXECUTE FUNCTION usage_of_take();
CREATE TRIGGER takes_stored_otherwise AFTER UPDATE ON takes
    FOR EACH ROW WHEN ((OLD.state = 'stored') <> (NEW.state = 'stored')) EXECUTE FUNCTION usage_of_take();
CREATE TRIGGER takes_stored_no_more AFTER DELETE ON takes
    FOR EACH ROW WHEN (OLD.state = 'stored') EXECUTE FUNCTION usage_of_take();

CREATE FUNCTION usage_of_attempt() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- What a provider may bill and nobody was charged for. Intents in doubt grow into it by time alone, and are
-- looked for by their state.
CREATE FUNCTION attempt_is_exposed(a attempts, t takes) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT a.provider <> 'animatic' AND a.billed IS DISTINCT FROM false AND (
        (a.state = 'lost' AND a.provider_ref IS NOT NULL)
        OR (a.state = 'closed' AND NOT t.charged AND t.state IN ('failed', 'cancelled'))
        OR (a.state = 'closed' AND t.charged AND a.outputs IS NULL AND a.slug IS NOT NULL)
        OR (a.state IN ('accepted', 'closed') AND EXISTS (
            SELECT 1 FROM generations g WHERE g.id = t.generation_id AND g.recovered_from IS NOT NULL)))
$$;

CREATE FUNCTION attempt_exposes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    taken takes;
BEGIN
    SELECT * INTO taken FROM takes WHERE id = NEW.take_id;
    NEW.exposed := coalesce(attempt_is_exposed(NEW, taken), false);
    RETURN NEW;
END $$;

CREATE TRIGGER attempts_exposed BEFORE INSERT OR UPDATE OF state, provider_ref, billed, outputs, slug, take_id
    ON attempts FOR EACH ROW WHEN (NEW.state <> 'intent') EXECUTE FUNCTION attempt_exposes();

CREATE FUNCTION take_exposes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE attempts a SET exposed = attempt_is_exposed(a, NEW)
    WHERE a.take_id = NEW.id AND a.state <> 'intent' AND a.exposed <> attempt_is_exposed(a, NEW);
    RETURN NULL;
END $$;

CREATE TRIGGER takes_exposed AFTER UPDATE ON takes FOR EACH ROW
    WHEN ((OLD.state, OLD.charged) IS DISTINCT FROM (NEW.state, NEW.charged)
        AND (NEW.charged OR NEW.state IN ('failed', 'cancelled')))
    EXECUTE FUNCTION take_exposes();
"""

_DOWN = """
DROP TRIGGER takes_exposed ON takes;
DROP TRIGGER attempts_exposed ON attempts;
DROP TRIGGER attempts_billed ON attempts;
DROP TRIGGER attempts_billed_otherwise ON attempts;
DROP TRIGGER attempts_billed_no_more ON attempts;
DROP TRIGGER takes_stored ON takes;
DROP TRIGGER takes_stored_otherwise ON takes;
DROP TRIGGER takes_stored_no_more ON takes;
DROP TRIGGER generations_used ON generations;
DROP TRIGGER generations_used_otherwise ON generations;
DROP FUNCTION take_exposes, attempt_exposes, attempt_is_exposed, usage_of_attempt, usage_of_take,
    usage_of_generation, usage_count;
ALTER TABLE attempts DROP COLUMN exposed;
DROP TABLE ledger_checks;
DROP TABLE usage_totals;
DROP TABLE usage_days;
DROP TABLE usage_changes;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
