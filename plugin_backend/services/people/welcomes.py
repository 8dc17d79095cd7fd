"""Who was welcomed here: one person to a mailbox and to an issuer's subject, each welcomed once.

Only hashes under the pepper are kept, so that deleting oneself and joining again is no second welcome.
"""

import hmac
from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db import passwords, plan_grants
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.tables import welcomes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import ConflictError
from plugin_backend.domain.people.addresses import mailbox_of
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.money.plan_grants import period_of


def holder_of(house: House, work: UnitOfWork, email: str) -> CredentialRow | None:
    """Who is here with this address, or with another spelling of its mailbox; one statement for all."""
    mailbox = mailbox_of(email)
    identity_hash = _hash(house, _named(mailbox))
    return passwords.find_by_mailbox(work.connection, email, mailbox=mailbox, identity_hash=identity_hash)


def note(
    house: House, work: UnitOfWork, user_id: str, *, email: str, subject: tuple[str, str] | None = None
) -> bool:
    """Note whom we welcome; False where they were here before, and go on with what they had of this month.

    ConflictError where whoever was welcomed for the mailbox or the subject is still here.
    """
    names = [_named(mailbox_of(email)), *([] if subject is None else ["subject:" + "\n".join(subject)])]
    before = _noted(work, [_hash(house, each) for each in names], user_id)
    if passwords.are_here(work.connection, before):
        raise ConflictError("This mailbox has an account already, with another spelling of the address.")
    plan_grants.go_on(
        work.connection,
        user_id,
        before=before,
        period=period_of(work.now),
        day=day_of(work.now),
        now=work.now,
    )
    return not before


def _noted(work: UnitOfWork, hashes: Collection[str], user_id: str) -> frozenset[str]:
    """Whom the hashes named until now; held until the transaction ends, so two do not come in at once."""
    rows = [{"identity_hash": each, "user_id": user_id, "created_at": work.now} for each in sorted(hashes)]
    columns = welcomes.c
    noted = insert(welcomes).values(rows)
    held = noted.on_conflict_do_update(
        index_elements=[columns.identity_hash], set_={"user_id": columns.user_id}
    )
    before = frozenset(work.connection.scalars(held.returning(columns.user_id))) - {user_id}
    if before:
        mine = columns.identity_hash.in_(hashes)
        work.connection.execute(welcomes.update().where(mine).values(user_id=user_id))
    return before


def _named(mailbox: str) -> str:
    return f"mailbox:{mailbox}"


def _hash(house: House, name: str) -> str:
    return hmac.digest(house.token_pepper.encode(), f"welcome:{name}".encode(), "sha256").hex()
