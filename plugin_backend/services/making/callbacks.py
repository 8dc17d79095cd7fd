"""A provider says that something happened to one of our POSTs: a reason to look, and nothing more.

Whoever knows the token of an attempt can make us look a little sooner. What they say is not read.
"""

from sqlalchemy import select

from plugin_backend.db.tables import attempts
from plugin_backend.domain.lifecycle import AttemptState
from plugin_backend.services.house import House
from plugin_backend.services.moves import nudge
from plugin_backend.services.reconciliation import heard_of


def hear(house: House, provider: str, token: str) -> bool:
    """Make the take of that attempt due for a look; False when nothing is to be looked at."""
    columns = attempts.c
    with house.begin() as work:
        chosen = select(columns.take_id, columns.state).where(
            columns.token == token, columns.provider == provider
        )
        found = work.connection.execute(chosen).one_or_none()
        if found is None:
            return False
        if found.state == AttemptState.ACCEPTED:
            nudge(work, found.take_id)
            return True
        return found.state != AttemptState.INTENT and heard_of(work, token)
