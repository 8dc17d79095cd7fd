"""A large service's rows, written past the services: people, generations, ledger, and what hangs on them.

Ten entries of the ledger for each generation: eight grants of 10 credits, a hold of 20, a settle of all 20;
so every account agrees with its entries. Twenty generations in a row are one person's on one project: bursts,
as people work. A tenth of the people asks for a third of everything, a workspace of five hundred for a fifth.
"""

import json
import time
from dataclasses import dataclass

import psycopg

from plugin_backend.domain.brief import Brief, GenerationRequest, Kind

PEOPLE = 10_000
WORKSPACES = 1_000
GENERATIONS = 1_000_000
DAYS = 365
_SESSION = 20
_REQUEST = json.dumps(GenerationRequest(kind=Kind.DRAFT, brief=Brief(prompt="")).to_json())


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the whole."""

    part: float = 1.0

    @property
    def people(self) -> int:
        return max(600, int(PEOPLE * self.part))

    @property
    def workspaces(self) -> int:
        return max(60, int(WORKSPACES * self.part))

    @property
    def generations(self) -> int:
        return int(GENERATIONS * self.part)


_STEPS = {
    "workspaces": """
        INSERT INTO workspaces (id, name, created_at)
        SELECT 'wsp_' || lpad(n::text, 26, '0'), 'Workspace ' || n, now() - interval '1 year'
        FROM generate_series(0, {workspaces} - 1) n""",
    "users": """
        INSERT INTO users (id, workspace_id, email, role, plan_id, created_at)
        SELECT 'usr_' || lpad(n::text, 26, '0'),
            'wsp_' || lpad((CASE WHEN n < 500 THEN 0 ELSE n % {workspaces} END)::text, 26, '0'),
            'person' || n || '@' || (ARRAY['alpha','beta','gamma'])[n % 3 + 1] || '.example.com',
            CASE WHEN n % 20 = 0 THEN 'admin' ELSE 'editor' END, 'pro', now() - interval '1 year'
        FROM generate_series(0, {people} - 1) n""",
    "accounts": """
        INSERT INTO accounts (id, owner_kind, owner_id)
        SELECT 'acc_' || lpad(n::text, 26, '0'), 'user', 'usr_' || lpad(n::text, 26, '0')
        FROM generate_series(0, {people} - 1) n""",
    "projects": """
        INSERT INTO projects (id, workspace_id, owner_id, name, created_at)
        SELECT 'prj_' || lpad(n::text, 26, '0'), u.workspace_id, u.id, 'Project ' || n, u.created_at
        FROM generate_series(0, {people} - 1) n JOIN users u ON u.id = 'usr_' || lpad(n::text, 26, '0')""",
    "plan of it": """
        CREATE TEMP TABLE asked AS
        WITH session AS (
            SELECT s, floor({people} * power(random(), 2))::int AS person
            FROM generate_series(0, {generations} / {session}) s
        ), each AS (
            SELECT n, session.person, n / {session} AS s
            FROM generate_series(0, {generations} - 1) n JOIN session ON session.s = n / {session}
        )
        SELECT n, person, s, row_number() OVER (PARTITION BY person ORDER BY n) - 1 AS nth,
            n = max(n) OVER (PARTITION BY person) AND n > {generations} - 4000 AS is_open,
            now() - interval '{days} days' * (1 - n::float8 / {generations}) AS at,
            CASE WHEN n % 7 = 0 THEN 'master' ELSE 'draft' END AS kind,
            (ARRAY['animatic','ray-2','animatic','veo'])[s % 4 + 1] AS model,
            (ARRAY['ready','ready','ready','ready','ready','ready','ready','cancelled','ready','failed'])
                [hashint4(n) % 10 + CASE WHEN hashint4(n) < 0 THEN 10 ELSE 1 END] AS ended
        FROM each ORDER BY n""",
    "generations": """
        INSERT INTO generations (id, workspace_id, owner_id, account_id, project_id, kind, state, label,
            model, provider, request, takes_wanted, max_iterations, credits_per_take, credits_quoted,
            credits_held,
            credits_settled, draft_units, draft_units_used, created_at, updated_at, finished_at)
        SELECT 'gen_' || lpad(n::text, 26, '0'), u.workspace_id, u.id, 'acc_' || lpad(person::text, 26, '0'),
            'prj_' || lpad(person::text, 26, '0'), kind, CASE WHEN is_open THEN 'queued' ELSE ended END,
            'SH' || lpad((s % 400 * 10 + n % 3)::text, 4, '0'), model,
            CASE model WHEN 'ray-2' THEN 'luma' WHEN 'veo' THEN 'atlas' ELSE model END,
            jsonb_set(jsonb_set('{request}'::jsonb, '{{kind}}', to_jsonb(kind)), '{{brief,prompt}}', to_jsonb(
                (ARRAY['a slow dolly','a wide crane','a handheld shot','an aerial view'])[n % 4 + 1]
                || ' over ' || (ARRAY['a misty forest','the harbour','a rainy street','snowy peaks',
                    'the desert'])[n % 5 + 1] || ', take ' || n)),
            1, 0, 20, 20, 20, CASE WHEN is_open THEN NULL ELSE 20 END,
            CASE kind WHEN 'draft' THEN 1 ELSE 0 END,
            CASE WHEN is_open THEN NULL WHEN kind = 'draft' THEN 1 ELSE 0 END, at, at,
            CASE WHEN is_open THEN NULL ELSE at + interval '40 seconds' END
        FROM asked JOIN users u ON u.id = 'usr_' || lpad(person::text, 26, '0') ORDER BY n""",
    "takes": """
        INSERT INTO takes (id, workspace_id, owner_id, generation_id, number, state, source, charged,
            created_at, updated_at)
        SELECT 'take_' || substr(id, 5), workspace_id, owner_id, id, 1,
            CASE state WHEN 'ready' THEN 'stored' WHEN 'queued' THEN 'wanted' ELSE state END,
            CASE state WHEN 'ready' THEN '{{}}'::jsonb END, state = 'ready', created_at, created_at
        FROM generations ORDER BY id""",
    "attempts": """
        INSERT INTO attempts (id, workspace_id, owner_id, take_id, token, provider, provider_ref, state,
            created_at, model, credits_at_risk, billed, outputs, exposed)
        SELECT 'att_' || substr(g.id, 5), g.workspace_id, g.owner_id, 'take_' || substr(g.id, 5), g.id,
            g.provider, g.id, 'closed', g.created_at, g.model, 18,
            CASE WHEN g.state = 'ready' THEN true WHEN hashtext(g.id) % 50 <> 0 THEN false END, '{{}}',
            g.state IN ('failed', 'cancelled') AND hashtext(g.id) % 50 = 0
        FROM generations g WHERE g.provider <> 'animatic' AND g.finished_at IS NOT NULL ORDER BY g.id""",
    "ledger entries": """
        INSERT INTO ledger_entries (id, account_id, kind, available_delta, held_delta, available_after,
            held_after, generation_id, at)
        SELECT 'led_' || lpad((n::bigint * 10 + i)::text, 26, '0'), 'acc_' || lpad(person::text, 26, '0'),
            CASE i WHEN 8 THEN 'hold' WHEN 9 THEN 'settle' ELSE 'grant' END,
            CASE i WHEN 8 THEN -20 WHEN 9 THEN 0 ELSE 10 END,
            CASE i WHEN 8 THEN 20 WHEN 9 THEN -20 ELSE 0 END,
            nth * 60 + CASE WHEN i < 8 THEN (i + 1) * 10 ELSE 60 END, CASE i WHEN 8 THEN 20 ELSE 0 END,
            CASE WHEN i >= 8 THEN 'gen_' || lpad(n::text, 26, '0') END, at
        FROM asked CROSS JOIN generate_series(0, 9) i WHERE NOT (is_open AND i = 9) ORDER BY n, i""",
    "balances": """
        UPDATE accounts a SET available = asked.nth * 60 + 60, held = CASE WHEN is_open THEN 20 ELSE 0 END
        FROM asked JOIN (SELECT person, max(n) AS n FROM asked GROUP BY person) latest USING (person, n)
        WHERE a.id = 'acc_' || lpad(asked.person::text, 26, '0')""",
    "users' counts": """
        UPDATE users SET unfinished = 1
        WHERE id IN (SELECT owner_id FROM generations WHERE finished_at IS NULL)""",
    "events": """
        INSERT INTO events (workspace_id, owner_id, type, subject_id, data, at)
        SELECT workspace_id, owner_id, 'generation.' || state, id, '{{}}', created_at
        FROM generations ORDER BY id""",
    "trace notes": """
        INSERT INTO trace_notes (workspace_id, owner_id, generation_id, step, summary, data, at)
        SELECT workspace_id, owner_id, id, 'note', 'It was made.', '{{}}', created_at
        FROM generations ORDER BY id""",
    "audit entries": """
        INSERT INTO audit_entries (workspace_id, actor_id, action, subject_id, at)
        SELECT workspace_id, owner_id, 'quota.changed', owner_id, created_at
        FROM generations WHERE right(id, 1) IN ('0', '5') ORDER BY id""",
    "audit seals": """
        INSERT INTO audit_seals (workspace_id, number, entry_id, prev_hash, hash)
        SELECT workspace_id, row_number() OVER (PARTITION BY workspace_id ORDER BY id), id, '\\x00', '\\x00'
        FROM audit_entries""",
    "audit chains": """
        INSERT INTO audit_chains (workspace_id, number, hash)
        SELECT workspace_id, max(number), '\\x00' FROM audit_seals GROUP BY workspace_id
        ON CONFLICT (workspace_id) DO UPDATE SET number = EXCLUDED.number, hash = EXCLUDED.hash""",
    "assets": """
        INSERT INTO assets (id, workspace_id, owner_id, state, kind, media_type, bytes, created_at,
            updated_at)
        SELECT 'ast_' || substr(id, 5), workspace_id, owner_id, 'uploading', 'image', 'image/png', 1000,
            created_at, created_at FROM generations WHERE right(id, 1) = '0' ORDER BY id""",
    "deliveries": """
        INSERT INTO deliveries (id, workspace_id, owner_id, take_id, host, state, request, created_at,
            updated_at, finished_at)
        SELECT 'dlv_' || substr(id, 5), workspace_id, owner_id, 'take_' || substr(id, 5), 'download',
            'failed', '{{}}', created_at, created_at, created_at
        FROM generations WHERE kind = 'master' AND state = 'ready' AND right(id, 1) = '3' ORDER BY id""",
    "draft days": """
        INSERT INTO draft_days (owner_id, day, workspace_id, used)
        SELECT owner_id, (created_at AT TIME ZONE 'UTC')::date, workspace_id, sum(draft_units)
        FROM generations WHERE kind = 'draft' GROUP BY 1, 2, 3""",
}


def seed(url: str, size: Size) -> None:
    """Fill a migrated database; says how long each table took."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection:
        # A replica's apply session: triggers and foreign keys are past, usage is counted by its rebuild.
        connection.execute("SET session_replication_role = replica")
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SELECT setseed(0.5)")
        for name, statement in _STEPS.items():
            began = time.monotonic()
            made = connection.execute(
                statement.format(
                    people=size.people,
                    workspaces=size.workspaces,
                    generations=size.generations,
                    session=_SESSION,
                    days=DAYS,
                    request=_REQUEST,
                )
            ).rowcount
            print(f"{name:<16} {made:>12,} rows {time.monotonic() - began:8.1f} s", flush=True)
        connection.execute("ANALYZE")
