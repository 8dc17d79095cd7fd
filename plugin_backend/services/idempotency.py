"""The same key asked twice is one request: its row lives in the transaction of the work it guards.

    kept = idempotency.begin(work, asked)      # first: a duplicate waits here for the first one's commit
    if kept is not None:
        return ...                             # re-read what `kept` names and answer as before
    ...                                        # do the work
    idempotency.keep(work, asked, {"id": ...})

A refusal raises, the transaction rolls back and takes the row along: only successes are kept.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from psycopg.errors import LockNotAvailable
from sqlalchemy import Row, delete, select, update
from sqlalchemy.exc import OperationalError

from plugin_backend.db.driver import fetch_one
from plugin_backend.db.tables import idempotency_keys
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import IdempotencyInProgressError, IdempotencyKeyReusedError

KEPT_FOR: Final = timedelta(days=7)

_KEYS = idempotency_keys.c
_CLAIM: Final = """
    INSERT INTO idempotency_keys AS kept (owner_id, route, key, fingerprint, result, created_at)
    VALUES (%(owner_id)s, %(route)s, %(key)s, %(fingerprint)s, CAST(%(result)s AS jsonb), %(now)s)
    ON CONFLICT (owner_id, route, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, result = excluded.result, created_at = excluded.created_at
        WHERE kept.created_at < %(old)s
    RETURNING key
    """


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
    if idempotency is None or _claimed(work, idempotency, result):
        return None
    first = _first(work, idempotency)
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


def _claimed(work: UnitOfWork, idempotency: Idempotency, result: Mapping[str, Any] | None) -> bool:
    """Insert the row, or take over one past its week; waits while another transaction holds the key."""
    values = {
        "owner_id": idempotency.owner_id,
        "route": idempotency.route,
        "key": idempotency.key,
        "fingerprint": idempotency.fingerprint,
        "result": None if result is None else json.dumps(result),
        "now": work.now,
        "old": work.now - KEPT_FOR,
    }
    try:
        return fetch_one(work.connection, _CLAIM, values) is not None
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):  # the first request is still at it: let the caller retry
            raise IdempotencyInProgressError from error
        raise


def _first(work: UnitOfWork, idempotency: Idempotency) -> Row[Any, Any]:
    """What the winner wrote; a new statement, so it sees what was committed while we waited."""
    return work.connection.execute(select(_KEYS.fingerprint, _KEYS.result).where(*_same(idempotency))).one()


def _same(idempotency: Idempotency) -> tuple[Any, ...]:
    return (
        _KEYS.owner_id == idempotency.owner_id,
        _KEYS.route == idempotency.route,
        _KEYS.key == idempotency.key,
    )
