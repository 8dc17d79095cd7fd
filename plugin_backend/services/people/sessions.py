"""Who is signed in where: a person looks, and ends what they no longer want."""

from plugin_backend.db import sessions
from plugin_backend.db.journal import audit
from plugin_backend.db.sessions import SessionRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.services.house import House

REUSED = "reuse"
REVOKED = "revoked"
SIGNED_OUT = "signed-out"
PASSWORD_CHANGED = "password"  # noqa: S105 - why sessions end, no password


def mine(house: House, user_id: str) -> tuple[SessionRow, ...]:
    """A person's live sessions, the last seen first."""
    with house.begin() as work:
        return sessions.list_sessions(work.connection, user_id, now=work.now)


def end(house: House, user_id: str, session_id: str, *, request_id: str | None = None) -> None:
    """End one of a person's sessions at once; ending it twice is ending it once."""
    with house.begin() as work:
        found = sessions.session_of(work.connection, session_id, owner_id=user_id)
        if found is None:
            raise NotFoundError("session")
        close(work, found, by=REVOKED, request_id=request_id)


def close(work: UnitOfWork, session: SessionRow, *, by: str, request_id: str | None = None) -> bool:
    """End a session in the transaction that has the reason; False where it had ended."""
    ended = sessions.end_sessions(
        work.connection, owner_id=session.owner_id, only=session.id, now=work.now, by=by
    )
    _audit(work, ended, session.owner_id, session.workspace_id, by=by, request_id=request_id)
    return bool(ended)


def close_all(
    work: UnitOfWork,
    *,
    user_id: str,
    workspace_id: str,
    by: str,
    but: str | None = None,
    request_id: str | None = None,
) -> None:
    """End every session of a person, but for the one that asks."""
    ended = sessions.end_sessions(work.connection, owner_id=user_id, but=but, now=work.now, by=by)
    _audit(work, ended, user_id, workspace_id, by=by, request_id=request_id)


def _audit(
    work: UnitOfWork,
    ended: tuple[str, ...],
    user_id: str,
    workspace_id: str,
    *,
    by: str,
    request_id: str | None,
) -> None:
    for session_id in ended:
        audit(
            work,
            "session.ended",
            subject_id=session_id,
            actor_id=user_id,
            workspace_id=workspace_id,
            reason=by,
            request_id=request_id,
        )
