"""People whom another issuer vouches for: linked or made once, then known by their subject and nothing else.

Rules about claims give them a part, anew with every token: a group that somebody left takes its part along.
Operators are made by the command line alone, and no claim changes theirs.
"""

from typing import Any

from plugin_backend.db import passwords, people, workspaces
from plugin_backend.db.identities import identity_holder
from plugin_backend.db.journal import audit
from plugin_backend.db.passwords import CredentialRow
from plugin_backend.db.people import KeyHolder, Standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import SYSTEM, Caller, Role
from plugin_backend.domain.errors import ConflictError, ForbiddenError
from plugin_backend.domain.people.sso import Arrival, IssuerPolicy, Rule, scopes_of
from plugin_backend.domain.quota import day_of
from plugin_backend.services.house import House
from plugin_backend.services.people import joining, members, relocating, welcomes
from plugin_backend.services.people.holders import caller_of
from plugin_backend.services.reach import require_another_owner


def known(house: House, arrival: Arrival, policy: IssuerPolicy) -> Caller | None:
    """The caller whom a token names, by one look; None where something has to be made or changed first."""
    row = identity_holder(house.engine, arrival.issuer, arrival.subject, domains=policy.allowed_domains)
    if row is None:
        return None
    rule = _rule(house, arrival, policy)
    role = Role(row.role)
    if rule is not None and _differs(rule, row):
        return None
    return caller_of(row, scopes_of(arrival.claims, role))


def recognise(house: House, arrival: Arrival, policy: IssuerPolicy) -> CredentialRow:
    """The person an issuer means; ForbiddenError says to them what is in the way."""
    rule = _rule(house, arrival, policy)
    with house.begin() as work:
        person = passwords.find_by_identity(work.connection, arrival.issuer, arrival.subject)
        if person is None:
            person = _new_here(house, work, arrival, policy, rule)
        _check(person, policy)
        passwords.put_identity(
            work.connection, arrival.issuer, arrival.subject, user_id=person.user_id, now=work.now
        )
        if rule is not None:
            _take_part(work, person.user_id, rule)
        found = passwords.find_by_id(work.connection, person.user_id)
    assert found is not None
    return found


def _rule(house: House, arrival: Arrival, policy: IssuerPolicy) -> Rule | None:
    """The part the claims give; where there are rules, somebody whom none of them names has no part here."""
    rule = policy.rule_for(arrival.claims)
    if policy.rules and rule is None:
        _shut_out(house, arrival)
        raise ForbiddenError("Your organisation gives you no part here. Ask whoever runs this service.")
    return rule


def _shut_out(house: House, arrival: Arrival) -> None:
    """Claims decide: whom no rule names any more is out with every other token of theirs, too."""
    with house.begin() as work:
        person = passwords.find_by_identity(work.connection, arrival.issuer, arrival.subject)
        if person is None:
            return
        standing = people.standing_of(work.connection, person.user_id, day=day_of(work.now))
        if not standing.is_operator:
            members.shut_out(work, standing, request_id=None)


def _new_here(
    house: House, work: UnitOfWork, arrival: Arrival, policy: IssuerPolicy, rule: Rule | None
) -> CredentialRow:
    email = arrival.verified_email
    if email is None:
        raise ForbiddenError("Your e-mail address is not verified there. Verify it, then sign in again.")
    person = passwords.find_by_email(work.connection, email)
    if person is not None:
        return _linked(work, arrival, person, policy)
    if welcomes.holder_of(house, work, email) is not None:
        raise ForbiddenError(
            "Somebody here has this mailbox already. Sign in with the address it is here by."
        )
    if not policy.signs_up:
        raise ForbiddenError(f"Nobody here has the address {email}. Ask whoever runs this to add you.")
    _check_domain(email, policy)
    _check_workspace(work, rule)
    return joining.welcome(
        house,
        work,
        email=email,
        role=Role.OWNER if rule is None else rule.role,
        workspace_id=None if rule is None else rule.workspace_id,
        subject=(arrival.issuer, arrival.subject),
    )


def _linked(work: UnitOfWork, arrival: Arrival, person: CredentialRow, policy: IssuerPolicy) -> CredentialRow:
    if not policy.links_by_email:
        raise ForbiddenError("Somebody here has this address already. Sign in with their password.")
    if passwords.has_other_identity(work.connection, arrival.issuer, arrival.subject, user_id=person.user_id):
        raise ForbiddenError("Somebody else signed in with this address. Ask whoever runs this service.")
    audit(
        work,
        "identity.linked",
        subject_id=person.user_id,
        actor_id=person.user_id,
        workspace_id=person.workspace_id,
    )
    return person


def _check(person: CredentialRow, policy: IssuerPolicy) -> None:
    if person.is_disabled:
        raise ForbiddenError("Your account is disabled. Ask whoever runs this service.")
    _check_domain(person.email, policy)


def _check_domain(email: str, policy: IssuerPolicy) -> None:
    domain = email.rpartition("@")[2].lower()
    if policy.allowed_domains and domain not in policy.allowed_domains:
        raise ForbiddenError(f"People of {domain} do not sign in this way here; use your password.")


def _check_workspace(work: UnitOfWork, rule: Rule | None) -> None:
    named = None if rule is None else rule.workspace_id
    if named is not None and not workspaces.workspace_exists(work.connection, named):
        raise ForbiddenError("Your organisation names a workspace that is not here. Ask whoever runs it.")


def _take_part(work: UnitOfWork, user_id: str, rule: Rule) -> None:
    """Make somebody's role and workspace what the rule says, if they are not."""
    before = people.standing_of(work.connection, user_id, day=day_of(work.now))
    if not _differs(rule, before):
        return
    _check_workspace(work, rule)
    now: dict[str, Any] = {"role": rule.role, "workspace_id": rule.workspace_id or before.workspace_id}
    try:
        before = relocating.held_for_move(work, user_id, to=now["workspace_id"])
        _put(work, before, rule.role, now["workspace_id"])
    except ConflictError as error:
        raise ForbiddenError(f"Your organisation gives you another part. {error.detail}") from error
    was: dict[str, Any] = {"role": before.role, "workspace_id": before.workspace_id}
    audit(
        work,
        "user.changed",
        subject_id=user_id,
        actor_id=SYSTEM,
        workspace_id=now["workspace_id"],
        before=was,
        after=now,
        reason="The issuer's claims say so.",
    )


def _put(work: UnitOfWork, person: Standing, role: Role, workspace_id: str) -> None:
    if workspace_id != person.workspace_id:
        relocating.move_person(work, person, to=workspace_id, role=role, actor_id=SYSTEM)
        return
    if role is not Role.OWNER:
        require_another_owner(work, person)
    people.change_user(work.connection, person.id, {"role": role})


def _differs(rule: Rule, part: KeyHolder | Standing) -> bool:
    """Whether somebody has another part than the rule gives; an operator's is theirs."""
    is_elsewhere = rule.workspace_id not in (None, part.workspace_id)
    return not part.is_operator and (rule.role != part.role or is_elsewhere)
