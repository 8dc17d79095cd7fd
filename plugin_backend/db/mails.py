"""Reading and changing letters on their way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from plugin_backend.db.rows import columns_of, read_row
from plugin_backend.db.tables import mails
from plugin_backend.domain.people.mailing import MailState


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """A letter as it waits; `letter` is sealed."""

    id: str
    about: str
    letter: str = field(repr=False)
    created_at: datetime


def insert_mail(connection: Connection, values: Mapping[str, Any]) -> None:
    """A new letter, waiting."""
    connection.execute(insert(mails).values(**values))


def find_waiting(connection: Connection, mail_id: str) -> MailRow | None:
    """A letter that was not sent yet."""
    waiting = (mails.c.id == mail_id, mails.c.state == MailState.WAITING)
    found = select(*columns_of(mails, MailRow)).where(*waiting)
    row = connection.execute(found).one_or_none()
    return None if row is None else read_row(MailRow, row)


def end_mail(
    connection: Connection, mail_id: str, state: MailState, *, note: str | None, now: datetime
) -> None:
    """It is sent or given up: its words and its address go."""
    waiting = (mails.c.id == mail_id, mails.c.state == MailState.WAITING)
    values = {"state": state, "letter": None, "note": note, "ended_at": now}
    connection.execute(update(mails).where(*waiting).values(values))


def note_try(connection: Connection, mail_id: str, note: str) -> None:
    """What came of the last try."""
    connection.execute(update(mails).where(mails.c.id == mail_id).values(note=note))


def forget_mails(connection: Connection, *, before: datetime) -> None:
    """Remove what is left of letters that ended long ago."""
    connection.execute(delete(mails).where(mails.c.ended_at < before))
