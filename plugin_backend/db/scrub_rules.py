"""Where somebody's words are, and what becomes of each.

Each rule finds its rows by indexes, however large its table is: a test reads the plans. Another reads the
schema: a new column of text or JSON is named here, or is known to hold none.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Column, Select, Table, Text, case, func, literal, null, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from plugin_backend.db import tables as t
from plugin_backend.db.scrubbing import ERASED_ADDRESS, Rule, Whose
from plugin_backend.db.theirs import any_of, deliveries_of, generations_of, takes_of
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind


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
    return takes_of(whose.owner_id)


def _attempts(whose: Whose) -> Select[Any]:
    return select(t.attempts.c.id).where(t.attempts.c.take_id.in_(_takes(whose)))


def _renders(whose: Whose) -> Select[Any]:
    return select(t.renders.c.id).where(t.renders.c.subject_id.in_(_takes(whose)))


def _deliveries(whose: Whose) -> Select[Any]:
    """Theirs, and those that their takes went into."""
    return deliveries_of(whose.owner_id)


def _chunks(whose: Whose) -> Select[Any]:
    columns = t.chunks.c
    return any_of(
        select(columns.id).where(columns.render_id.in_(_renders(whose))),
        select(columns.id).where(columns.delivery_id.in_(_deliveries(whose))),
    )


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
    return lambda whose: any_of(
        select(columns.id).where(columns.owner_id == whose.owner_id),
        select(columns.id).where(columns.take_id.in_(_takes(whose))),
    )


def _reasons(whose: Whose) -> Select[Any]:
    """The words of reasons given by them, about them, about a generation of theirs, or in a transfer."""
    entries, mine = t.audit_entries.c, t.audit_entries.alias().c
    # Both sides of a transfer name each other: through theirs the other is found by an index.
    sides = select(mine.after["other"].astext).where(mine.subject_id == whose.owner_id)
    across = entries.subject_id.in_(sides) & (entries.after["other"].astext == whose.owner_id)
    theirs = any_of(
        select(entries.id).where(entries.actor_id == whose.owner_id),
        select(entries.id).where(entries.subject_id == whose.owner_id),
        select(entries.id).where(entries.subject_id.in_(generations_of(whose.owner_id))),
        select(entries.id).where(across),
    )
    return select(t.audit_reasons.c.entry_id).where(t.audit_reasons.c.entry_id.in_(theirs))


def _ledger_reasons(whose: Whose) -> Select[Any]:
    """The words of reasons given by them, in the books of their account, or across from there."""
    entries, accounts = t.ledger_entries.c, t.accounts.c
    mine = select(accounts.id).where(accounts.owner_kind == "user", accounts.owner_id == whose.owner_id)
    across = select(entries.counterpart_id).where(
        entries.account_id.in_(mine), entries.counterpart_id.is_not(None)
    )
    ways = (entries.account_id.in_(mine), entries.actor_id == whose.owner_id, entries.id.in_(across))
    return any_of(*(select(entries.id).where(way, entries.reason.is_not(None)) for way in ways))


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
        _takes,
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
    _emptied(
        t.attempts,
        _attempts,
        detail=null(),
        outputs=_kept_if_there(t.attempts.c.outputs),
        settled_note=null(),
    ),
    _emptied(t.renders, _renders, spec={}, result=null(), failure=null()),
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
        values={"blocked_terms": [], "attestation_text": null()},
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
