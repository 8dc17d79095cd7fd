"""The same key asked twice is one request: its row lives in the transaction of the work it guards.

    kept = idempotency.begin(work, asked)      # first: a duplicate waits here for the first one's commit
    if kept is not None:
        return ...                             # re-read what `kept` names and answer as before
    ...                                        # do the work
    idempotency.keep(work, asked, {"id": ...})

A refusal raises, the transaction rolls back and takes the row along: only successes are kept.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from plugin_backend.db.keys import KeyClaim, claim_key
from plugin_backend.db.tables import idempotency_keys
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import IdempotencyInProgressError, IdempotencyKeyReusedError

KEPT_FOR: Final = timedelta(days=7)

_KEYS = idempotency_keys.c


@dataclass(slots=True)
class Idempotency:
    """Whose request this is, by which name they call it, and what it says.

    Not frozen: `begin` notes on it that the answer is an earlier one, so that the door can say so.
    """

    owner_id: str
    route: str
    key: str
    fingerprint: str
    replayed: bool = False


def begin(
    work: UnitOfWork, idempotency: Idempotency | None, *, result: Mapping[str, Any] | None = None
) -> Mapping[str, Any] | None:
    """Claim the key, or return what the first request with it made; without a key, nothing to do.

    Where the ids are known before the work starts, give them as `result` and leave out `keep`.
    """
    if idempotency is None:
        return None
    claim = claim_of(work, idempotency, result=result)
    with claiming(claim):
        if claim_key(work.connection, claim):
            return None
    return remembered(work, idempotency)


def claim_of(work: UnitOfWork, idempotency: Idempotency, *, result: Mapping[str, Any] | None) -> KeyClaim:
    """The key as a statement claims it."""
    return KeyClaim(
        owner_id=idempotency.owner_id,
        route=idempotency.route,
        key=idempotency.key,
        fingerprint=idempotency.fingerprint,
        result=result,
        now=work.now,
        old=work.now - KEPT_FOR,
    )


@contextmanager
def claiming(claim: KeyClaim | None) -> Iterator[None]:
    """Around the statement that claims a key: waiting too long for the first request means to ask again."""
    try:
        yield
    except OperationalError as error:
        if claim is not None and _waited_for_a_key(error.orig):
            raise IdempotencyInProgressError from error
        raise


def _waited_for_a_key(error: BaseException | None) -> bool:
    """Whether a lock on a key was waited for in vain: the statement has others to wait for."""
    if not isinstance(error, LockNotAvailable):
        return False
    return idempotency_keys.name in (error.diag.context or "")


def remembered(work: UnitOfWork, idempotency: Idempotency | None) -> Mapping[str, Any] | None:
    """What the first request with this key made, as committed by now; None where there was none."""
    if idempotency is None:
        return None
    asked = select(_KEYS.fingerprint, _KEYS.result).where(*_same(idempotency))
    first = work.connection.execute(asked).one_or_none()
    if first is None:
        return None
    if first.fingerprint != idempotency.fingerprint:
        raise IdempotencyKeyReusedError
    if first.result is None:
        raise IdempotencyInProgressError
    idempotency.replayed = True
    kept: Mapping[str, Any] = first.result
    return kept


def keep(work: UnitOfWork, idempotency: Idempotency | None, result: Mapping[str, Any]) -> None:
    """Remember what the request made: `{"id": ...}` or `{"ids": [...]}`, never the answer itself."""
    if idempotency is not None:
        statement = update(idempotency_keys).where(*_same(idempotency))
        work.connection.execute(statement.values(result=dict(result)))


def forget_old(work: UnitOfWork) -> int:
    """Remove keys past their week; returns how many."""
    old = delete(idempotency_keys).where(_KEYS.created_at < work.now - KEPT_FOR)
    return work.connection.execute(old).rowcount


def _same(idempotency: Idempotency) -> tuple[Any, ...]:
    return (
        _KEYS.owner_id == idempotency.owner_id,
        _KEYS.route == idempotency.route,
        _KEYS.key == idempotency.key,
    )
