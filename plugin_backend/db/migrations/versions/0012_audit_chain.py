"""The audit becomes a chain per workspace, sealed by the database; the words of its reasons stand apart.

An entry is sealed at the commit that writes it, by a deferred trigger: the lock on its chain's head lasts as
long as the commit and is the last one taken, so it waits for nobody and no order of locks matters. Whatever
code writes the entry, this release's or the one before, it is sealed.
"""

from alembic import op

revision = "0012"
down_revision = "0011"

_UP = r"""
CREATE TABLE audit_seals (
    workspace_id TEXT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    entry_id BIGINT NOT NULL,
    prev_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_seals PRIMARY KEY (workspace_id, number),
    CONSTRAINT uq_audit_seals_entry_id UNIQUE (entry_id)
);
CREATE TABLE audit_chains (
    workspace_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    CONSTRAINT pk_audit_chains PRIMARY KEY (workspace_id)
);
CREATE TABLE audit_reasons (
    entry_id BIGINT NOT NULL,
    salt BYTEA NOT NULL,
    words TEXT NOT NULL,
    CONSTRAINT pk_audit_reasons PRIMARY KEY (entry_id)
);
ALTER TABLE audit_entries ADD COLUMN reason_hash BYTEA;
CREATE INDEX ix_audit_entries_subject_id_id ON audit_entries (subject_id, id);
CREATE INDEX ix_audit_entries_actor_id ON audit_entries (actor_id);

-- docs/quotas.md has this form byte by byte, and domain/audit_chain.py reads it back without this function.
CREATE FUNCTION audit_field(value text) RETURNS text STABLE LANGUAGE sql AS $$
    SELECT coalesce(octet_length(convert_to(value, 'UTF8')) || ':' || value, '-') || ',';
$$;
CREATE FUNCTION audit_hash(entry audit_entries, number bigint, prev_hash bytea) RETURNS bytea
    STABLE LANGUAGE sql AS $$
    SELECT sha256(convert_to(
        'audit 1,' || audit_field(entry.workspace_id) || audit_field(number::text)
        || audit_field(encode(prev_hash, 'hex')) || audit_field(entry.id::text)
        || audit_field(entry.actor_id) || audit_field(entry.action) || audit_field(entry.subject_id)
        || audit_field(entry.before::text) || audit_field(entry.after::text)
        || audit_field(encode(entry.reason_hash, 'hex')) || audit_field(entry.request_id)
        || audit_field(to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')), 'UTF8'));
$$;

-- The words can be forgotten, the chain holds what they were pledged with: a salt of 244 random bits.
CREATE FUNCTION set_reason_apart() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    salt bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
BEGIN
    INSERT INTO audit_reasons (entry_id, salt, words) VALUES (NEW.id, salt, NEW.reason);
    NEW.reason_hash := sha256(salt || convert_to(NEW.reason, 'UTF8'));
    NEW.reason := NULL;
    RETURN NEW;
END $$;

CREATE FUNCTION seal_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    head audit_chains;
    sealed bytea;
BEGIN
    INSERT INTO audit_chains (workspace_id, number, hash)
        VALUES (NEW.workspace_id, 0, decode(repeat('00', 32), 'hex')) ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM audit_chains WHERE workspace_id = NEW.workspace_id FOR UPDATE;
    sealed := audit_hash(NEW, head.number + 1, head.hash);
    INSERT INTO audit_seals (workspace_id, number, entry_id, prev_hash, hash)
        VALUES (NEW.workspace_id, head.number + 1, NEW.id, head.hash, sealed);
    UPDATE audit_chains SET number = head.number + 1, hash = sealed WHERE workspace_id = NEW.workspace_id;
    RETURN NULL;
END $$;

-- What stands there already: its words move, then it is sealed in the order it was written.
ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only;
INSERT INTO audit_reasons (entry_id, salt, words)
    SELECT id, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()), reason
    FROM audit_entries WHERE reason IS NOT NULL;
UPDATE audit_entries SET reason = NULL, reason_hash = sha256(r.salt || convert_to(r.words, 'UTF8'))
    FROM audit_reasons r WHERE r.entry_id = audit_entries.id;
ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only;
DO $$
DECLARE
    entry audit_entries;
    chain text;
    place bigint;
    head bytea;
    sealed bytea;
BEGIN
    FOR entry IN SELECT * FROM audit_entries ORDER BY workspace_id, id LOOP
        IF chain IS DISTINCT FROM entry.workspace_id THEN
            chain := entry.workspace_id;
            place := 0;
            head := decode(repeat('00', 32), 'hex');
        END IF;
        place := place + 1;
        sealed := audit_hash(entry, place, head);
        INSERT INTO audit_seals VALUES (chain, place, entry.id, head, sealed);
        head := sealed;
    END LOOP;
    INSERT INTO audit_chains
        SELECT DISTINCT ON (workspace_id) workspace_id, number, hash FROM audit_seals
        ORDER BY workspace_id, number DESC;
END $$;

CREATE TRIGGER audit_entries_reason_apart BEFORE INSERT ON audit_entries
    FOR EACH ROW WHEN (NEW.reason IS NOT NULL) EXECUTE FUNCTION set_reason_apart();
CREATE CONSTRAINT TRIGGER audit_entries_sealed AFTER INSERT ON audit_entries
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION seal_audit_entry();
CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
"""
_DOWN = """
DROP TRIGGER audit_entries_sealed ON audit_entries;
DROP TRIGGER audit_entries_reason_apart ON audit_entries;
DROP FUNCTION seal_audit_entry();
DROP FUNCTION set_reason_apart();
DROP FUNCTION audit_hash(audit_entries, bigint, bytea);
DROP FUNCTION audit_field(text);
ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only;
UPDATE audit_entries SET reason = r.words FROM audit_reasons r WHERE r.entry_id = audit_entries.id;
ALTER TABLE audit_entries ENABLE TRIGGER audit_entries_append_only;
DROP INDEX ix_audit_entries_actor_id;
DROP INDEX ix_audit_entries_subject_id_id;
ALTER TABLE audit_entries DROP COLUMN reason_hash;
DROP TABLE audit_reasons;
DROP TABLE audit_chains;
DROP TABLE audit_seals;
"""


def upgrade() -> None:
    op.get_bind().connection.cursor().execute(_UP)  # the driver runs many statements in one go


def downgrade() -> None:
    op.get_bind().connection.cursor().execute(_DOWN)
