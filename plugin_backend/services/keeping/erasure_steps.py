"""The steps of forgetting a person. Each is a few statements and a fence: killed anywhere, it is done again.

cancel -> wait -> remove -> scrub -> settle -> recall -> check -> done. What is under way is stopped and
waited for (a provider may still bill it), media goes as any deleted media does, words are emptied table by
table, credits that are left go to the workspace's pool or, with its last person, out of the books, providers
are asked to delete what they have, and storage is listed until nothing of theirs is in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from plugin_backend.db import erasures, money, people
from plugin_backend.db import work as work_rows
from plugin_backend.db.assets import find_asset
from plugin_backend.db.erasures import ErasureRow, find_erasure
from plugin_backend.db.generations import find_generation
from plugin_backend.db.journal import audit, record_event
from plugin_backend.db.scrub_rules import RULES
from plugin_backend.db.scrubbing import Whose, scrub
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain import ledger
from plugin_backend.domain.keeping import ErasureStep
from plugin_backend.domain.quota import day_of
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import deliveries, endings, stepping
from plugin_backend.services.house import House
from plugin_backend.services.keeping import asset_removal, exports, removing
from plugin_backend.services.keeping.recalling import Forget, recall
from plugin_backend.services.people import members

_AT_ONCE: Final = 20
_PREFIXES_AT_ONCE: Final = 50
_LOOK_AGAIN: Final = timedelta(seconds=10)
_STRAYS: Final = timedelta(minutes=10)  # strays are looked after for an hour
_BROKEN: Final = timedelta(minutes=10)
_SOON: Final = timedelta(0)

CLOSED: Final = "The account was closed."


def advance(house: House, claim: Claim, *, forget: Forget) -> None:
    """Take a claimed erasure one step on; `forget` asks a provider to delete."""
    with house.begin() as work:
        row = find_erasure(work.connection, claim.subject_id)
        if row is None or row.step is ErasureStep.DONE:
            stepping.done(work, claim)
            return
    if row.step is ErasureStep.RECALL:
        recall(house, claim, row, forget=forget)
        return
    if row.step is ErasureStep.CHECK:
        _check(house, claim, row)
        return
    with house.begin() as work:
        work_rows.fence(work.connection, claim, now=work.now)
        reached, after = _STEPS[row.step](work, row)
        erasures.come_to(work.connection, reached)
        house.failpoint(f"erasure:{row.step}")
        stepping.again(work, claim, after=after)
    house.failpoint(f"erasure:{row.step}:written")


def later(house: House, claim: Claim) -> None:
    """A step broke for good: it is tried on, however long it takes."""
    with house.begin() as work:
        stepping.again(work, claim, after=_BROKEN)


def _cancel(work: UnitOfWork, row: ErasureRow) -> tuple[ErasureRow, timedelta]:
    """What runs is told to stop; whoever waits for it sees to the rest."""
    work_rows.drop(work.connection, erasures.stop_storyboards(work.connection, row.owner_id))
    running = erasures.unfinished_generations(work.connection, row.owner_id, limit=_AT_ONCE)
    for generation_id in running:
        endings.stop(work, generation_id)
    making = erasures.unfinished_deliveries(work.connection, row.owner_id, limit=_AT_ONCE)
    for delivery_id in making:
        deliveries.stop(work, delivery_id)
    stopped = row.counted(cancelled=len(running) + len(making))
    return (stopped, _SOON) if running or making else (stopped.at_next(), _SOON)


def _wait(work: UnitOfWork, row: ErasureRow) -> tuple[ErasureRow, timedelta]:
    """Until nothing of theirs is being made; what began meanwhile is stopped, too."""
    if erasures.is_busy(work.connection, row.owner_id):
        return replace(row, step=ErasureStep.CANCEL), _LOOK_AGAIN
    return row.at_next(), _SOON


def _remove(work: UnitOfWork, row: ErasureRow) -> tuple[ErasureRow, timedelta]:
    """Tombstones for media, a few at a time; a colleague's work that is being made of it is waited for."""
    kept = erasures.kept_generations(work.connection, row.owner_id, limit=_AT_ONCE)
    buried = sum(_bury(work, generation_id) for generation_id in kept)
    owned = erasures.kept_assets(work.connection, row.owner_id, limit=_AT_ONCE)
    removed = sum(_bury_asset(work, asset_id) for asset_id in owned)
    packed = erasures.kept_exports(work.connection, row.owner_id)
    for export_id in packed:
        exports.end(work, export_id, owned=row.owned)
    counted = row.counted(generations=buried, assets=removed)
    if kept or owned or packed:
        return counted, _SOON if buried or removed else _LOOK_AGAIN
    return counted.counted(exports=erasures.count_exports(work.connection, row.owner_id)).at_next(), _SOON


def _bury(work: UnitOfWork, generation_id: str) -> bool:
    row = find_generation(work.connection, generation_id, lock=True)
    assert row is not None, "rows of generations stay"
    if row.finished_at is None or removing.has_unfinished_dependant(work, row):
        return False
    removing.bury(work, row)
    return True


def _bury_asset(work: UnitOfWork, asset_id: str) -> bool:
    row = find_asset(work.connection, asset_id, lock=True)
    return row is not None and asset_removal.bury(work, row)


def _scrub(work: UnitOfWork, row: ErasureRow) -> tuple[ErasureRow, timedelta]:
    """The next rows of the next table."""
    names = [rule.name for rule in RULES]
    name, _, after = row.place.partition(":")
    place = names.index(name) if name in names else 0
    changed, last = scrub(work.connection, RULES[place], _whose(work, row), after=after)
    counted = row.counted(rows=changed)
    if last is not None:
        return replace(counted, place=f"{names[place]}:{last}"), _SOON
    if place + 1 < len(names):
        return replace(counted, place=f"{names[place + 1]}:"), _SOON
    return counted.at_next(), _SOON


def _settle(work: UnitOfWork, row: ErasureRow) -> tuple[ErasureRow, timedelta]:
    """What is left of their credits stays with their workspace, or ends with it; nothing is held any more."""
    if erasures.is_alone(work.connection, row):
        owners = (("user", row.owner_id), ("workspace", row.workspace_id))
        taken = sum(_empty(work, row, kind, owner_id) for kind, owner_id in owners)
    else:
        person = people.find_standing(work.connection, row.owner_id, day=day_of(work.now))
        assert person is not None, "rows of people stay"
        taken = members.leave_credits(work, person, actor_id=row.asked_by, for_good=True)
    return row.counted(credits=taken).at_next(), _SOON


def _empty(work: UnitOfWork, row: ErasureRow, owner_kind: str, owner_id: str) -> int:
    account_id = money.find_account(work.connection, owner_id, owner_kind=owner_kind)
    left = 0 if account_id is None else money.balance(work.connection, account_id).available
    if account_id is None or left == 0:
        return 0
    entry = money.post(
        work.connection,
        ledger.adjust(-left),
        account_id=account_id,
        now=work.now,
        actor_id=row.asked_by,
        reason=CLOSED,
    )
    if entry is None:
        raise LeaseLostError(row.id)  # somebody moved the balance: read it again
    return left


def _check(house: House, claim: Claim, row: ErasureRow) -> None:
    """Once nothing of theirs has a step any more, storage is listed until nothing of theirs lies there."""
    with house.begin() as work:
        work_rows.fence(work.connection, claim, now=work.now)
        if erasures.is_followed(work.connection, row):
            stepping.again(work, claim, after=_STRAYS)
            return
        prefixes = erasures.next_prefixes(
            work.connection, row.owner_id, after=row.place, limit=_PREFIXES_AT_ONCE
        )
    files = sum(_emptied(house, prefix) for prefix in prefixes)
    house.failpoint("erasure:check")
    counted = row.counted(files=files)
    with house.begin() as work:
        if prefixes:
            erasures.come_to(work.connection, replace(counted, place=prefixes[-1]))
            stepping.again(work, claim, after=_SOON)
        else:
            _finish(work, counted)
            stepping.done(work, claim)
    house.failpoint("erasure:check:written")


def _emptied(house: House, prefix: str) -> int:
    """How many files were still there; a listing may be behind, so it is asked until it is empty."""
    removed = 0
    while found := house.storage.delete_prefix(prefix):
        removed += found
    return removed


def _finish(work: UnitOfWork, row: ErasureRow) -> None:
    whose = _whose(work, row)
    for rule in RULES:  # what an administrator or a request that was being answered wrote since
        if not rule.values:
            scrub(work.connection, rule, whose, after="")
    forgotten = {"step": ErasureStep.DONE, "place": "", "done": dict(row.done), "finished_at": work.now}
    erasures.change_erasure(work.connection, row, **forgotten)
    record_event(work, "user.erased", subject_id=row.owner_id, owned=row.owned)
    audit(
        work,
        "user.erased",
        subject_id=row.owner_id,
        actor_id=row.asked_by,
        workspace_id=row.workspace_id,
        after={"erasure_id": row.id, **row.done},
    )


def _whose(work: UnitOfWork, row: ErasureRow) -> Whose:
    return Whose(
        owner_id=row.owner_id,
        email=people.email_of(work.connection, row.owner_id),
        workspace_id=row.workspace_id,
        is_alone=erasures.is_alone(work.connection, row),
    )


_STEPS: Final[Mapping[ErasureStep, Callable[[UnitOfWork, ErasureRow], tuple[ErasureRow, timedelta]]]] = {
    ErasureStep.CANCEL: _cancel,
    ErasureStep.WAIT: _wait,
    ErasureStep.REMOVE: _remove,
    ErasureStep.SCRUB: _scrub,
    ErasureStep.SETTLE: _settle,
}
