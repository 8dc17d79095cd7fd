"""Whose turn it is: a hint says where something is due, the rows say whose, when a worker comes to it.

What lies on a queue was put there before others came. A worker that has heard a hint takes the row of whoever
has the fewest under way in that lane and was served longest ago, which may be another row than the hint's.
"""

from datetime import timedelta
from typing import Final

from plugin_backend.db.driver import fetch_one
from plugin_backend.domain.work import Lane
from plugin_backend.services.house import House

_LATELY: Final = timedelta(milliseconds=200)
"""Short steps come by the dozen: within this time, whoever was served need not be marked again."""

_IN_TURN: Final = [
    lane.value for lane in (Lane.STEP_DRAFT, Lane.STEP_MASTER, Lane.MEDIA_DRAFT, Lane.MEDIA_MASTER)
]
"""Lanes whose workers do one thing after another; rows about providers have places of their own."""

_TURN: Final = """
    WITH hinted AS (
        SELECT subject_id, lane, lane = ANY(%(lanes)s) AS in_turn FROM work
        WHERE subject_id = %(subject_id)s AND next_at <= %(now)s
          AND (lease IS NULL OR lease_until < %(now)s)
    ), held AS (
        SELECT work.owner_id, count(*) AS number FROM work JOIN hinted ON work.lane = hinted.lane
        WHERE in_turn AND work.lease_until >= %(now)s GROUP BY work.owner_id
    ), turn AS (
        SELECT work.subject_id, work.owner_id
        FROM work JOIN hinted ON work.lane = hinted.lane AND (in_turn OR work.subject_id = hinted.subject_id)
        LEFT JOIN users ON users.id = work.owner_id
        LEFT JOIN held ON held.owner_id = work.owner_id
        WHERE work.next_at <= %(now)s AND (work.lease IS NULL OR work.lease_until < %(now)s)
        ORDER BY coalesce(held.number, 0), users.served_at NULLS FIRST, work.next_at, work.subject_id
        LIMIT 1
    ), marked AS (
        SELECT users.id FROM users JOIN turn ON users.id = turn.owner_id
        WHERE users.served_at IS NULL OR users.served_at < %(lately)s
        FOR NO KEY UPDATE OF users SKIP LOCKED
    ), served AS (
        UPDATE users SET served_at = %(now)s FROM marked WHERE users.id = marked.id
    )
    SELECT subject_id FROM turn
    """


# A person's row is often in the hand of a request of theirs: a mark is not worth a wait.
def whose(house: House, subject_id: str) -> str | None:
    """The row to take on hearing of this one; None where that is not due, or in somebody's hand."""
    with house.begin() as work:
        values = {"subject_id": subject_id, "lanes": _IN_TURN, "now": work.now, "lately": work.now - _LATELY}
        found = fetch_one(work.connection, _TURN, values)
    return None if found is None else str(found[0])
