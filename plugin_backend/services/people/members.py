"""The members of a workspace: who there is, as what, and what each may take of the pool; and who leaves."""

from collections.abc import Mapping
from typing import Any, Final

from plugin_backend.db import api_keys, invitations, money, passwords, people, pools, workspaces
from plugin_backend.db.journal import Owned, audit, record_event
from plugin_backend.db.people import Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.money import expiring
from plugin_backend.services.people.sessions import close_all
from plugin_backend.services.reach import member, require_another_owner, require_may_act, require_rank

REMOVED: Final = "removed"
LEFT_BEHIND: Final = "Left with the workspace by somebody who is in it no more."


def find(house: House, caller: Caller, *, before: str | None, limit: int) -> tuple[Standing, ...]:
    """The members of the caller's workspace, newest first."""
    with house.begin() as work:
        return people.list_standings(
            work.connection,
            day=day_of(work.now),
            workspace_id=caller.workspace_id,
            text_in_email=None,
            before=before,
            limit=limit,
            with_removed=False,
        )


def change(
    house: House,
    actor: Caller,
    user_id: str,
    changes: Mapping[str, Any],
    *,
    request_id: str | None = None,
) -> Standing:
    """Set a member's `role` or `pool_cap` (None: the workspace's); a workspace keeps an owner."""
    with house.begin() as work:
        workspaces.lock_workspace(work.connection, actor.workspace_id)
        before = _present(work, actor, user_id)
        require_may_act(actor, before)
        role = changes.get("role")
        if role is not None:
            require_rank(actor, role=role)
            if role is not Role.OWNER:
                require_another_owner(work, before)
        people.change_user(work.connection, user_id, changes)
        was = {"role": before.role, "pool_cap": before.purse.own_cap}
        audit(
            work,
            "member.changed",
            subject_id=user_id,
            actor_id=actor.user_id,
            workspace_id=before.workspace_id,
            before={name: was[name] for name in changes},
            after=dict(changes),
            request_id=request_id,
        )
        return _present(work, actor, user_id)


def remove(house: House, actor: Caller, user_id: str, *, request_id: str | None = None) -> None:
    """End somebody's access at once; what they made, and the credits they have left, stay here."""
    with house.begin() as work:
        workspaces.lock_workspace(work.connection, actor.workspace_id)
        before = _present(work, actor, user_id)
        require_may_act(actor, before)
        require_another_owner(work, before)
        ended = {"disabled_at": before.disabled_at or work.now, "removed_at": work.now, "pool_cap": None}
        people.change_user(work.connection, user_id, ended)
        shut_out(work, before, request_id=request_id)
        invitations.revoke_all_of(work.connection, user_id, now=work.now)
        leave_credits(work, before, actor_id=actor.user_id)
        owned = Owned(before.workspace_id, user_id)
        record_event(work, "member.removed", subject_id=user_id, owned=owned)
        audit(
            work,
            "member.removed",
            subject_id=user_id,
            actor_id=actor.user_id,
            workspace_id=before.workspace_id,
            before={"role": before.role},
            request_id=request_id,
        )


def shut_out(work: UnitOfWork, person: Standing, *, request_id: str | None) -> None:
    """Sessions, API keys and links of a person open nothing any more."""
    close_all(work, user_id=person.id, workspace_id=person.workspace_id, by=REMOVED, request_id=request_id)
    api_keys.revoke_keys(work.connection, person.id, now=work.now)
    passwords.spend_links(work.connection, person.id, now=work.now)


def leave_credits(work: UnitOfWork, person: Standing, *, actor_id: str, for_good: bool = False) -> int:
    """What lasts of what they have goes to the pool; what expires does so where it is. Returns what went.

    `for_good`: the account goes elsewhere or ends, and keeps nothing that this workspace granted.
    """
    pool = pools.pool_of(work.connection, person.workspace_id, now=work.now)
    money.lock_accounts(work.connection, person.account_id, pool)
    available = money.balance(work.connection, person.account_id).available
    lasting = expiring.lasting(work, person.account_id, available=available)
    if lasting:
        taken, given = (new_id(Prefix.LEDGER_ENTRY, at=work.now) for _ in range(2))
        _adjust(work, person.account_id, -lasting, actor_id=actor_id, entry_id=taken, counterpart_id=given)
        _adjust(work, pool, lasting, actor_id=actor_id, entry_id=given, counterpart_id=taken)
    if for_good and available > lasting:
        _adjust(work, person.account_id, lasting - available, actor_id=actor_id)
    return available if for_good else lasting


def _adjust(work: UnitOfWork, account_id: str, amount: int, **more: str) -> None:
    movement, about = ledger.adjust(amount), {"reason": LEFT_BEHIND, **more}
    posted = money.post(work.connection, movement, account_id=account_id, now=work.now, **about)
    assert posted is not None, "both accounts are locked, and this one has enough"


def _present(work: UnitOfWork, actor: Caller, user_id: str) -> Standing:
    """A member of the actor's own workspace, operators included: theirs is the one they are in."""
    found = member(work, actor, user_id)
    if found.workspace_id != actor.workspace_id or found.removed_at is not None:
        raise NotFoundError("member")
    return found
