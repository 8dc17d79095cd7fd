"""Where somebody's words are, and what becomes of each: rows that go, and columns that are emptied.

Rows that the books, the lineage or a colleague's work lean on stay, with nothing in them but ids, figures and
words of ours. A test reads the schema: a new column of text or JSON is named here, or is known to hold none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    Text,
    case,
    delete,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from plugin_backend.db import tables as t
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind

ROWS_AT_ONCE: Final = 500

ERASED_DOMAIN: Final = "erased.invalid"
"""Nobody's addresses: an erased person is their id there."""

ERASED_ADDRESS: Final = func.concat(t.users.c.id, f"@{ERASED_DOMAIN}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The person who is forgotten; with their workspace, where nobody else is in it."""

    owner_id: str
    email: str
    workspace_id: str
    is_alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of one person's rows in a table: they go, or these columns are set."""

    table: Table
    key: Column[Any]
    keys: Callable[[Whose], Select[Any]]
    """The values of the key whose rows are theirs."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """By column; empty: the rows go."""

    @property
    def name(self) -> str:
        """What it is called in the walk."""
        return f"{self.table.name}.{self.key.name}"

    @property
    def clears(self) -> frozenset[str]:
        """The columns that hold nothing of theirs afterwards."""
        named = self.values or {column.name: None for column in self.table.c}
        return frozenset(f"{self.table.name}.{name}" for name in named)


def scrub(connection: Connection, rule: Rule, whose: Whose, *, after: str) -> tuple[int, str | None]:
    """The next rows of a rule: how many were changed, and after which key to go on (None: all are done)."""
    keys = rule.keys(whose)
    if rule.values and after:
        keys = keys.where(keys.selected_columns[0] > after)
    found = connection.scalars(keys.distinct().order_by(keys.selected_columns[0]).limit(ROWS_AT_ONCE)).all()
    if not found:
        return 0, None
    chosen = rule.key.in_(found)
    statement = update(rule.table).where(chosen).values(dict(rule.values)) if rule.values else None
    done = connection.execute(delete(rule.table).where(chosen) if statement is None else statement)
    return done.rowcount, None if len(found) < ROWS_AT_ONCE else str(found[-1])


def _owned(table: Table, key: str = "id", column: str = "owner_id") -> Callable[[Whose], Select[Any]]:
    return lambda whose: select(table.c[key]).where(table.c[column] == whose.owner_id)


def _goes(table: Table, *, by: str) -> Rule:
    """Rows that name the person themselves."""
    keys = _present(table, by, lambda whose: select(table.c[by]).where(table.c[by] == whose.owner_id))
    return Rule(table=table, key=table.c[by], keys=keys)


def _present(
    table: Table, key: str, theirs: Callable[[Whose], Select[Any]]
) -> Callable[[Whose], Select[Any]]:
    """Only keys that still have rows: what went is not looked for again and again."""
    return lambda whose: select(table.c[key]).where(table.c[key].in_(theirs(whose)))


def _goes_with(table: Table, key: str, theirs: Callable[[Whose], Select[Any]]) -> Rule:
    """Rows that hang on something of theirs."""
    return Rule(table=table, key=table.c[key], keys=_present(table, key, theirs))


def _emptied(table: Table, theirs: Callable[[Whose], Select[Any]] | None = None, **values: Any) -> Rule:
    return Rule(table=table, key=table.c.id, keys=theirs or _owned(table), values=values)


def _takes(whose: Whose) -> Select[Any]:
    return select(t.takes.c.id).where(t.takes.c.owner_id == whose.owner_id)


def _deliveries(whose: Whose) -> Select[Any]:
    """Theirs, and those that their takes went into."""
    cuts = select(t.delivery_takes.c.delivery_id).where(t.delivery_takes.c.take_id.in_(_takes(whose)))
    columns = t.deliveries.c
    mine = or_(columns.owner_id == whose.owner_id, columns.take_id.in_(_takes(whose)), columns.id.in_(cuts))
    return select(columns.id).where(mine)


def _chunks(whose: Whose) -> Select[Any]:
    columns = t.chunks.c
    of_theirs = columns.delivery_id.in_(_deliveries(whose))
    return select(columns.id).where(or_(columns.owner_id == whose.owner_id, of_theirs))


def _shots(whose: Whose) -> Select[Any]:
    columns = t.storyboard_shots.c
    return select(columns.id).where(columns.storyboard_id.in_(_owned(t.storyboards)(whose)))


def _workspace(whose: Whose) -> Select[Any]:
    return select(t.workspaces.c.id).where(t.workspaces.c.id == whose.workspace_id, literal(whose.is_alone))


def _policy(whose: Whose) -> Select[Any]:
    columns = t.workspace_policies.c
    return select(columns.workspace_id).where(columns.workspace_id.in_(_workspace(whose)))


def _invitations(whose: Whose) -> Select[Any]:
    """Those they sent, and those that were sent to them."""
    columns = t.invitations.c
    sent = or_(columns.owner_id == whose.owner_id, columns.accepted_by == whose.owner_id)
    return select(columns.id).where(or_(sent, func.lower(columns.email) == whose.email.lower()))


def _mailed_links(whose: Whose) -> Select[Any]:
    columns = t.mailed_links.c
    to_them = func.lower(columns.email) == whose.email.lower()
    return select(columns.id).where(or_(columns.user_id == whose.owner_id, to_them))


def _said_of_takes(table: Table) -> Callable[[Whose], Select[Any]]:
    """What they said of anybody's takes, and what anybody said of theirs."""
    columns = table.c
    return lambda whose: select(columns.id).where(
        or_(columns.owner_id == whose.owner_id, columns.take_id.in_(_takes(whose)))
    )


def _reasons(whose: Whose) -> Select[Any]:
    """The words of reasons given by them, about them, about a generation of theirs, or in a transfer."""
    entries, mine = t.audit_entries.c, t.audit_entries.alias().c
    made = _owned(t.generations)(whose)
    about = or_(entries.subject_id == whose.owner_id, entries.subject_id.in_(made))
    # Both sides of a transfer name each other: through theirs the other is found by an index.
    sides = select(mine.after["other"].astext).where(mine.subject_id == whose.owner_id)
    across = entries.subject_id.in_(sides) & (entries.after["other"].astext == whose.owner_id)
    theirs = select(entries.id).where(or_(entries.actor_id == whose.owner_id, about, across))
    return select(t.audit_reasons.c.entry_id).where(t.audit_reasons.c.entry_id.in_(theirs))


def _ledger_reasons(whose: Whose) -> Select[Any]:
    """The words of reasons given by them, in the books of their account, or across from there."""
    entries, accounts = t.ledger_entries.c, t.accounts.c
    mine = select(accounts.id).where(accounts.owner_kind == "user", accounts.owner_id == whose.owner_id)
    across = select(entries.counterpart_id).where(
        entries.account_id.in_(mine), entries.counterpart_id.is_not(None)
    )
    theirs = or_(entries.account_id.in_(mine), entries.actor_id == whose.owner_id, entries.id.in_(across))
    return select(entries.id).where(theirs, entries.reason.is_not(None))


def _blank_request() -> Any:
    """A request without a word of theirs: its tier, its model, and nothing else."""
    blank = GenerationRequest(kind=Kind.DRAFT, brief=Brief()).to_json()
    columns = t.generations.c
    told = func.jsonb_set(literal(blank, JSONB), _path("kind"), func.to_jsonb(columns.kind))
    return func.jsonb_set(told, _path("brief", "model"), func.to_jsonb(columns.model))


def _path(*names: str) -> Any:
    return literal(list(names), ARRAY(Text))


def _kept_if_there(column: Column[Any]) -> Any:
    """An empty object in the place of a full one: that there was one is a fact."""
    return case((column.is_not(None), literal({}, JSONB)), else_=null())


CLOSING: Final[Sequence[Rule]] = (
    # What opens doors: gone when it is asked for, and whatever came since at the end.
    _goes(t.api_keys, by="owner_id"),
    _goes(t.device_grants, by="decided_by"),
    _goes(t.sessions, by="owner_id"),  # with its tokens
    _goes(t.sign_in_links, by="owner_id"),
    _goes(t.passwords, by="user_id"),
    _goes(t.identities, by="user_id"),
)

RULES: Final[Sequence[Rule]] = (
    *CLOSING,
    _goes(t.panel_settings, by="user_id"),
    _goes(t.idempotency_keys, by="owner_id"),
    Rule(table=t.mailed_links, key=t.mailed_links.c.id, keys=_mailed_links),
    _goes(t.mails, by="owner_id"),
    Rule(table=t.invitations, key=t.invitations.c.id, keys=_invitations),
    # What told others, and what was said, planned and seen.
    _goes_with(t.webhook_attempts, "webhook_id", _owned(t.webhooks)),
    _goes_with(t.webhook_messages, "webhook_id", _owned(t.webhooks)),
    _goes(t.webhooks, by="owner_id"),
    Rule(table=t.take_comments, key=t.take_comments.c.id, keys=_said_of_takes(t.take_comments)),
    Rule(table=t.take_approvals, key=t.take_approvals.c.id, keys=_said_of_takes(t.take_approvals)),
    _goes_with(t.take_reviews, "take_id", _takes),
    _goes_with(t.trace_notes, "generation_id", _owned(t.generations)),
    _goes_with(t.directions, "generation_id", _owned(t.generations)),
    _goes_with(t.evaluations, "take_id", _takes),
    _goes_with(t.shot_generations, "shot_id", _shots),
    Rule(table=t.storyboard_shots, key=t.storyboard_shots.c.id, keys=_shots),
    _goes_with(t.clip_names, "take_id", _takes),
    _goes_with(t.delivery_files, "delivery_id", _deliveries),
    # What the books, the lineage and colleagues lean on.
    _emptied(
        t.generations,
        label=null(),
        request=_blank_request(),
        plan=null(),
        failure=null(),
        routing=null(),
        promotion=null(),
        standing_order=null(),
        batch_id=null(),
    ),
    _emptied(
        t.takes,
        outputs=null(),
        source=_kept_if_there(t.takes.c.source),
        files=null(),
        facts=null(),
        measures=null(),
        verdict=null(),
        failure=null(),
        fetched=null(),
    ),
    # That there were outputs says whether it may have been billed.
    _emptied(t.attempts, detail=null(), outputs=_kept_if_there(t.attempts.c.outputs), settled_note=null()),
    _emptied(t.renders, spec={}, result=null(), failure=null()),
    _emptied(t.chunks, _chunks, result=null(), failure=null()),
    _emptied(
        t.deliveries,
        _deliveries,
        request=func.jsonb_build_object("host", t.deliveries.c.host, "master_format", null()),
        plan=null(),
        clips=null(),
        failure=null(),
        archive=null(),
    ),
    _emptied(t.assets, filename=null(), media_type=null(), sha256=null(), files=null(), problem=null()),
    _emptied(t.exports, archive=null(), failure=null()),
    _emptied(
        t.storyboards,
        title="Storyboard",
        sequence=null(),
        look=null(),
        notes=[],
        deleted_at=func.coalesce(t.storyboards.c.deleted_at, func.now()),
    ),
    _emptied(t.projects, name="Project", look=null(), naming=null()),
    Rule(table=t.audit_reasons, key=t.audit_reasons.c.entry_id, keys=_reasons),
    _emptied(t.ledger_entries, _ledger_reasons, reason=null()),
    _emptied(t.workspaces, _workspace, name="Workspace", judging=null()),
    Rule(
        table=t.workspace_policies,
        key=t.workspace_policies.c.workspace_id,
        keys=_policy,
        values={"blocked_terms": []},
    ),
    # The last one: by their address their other rows are found.
    _emptied(
        t.users,
        lambda whose: select(t.users.c.id).where(t.users.c.id == whose.owner_id),
        email=ERASED_ADDRESS,
        is_operator=False,
        disabled_at=func.coalesce(t.users.c.disabled_at, func.now()),
    ),
)
