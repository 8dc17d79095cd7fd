"""What the clock does now and then: forgets, grants, finds what was lost, adds up usage, checks the books."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import delete

from plugin_backend.db import (
    device_grants,
    ledger_checks,
    mailed_links,
    mails,
    passwords,
    sessions,
    webhook_messages,
)
from plugin_backend.db import work as work_rows
from plugin_backend.db.tables import assets
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.domain.webhooks.webhooks import KEPT as MESSAGES_KEPT
from plugin_backend.services import idempotency, reconciliation, usage
from plugin_backend.services.assets import remove_upload
from plugin_backend.services.house import House
from plugin_backend.services.keeping import retention, storage_walk
from plugin_backend.services.money import expiring, plan_grants

_UPLOADS_KEPT: Final = timedelta(days=1)
_CODES_KEPT: Final = timedelta(hours=1)
_SESSIONS_KEPT: Final = timedelta(days=30)
_WALK_SECONDS: Final = 1.0  # the same process calls the workers every second
_ACCOUNTS_AT_ONCE: Final = 500
_MESSAGES_AT_ONCE: Final = 10_000

_log = structlog.get_logger()


def tidy(house: House) -> None:
    """One round of housekeeping; each part may be done again at any time."""
    with house.begin() as work:
        idempotency.forget_old(work)
        stale = work.connection.execute(
            delete(assets)
            .where(assets.c.state == AssetState.UPLOADING, assets.c.created_at < work.now - _UPLOADS_KEPT)
            .returning(assets.c.id)
        ).all()
        work_rows.drop(work.connection, [row.id for row in stale])
        device_grants.forget_grants(work.connection, before=work.now - _CODES_KEPT)
        passwords.forget_links(work.connection, before=work.now - _SESSIONS_KEPT)
        mailed_links.forget_links(work.connection, before=work.now - _CODES_KEPT)
        mails.forget_mails(work.connection, before=work.now - _SESSIONS_KEPT)
        sessions.forget_sessions(
            work.connection, expired_before=work.now - _CODES_KEPT, ended_before=work.now - _SESSIONS_KEPT
        )
    with house.begin() as work:
        webhook_messages.forget(work.connection, before=work.now - MESSAGES_KEPT, limit=_MESSAGES_AT_ONCE)
    for row in stale:
        remove_upload(house, row.id)
    plan_grants.grant_all(house)
    expiring.expire(house)
    reconciliation.sweep(house)
    retention.go_on_a_while(house)
    storage_walk.go_on_for(house, seconds=_WALK_SECONDS)
    usage.fold(house)
    unbalanced = unbalanced_accounts(house)
    if unbalanced:
        _log.error("ledger.unbalanced", accounts=unbalanced)


def unbalanced_accounts(house: House) -> list[str]:
    """Accounts whose balance is not the sum of their entries: there must never be one."""
    found: list[str] = []
    after = ""
    while True:
        with house.begin() as work:
            checked = ledger_checks.check(work.connection, after=after, most=_ACCOUNTS_AT_ONCE)
        found += checked.unbalanced
        if checked.last is None:
            return found
        after = checked.last
