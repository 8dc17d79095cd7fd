"""Passwords: argon2id, a few at a time, and as slow for an address that nobody has as for another."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from plugin_backend.db import passwords
from plugin_backend.db.journal import audit
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import SYSTEM
from plugin_backend.domain.errors import (
    FieldProblem,
    GoneError,
    NotFoundError,
    RateLimitedError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.domain.people.passwords import MOST, as_hashed, problem_with
from plugin_backend.services.house import House
from plugin_backend.services.people.sessions import PASSWORD_CHANGED, close_all

LINK_LIVES: Final = timedelta(hours=24)

# 19 MiB, two passes: what OWASP gives for argon2id where memory is dear.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""However many sign in, a process spends 38 MiB and two threads on it."""

_IN_LINE: Final = threading.BoundedSemaphore(6)
"""Those two and who waits for them; more would keep the threads from everybody else."""

_AGAIN_SECONDS: Final = 2


def check(house: House, email: str, password: str) -> CredentialRow | None:
    """The person with this address and password; None says nothing about which of the two was wrong."""
    with house.begin() as work:
        found = passwords.find_by_email(work.connection, email)
    known = found.hash if found is not None and not found.is_disabled else None
    if not matches(password, known or _nobodys()) or known is None:
        return None
    assert found is not None, "a hash was read from a row"
    if _HASHER.check_needs_rehash(known):
        with house.begin() as work:
            passwords.rehash(work.connection, found.user_id, _hashed(password), instead_of=known)
    return found


def has_one(house: House, user_id: str) -> bool:
    """Whether a person has a password here; who signs in elsewhere may have none."""
    with house.begin() as work:
        return _person(work, user_id).hash is not None


def change(
    house: House, user_id: str, password: str, *, session_id: str | None, request_id: str | None = None
) -> None:
    """Set a person's password and end their sessions, but for the one that asks."""
    with house.begin() as work:
        person = _person(work, user_id)
    made = hashed(password, email=person.email)
    with house.begin() as work:
        _put(work, person, made, actor_id=user_id, session_id=session_id, request_id=request_id)


def set_by_operator(house: House, email: str, password: str) -> None:
    """The same from the command line, for the person with an address."""
    with house.begin() as work:
        person = _person_with(work, email)
    made = hashed(password, email=person.email)
    with house.begin() as work:
        _put(work, person, made, actor_id=SYSTEM)


def invite(house: House, email: str) -> str:
    """The token of a link that sets a password once, within a day; earlier ones open nothing any more."""
    with house.begin() as work:
        person = _person_with(work, email)
        token = OpaqueToken.fresh(new_id(Prefix.SIGN_IN_LINK, at=work.now))
        values = {
            "id": token.row_id,
            "workspace_id": person.workspace_id,
            "owner_id": person.user_id,
            "secret_hash": token.digest(house.token_pepper),
            "created_at": work.now,
            "expires_at": work.now + LINK_LIVES,
        }
        passwords.insert_link(work.connection, values)
        audit(
            work,
            "user.invited",
            subject_id=person.user_id,
            actor_id=SYSTEM,
            workspace_id=person.workspace_id,
        )
    return token.spelt()


def invited(house: House, text: str) -> CredentialRow:
    """Whom a link is for; GoneError once it was used or its day is over."""
    with house.begin() as work:
        return _invited(house, work, text)


def accept(house: House, text: str, password: str) -> CredentialRow:
    """Set the password of the person a link is for, once; every session they had ends."""
    made = hashed(password, email=invited(house, text).email)
    with house.begin() as work:
        person = _invited(house, work, text)
        put(work, person, made)
    return person


def _invited(house: House, work: UnitOfWork, text: str) -> CredentialRow:
    shown = OpaqueToken.parse(text, TokenKind.LINK)
    link = None if shown is None else passwords.claim_link(work.connection, shown.row_id)
    if shown is None or link is None or not shown.matches(link.secret_hash, pepper=house.token_pepper):
        raise GoneError("It is not whole, or not one of ours. Ask for a new one.")
    person = _person(work, link.owner_id)
    if link.used_at is not None or work.now >= link.expires_at or person.is_disabled:
        raise GoneError("It was used already, or its day is over. Ask for a new one.")
    return person


def _put(
    work: UnitOfWork,
    person: CredentialRow,
    hashed: str,
    *,
    actor_id: str,
    session_id: str | None = None,
    request_id: str | None = None,
) -> None:
    passwords.put_password(work.connection, person.user_id, hashed, now=work.now)
    audit(
        work,
        "password.changed",
        subject_id=person.user_id,
        actor_id=actor_id,
        workspace_id=person.workspace_id,
        request_id=request_id,
    )
    close_all(
        work,
        user_id=person.user_id,
        workspace_id=person.workspace_id,
        by=PASSWORD_CHANGED,
        but=session_id,
        request_id=request_id,
    )


def hashed(password: str, *, email: str) -> str:
    """The hash of a password for whoever has this address; ValidationFailedError when it will not do."""
    problem = problem_with(password, email=email)
    if problem is not None:
        raise ValidationFailedError([FieldProblem("/password", problem)])
    return _hashed(password)


def matches(password: str, hashed: str) -> bool:
    """Whether it is the password of a hash."""
    if len(password) > MOST * 4:
        return False
    with _turn():
        try:
            return _HASHER.verify(hashed, as_hashed(password))
        except (VerificationError, InvalidHashError):
            return False


def put(work: UnitOfWork, person: CredentialRow, hashed: str, *, request_id: str | None = None) -> None:
    """Give somebody a password within a larger transaction; every session they had ends."""
    passwords.spend_links(work.connection, person.user_id, now=work.now)
    _put(work, person, hashed, actor_id=person.user_id, request_id=request_id)


def _person(work: UnitOfWork, user_id: str) -> CredentialRow:
    found = passwords.find_by_id(work.connection, user_id)
    if found is None:
        raise NotFoundError("user")
    return found


def _person_with(work: UnitOfWork, email: str) -> CredentialRow:
    found = passwords.find_by_email(work.connection, email)
    if found is None:
        raise NotFoundError("user")
    return found


@contextmanager
def _turn() -> Iterator[None]:
    """One's turn at hashing; RateLimitedError where too many stand in line."""
    if not _IN_LINE.acquire(blocking=False):
        raise RateLimitedError(_AGAIN_SECONDS)
    try:
        with _AT_ONCE:
            yield
    finally:
        _IN_LINE.release()


def _hashed(password: str) -> str:
    with _turn():
        return _HASHER.hash(as_hashed(password))


@cache
def _nobodys() -> str:
    """A hash that no password has, to be compared with where there is none."""
    return _hashed(secrets.token_urlsafe(32))
