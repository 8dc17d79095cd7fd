"""Joining by a verified address, and a forgotten password: a link by letter, good once and not for long.

A mailbox has one account, however its address is spelt.
Whoever asks learns nothing of who is here: known or not, an address costs the same statements and one letter.
The password chosen when asking is asked for again behind the link: the link alone is not enough, so nobody
makes an account with a password of theirs for somebody else's address.
"""

from dataclasses import dataclass

from plugin_backend.db import mailed_links, passwords, workspaces
from plugin_backend.db.journal import Owned, audit
from plugin_backend.db.mailed_links import MailedLinkRow
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import FieldProblem, GoneError, ValidationFailedError
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.people.addresses import domain_of, is_address, is_within
from plugin_backend.domain.people.joining import LINK_LIVES, LinkPurpose
from plugin_backend.domain.people.opaque_tokens import OpaqueToken, TokenKind
from plugin_backend.domain.people.passwords import problem_with
from plugin_backend.services import accounts, mail
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.money import plan_grants
from plugin_backend.services.people import joining_letters, welcomes
from plugin_backend.services.people import passwords as hashing


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whose addresses may join; without domains, all but the refused ones."""

    domains: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    def problem_with(self, email: str) -> str | None:
        """Why an address may not join, as a sentence; None when it may."""
        domain = domain_of(email)
        if not is_address(email):
            return "Enter a whole e-mail address, such as name@studio.example."
        if self.domains and not is_within(domain, self.domains):
            return f"People of {domain} cannot join by themselves here. Ask whoever runs this service."
        if is_within(domain, self.refused):
            return "Use an address that is yours for longer."
        return None


def ask_to_join(house: House, *, email: str, password: str, admission: Admission, home: str) -> None:
    """Send a link that makes an account; ValidationFailedError says what is wrong with what was typed."""
    mail.require(house)
    require_good(email, password, admission)
    hashed = hashing.hashed(password, email=email)
    with house.begin() as work:
        person = welcomes.holder_of(house, work, email)
        link = _open_link(house, work, LinkPurpose.JOIN, email, person=person, password_hash=hashed)
        letter = (
            joining_letters.confirm(email, home=home, token=link.spelt())
            if person is None
            else joining_letters.here_already(email, home=home)
        )
        mail.enqueue(house, work, letter, about="join", owned=_owned(person))


def require_good(email: str, password: str, admission: Admission) -> None:
    """ValidationFailedError unless this address may join with this password; nothing is looked up."""
    wrong = {"/email": admission.problem_with(email), "/password": problem_with(password, email=email)}
    problems = [FieldProblem(pointer, said) for pointer, said in wrong.items() if said is not None]
    if problems:
        raise ValidationFailedError(problems)


def require_address(email: str) -> None:
    """ValidationFailedError unless a letter could be sent to it."""
    said = Admission().problem_with(email)
    if said is not None:
        raise ValidationFailedError([FieldProblem("/email", said)])


def ask_for_password(house: House, *, email: str, home: str) -> None:
    """Send a link that sets another password, or a letter that says there is no account."""
    mail.require(house)
    require_address(email)
    with house.begin() as work:
        person = passwords.find_by_email(work.connection, email)
        is_known = person is not None and not person.is_disabled
        link = _open_link(house, work, LinkPurpose.PASSWORD, email, person=person, password_hash=None)
        letter = (
            joining_letters.another_password(email, home=home, token=link.spelt())
            if is_known
            else joining_letters.nobody_here(email, home=home)
        )
        mail.enqueue(house, work, letter, about="password", owned=_owned(person))


def opened(house: House, text: str, purpose: LinkPurpose) -> str:
    """The address a link went to; GoneError once it was used or its time is over. Looking does not use it."""
    with house.begin() as work:
        return _claimed(house, work, text, purpose).email


def join(house: House, text: str, password: str, *, request_id: str | None = None) -> CredentialRow:
    """Make the account of whoever has the letter and knows the password they asked with."""
    with house.begin() as work:
        asked = _claimed(house, work, text, LinkPurpose.JOIN)
    if asked.password_hash is None or not hashing.matches(password, asked.password_hash):
        raise ValidationFailedError([FieldProblem("/password", "This is not the password you chose.")])
    with house.begin() as work:
        link = _claimed(house, work, text, LinkPurpose.JOIN)
        assert link.password_hash is not None
        if welcomes.holder_of(house, work, link.email) is not None:
            raise GoneError("There is an account with this address by now. Sign in.")
        person = welcome(house, work, email=link.email, request_id=request_id)
        passwords.put_password(work.connection, person.user_id, link.password_hash, now=work.now)
        mailed_links.spend_links(work.connection, link.email, now=work.now)
    return person


def choose_password(
    house: House, text: str, password: str, *, request_id: str | None = None
) -> CredentialRow:
    """Set another password, once; every session of the person ends."""
    hashed = hashing.hashed(password, email=opened(house, text, LinkPurpose.PASSWORD))
    with house.begin() as work:
        link = _claimed(house, work, text, LinkPurpose.PASSWORD)
        assert link.user_id is not None, "a link without a person is never given out"
        person = passwords.find_by_id(work.connection, link.user_id)
        if person is None or person.is_disabled:
            raise GoneError("The account is closed. Ask whoever runs this service.")
        hashing.put(work, person, hashed, request_id=request_id)
        mailed_links.spend_links(work.connection, link.email, now=work.now)
    return person


def welcome(
    house: House,
    work: UnitOfWork,
    *,
    email: str,
    role: Role = Role.OWNER,
    workspace_id: str | None = None,
    subject: tuple[str, str] | None = None,
    request_id: str | None = None,
) -> CredentialRow:
    """A new person whose address is verified: a workspace of their own unless one is named, credit once."""
    user = NewUser(email=email, role=role, workspace_id=workspace_id)
    user_id = accounts.settle(work, user, request_id=request_id)
    person = passwords.find_by_id(work.connection, user_id)
    assert person is not None
    if workspace_id is None:
        workspaces.made_by_joining(work.connection, person.workspace_id)
    is_first = welcomes.note(house, work, user_id, email=email, subject=subject)
    if is_first:
        plan_grants.sign_up_credit(work, user_id)
    audit(
        work,
        "user.joined",
        subject_id=user_id,
        actor_id=user_id,
        workspace_id=person.workspace_id,
        after={"by": "issuer" if subject else "letter", "is_first": is_first},
        request_id=request_id,
    )
    return person


def _open_link(
    house: House,
    work: UnitOfWork,
    purpose: LinkPurpose,
    email: str,
    *,
    person: CredentialRow | None,
    password_hash: str | None,
) -> OpaqueToken:
    """The same rows whoever it is for; one that must open nothing is spent from the start."""
    token = OpaqueToken.fresh(new_id(Prefix.MAILED_LINK, at=work.now))
    is_live = (person is None) if purpose is LinkPurpose.JOIN else (person is not None)
    values = {
        "id": token.row_id,
        "purpose": purpose,
        "email": email,
        "user_id": None if person is None else person.user_id,
        "password_hash": password_hash if is_live else None,
        "secret_hash": token.digest(house.token_pepper),
        "created_at": work.now,
        "expires_at": work.now + LINK_LIVES[purpose],
        "used_at": None if is_live else work.now,
    }
    mailed_links.insert_link(work.connection, values)
    return token


def _claimed(house: House, work: UnitOfWork, text: str, purpose: LinkPurpose) -> MailedLinkRow:
    shown = OpaqueToken.parse(text, TokenKind.MAILED)
    link = None if shown is None else mailed_links.claim_link(work.connection, shown.row_id, purpose)
    if shown is None or link is None or not shown.matches(link.secret_hash, pepper=house.token_pepper):
        raise GoneError("It is not whole, or not one of ours. Ask for a new one.")
    if link.used_at is not None or work.now >= link.expires_at:
        raise GoneError("It was used already, or its time is over. Ask for a new one.")
    return link


def _owned(person: CredentialRow | None) -> Owned | None:
    return None if person is None else Owned(person.workspace_id, person.user_id)
