"""How far an administrator's arm reaches: their workspace, or everything for an operator."""

from plugin_backend.db.people import Standing, find_standing
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.workspaces import has_owner, is_made_by_joining, lock_workspace, workspace_exists
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from plugin_backend.domain.quota import day_of


def reach(caller: Caller) -> str | None:
    """The workspace an administrator sees; None is all of them."""
    caller.require(Scope.ADMIN)
    return None if caller.is_operator else caller.workspace_id


def member(work: UnitOfWork, caller: Caller, user_id: str) -> Standing:
    """A person within the administrator's reach; NotFoundError for anyone else."""
    found = find_standing(work.connection, user_id, day=day_of(work.now), workspace_id=reach(caller))
    if found is None:
        raise NotFoundError("user")
    return found


def require_workspace(work: UnitOfWork, caller: Caller, workspace_id: str) -> None:
    """NotFoundError for a workspace that is not there, or not within the administrator's reach."""
    within = reach(caller)
    if within not in (None, workspace_id) or not workspace_exists(work.connection, workspace_id):
        raise NotFoundError("workspace")


def require_rank(caller: Caller, *, role: Role, is_operator: bool = False) -> None:
    """Nobody acts on, or makes, somebody of a higher rank than their own."""
    if is_operator and not caller.is_operator:
        raise ForbiddenError("Only an operator may do this to an operator.")
    if role is Role.OWNER and not (caller.is_operator or caller.role is Role.OWNER):
        raise ForbiddenError("Only the workspace's owner or an operator may do this to an owner.")


def acted_on(work: UnitOfWork, actor: Caller | None, user_id: str) -> Standing:
    """Somebody whom an administrator may change; without one it is the command line that asks.

    NotFoundError out of reach, ForbiddenError above their rank, ConflictError for who is forgotten.
    """
    if actor is None:
        found = find_standing(work.connection, user_id, day=day_of(work.now))
        if found is None:
            raise NotFoundError("user")
    else:
        found = member(work, actor, user_id)
    require_may_act(actor, found)
    return found


def require_may_act(actor: Caller | None, person: Standing) -> None:
    """The same of somebody who was read already."""
    if actor is not None:
        require_rank(actor, role=person.role, is_operator=person.is_operator)
    if person.forgotten_at is not None:
        raise ConflictError("This person is forgotten, or about to be; nothing of them can be changed.")


def require_present(person: Standing) -> None:
    """ConflictError for who was removed: there is nobody to be given anything."""
    if person.removed_at is not None:
        raise ConflictError("They were removed from the workspace; invite them to one.")


def require_giver(work: UnitOfWork, caller: Caller | None, workspace_id: str) -> None:
    """ForbiddenError where plans, limits and credits are not for its own administrators to give."""
    if caller is None or caller.is_operator or not is_made_by_joining(work.connection, workspace_id):
        return
    raise ForbiddenError(
        "Who joined by themselves is given plans, limits and credits by whoever runs this service. "
        "Credits that are there can be passed on between members."
    )


def require_another_owner(work: UnitOfWork, person: Standing) -> None:
    """ConflictError where a workspace would be left without an owner; who is in it stays until the commit."""
    lock_workspace(work.connection, person.workspace_id)
    others = has_owner(work.connection, person.workspace_id, but=person.id)
    if person.role is Role.OWNER and not others:
        raise ConflictError("A workspace keeps an owner; make somebody else one first.")


def keep_an_owner(work: UnitOfWork, caller: Caller, person: Standing) -> None:
    """The same; an operator may leave a workspace without one, and can make another."""
    if person.role is Role.OWNER and not caller.is_operator:
        require_another_owner(work, person)
