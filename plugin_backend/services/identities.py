"""People whom another issuer vouches for: linked once by a verified address, then known by their subject."""

from collections.abc import Collection

from plugin_backend.db import passwords
from plugin_backend.db.journal import audit
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.services.house import House


def recognise(
    house: House,
    issuer: str,
    subject: str,
    *,
    verified_email: str | None,
    allowed_domains: Collection[str] = (),
) -> CredentialRow:
    """The person an issuer means; ForbiddenError says to them what is in the way."""
    with house.begin() as work:
        person = passwords.find_by_identity(work.connection, issuer, subject)
        if person is None:
            person = _newly_linked(work, issuer, subject, verified_email)
        _check(person, allowed_domains)
        passwords.put_identity(work.connection, issuer, subject, user_id=person.user_id, now=work.now)
    return person


def _newly_linked(work: UnitOfWork, issuer: str, subject: str, email: str | None) -> CredentialRow:
    if email is None:
        raise ForbiddenError("Your e-mail address is not verified there. Verify it, then sign in again.")
    person = passwords.find_by_email(work.connection, email)
    if person is None:
        raise ForbiddenError(f"Nobody here has the address {email}. Ask whoever runs this to add you.")
    if passwords.has_other_identity(work.connection, issuer, subject, user_id=person.user_id):
        raise ForbiddenError("Somebody else signed in with this address. Ask whoever runs this service.")
    audit(
        work,
        "identity.linked",
        subject_id=person.user_id,
        actor_id=person.user_id,
        workspace_id=person.workspace_id,
    )
    return person


def _check(person: CredentialRow, allowed_domains: Collection[str]) -> None:
    if person.is_disabled:
        raise ForbiddenError("Your account is disabled. Ask whoever runs this service.")
    domain = person.email.rpartition("@")[2].lower()
    if allowed_domains and domain not in allowed_domains:
        raise ForbiddenError(f"People of {domain} do not sign in this way here; use your password.")
