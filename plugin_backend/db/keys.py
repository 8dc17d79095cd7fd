"""Idempotency keys: one statement claims one, alone or as the first part of a larger statement."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from plugin_backend.db.driver import fetch_one

CLAIM: Final = """
    INSERT INTO idempotency_keys AS kept (owner_id, route, key, fingerprint, result, created_at)
    SELECT %(owner_id)s, %(route)s, CAST(%(key)s AS text), %(fingerprint)s, CAST(%(result)s AS jsonb), %(now)s
    WHERE CAST(%(key)s AS text) IS NOT NULL
    ON CONFLICT (owner_id, route, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, result = excluded.result, created_at = excluded.created_at
        WHERE kept.created_at < %(old)s
    RETURNING key
    """
"""Gives no row where somebody holds the key; waits while another transaction is at it."""


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A key to be claimed, and what it is to stand for."""

    owner_id: str
    route: str
    key: str
    fingerprint: str
    result: Mapping[str, Any] | None
    now: datetime
    old: datetime
    """A key from before that moment may be taken over."""


def values_of(claim: KeyClaim | None) -> dict[str, Any]:
    """What `CLAIM` is told, but for the owner; nothing is claimed where there is no key."""
    if claim is None:
        return dict.fromkeys(("route", "key", "fingerprint", "result", "now", "old"))
    return {
        "route": claim.route,
        "key": claim.key,
        "fingerprint": claim.fingerprint,
        "result": None if claim.result is None else json.dumps(claim.result),
        "now": claim.now,
        "old": claim.old,
    }


def claim_key(connection: Connection, claim: KeyClaim) -> bool:
    """Take the key, or one past its time; False where somebody holds it."""
    values = {"owner_id": claim.owner_id, **values_of(claim)}
    return fetch_one(connection, CLAIM, values) is not None
