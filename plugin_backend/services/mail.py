"""Letters: kept sealed in the transaction that causes them, sent by a step, tried again for two days.

    with house.begin() as work:
        ...
        mail.enqueue(house, work, letters.write(to=..., subject=..., paragraphs=[...]), about="invitation")

A letter may arrive twice, where a worker died between sending it and saying so: with the same Message-ID.
"""

import json
from dataclasses import dataclass, field

from plugin_backend.db import mails
from plugin_backend.db.journal import Owned, whose
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.errors import ConflictError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.letters import Letter
from plugin_backend.domain.people.mailing import TOPIC, MailState, next_try
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import sealing, stepping
from plugin_backend.services.house import House

_PURPOSE = "letter"
_LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterInHand:
    """A claimed letter."""

    mail_id: str
    letter: Letter = field(repr=False)


def require(house: House) -> None:
    """ConflictError where no mail is set up: what needs a letter cannot be had here."""
    if not house.sends_mail:
        raise ConflictError("No mail is sent from here; ask whoever runs this service (SMTP_URL).")


def enqueue(house: House, work: UnitOfWork, letter: Letter, *, about: str, owned: Owned | None = None) -> str:
    """Send a letter once this transaction is durable; returns its id. ConflictError where there is no mail.

    `about` is a word for the operator, such as `invitation`; `owned` is whose it is, where we know them.
    """
    require(house)
    mail_id = new_id(Prefix.MAIL, at=work.now)
    sealed = sealing.seal(house, _PURPOSE, json.dumps(letter.to_json()))
    values = {"id": mail_id, "about": about, "letter": sealed, "created_at": work.now, **whose(owned)}
    mails.insert_mail(work.connection, values)
    stepping.make_due(work, Due(mail_id, Lane.PROVIDER_DRAFT, owned, topic=TOPIC))
    return mail_id


def look(house: House, claim: Claim) -> LetterInHand | None:
    """What is to be sent; None once it was, or where it cannot be read any more: then its work is over."""
    with house.begin() as work:
        row = mails.find_waiting(work.connection, claim.subject_id)
        if row is None:
            stepping.done(work, claim)
            return None
    try:
        kept = json.loads(sealing.unseal(house, _PURPOSE, row.letter))
    except sealing.UnreadableError:
        given_up(house, claim, note="It was sealed under another TOKEN_PEPPER.")
        return None
    return LetterInHand(mail_id=row.id, letter=Letter.from_json(kept))


def sent(house: House, claim: Claim) -> None:
    """It was taken by the server."""
    _end(house, claim, MailState.SENT, note=None)


def given_up(house: House, claim: Claim, *, note: str) -> None:
    """It is not sent; the note says why, and nothing of the letter."""
    _end(house, claim, MailState.GIVEN_UP, note=note[:_LONGEST_NOTE])


def later(house: House, claim: Claim, *, note: str) -> None:
    """It did not work this time: again after a while, or given up after the last."""
    pause = next_try(claim.tries)
    if pause is None:
        given_up(house, claim, note=note)
        return
    with house.begin() as work:
        mails.note_try(work.connection, claim.subject_id, note[:_LONGEST_NOTE])
        stepping.again(work, claim, after=pause, tries=claim.tries)


def _end(house: House, claim: Claim, state: MailState, *, note: str | None) -> None:
    with house.begin() as work:
        mails.end_mail(work.connection, claim.subject_id, state, note=note, now=work.now)
        stepping.done(work, claim)
