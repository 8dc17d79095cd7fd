"""The sign-up credit: once for a mailbox and for an issuer's subject, whoever they are here by now."""

import hmac
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from plugin_backend.db.tables import welcomes
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.addresses import mailbox_of
from plugin_backend.services.house import House


def is_first(
    house: House, work: UnitOfWork, user_id: str, *, email: str, subject: tuple[str, str] | None = None
) -> bool:
    """Note whom we welcome; False where the mailbox or the subject had its welcome before.

    Only hashes under the pepper are kept, so that deleting somebody and joining again is no second welcome.
    """
    names = [f"mailbox:{mailbox_of(email)}", *([] if subject is None else ["subject:" + "\n".join(subject)])]
    fresh = _note(work, [_hash(house, each) for each in names], user_id)
    return fresh == len(names)


def _note(work: UnitOfWork, hashes: Sequence[str], user_id: str) -> int:
    rows = [{"identity_hash": each, "user_id": user_id, "created_at": work.now} for each in sorted(hashes)]
    statement = insert(welcomes).on_conflict_do_nothing().returning(welcomes.c.identity_hash)
    return len(work.connection.execute(statement, rows).all())


def _hash(house: House, name: str) -> str:
    return hmac.digest(house.token_pepper.encode(), f"welcome:{name}".encode(), "sha256").hex()
