"""What may wake an operator, counted."""

from sqlalchemy import text

from plugin_backend.services.running.troubles import troubles_of
from tests.domain.requests import asked
from tests.services.studio import Studio

_FAILED = text(
    "UPDATE generations SET state = 'failed', finished_at = :now, credits_settled = 0,"
    """ failure = '{"slug": "no-usable-take"}'"""
)
_DIED = text("UPDATE work SET lease = 'gone', lease_until = CAST(:now AS timestamptz) - interval '1 minute'")


def test_failures_and_steps_that_died_are_counted(studio: Studio) -> None:
    studio.ask(studio.person(), asked())
    with studio.house.begin() as work:
        calm = troubles_of(work)
        work.connection.execute(_DIED, {"now": work.now})
        work.connection.execute(_FAILED, {"now": work.now})
        found = troubles_of(work)

    assert (calm.failures, calm.expired_leases) == ({}, 0)
    assert found.failures == {"no-usable-take": 1}
    assert found.expired_leases == 1
    assert found.connections["tests"] >= 1
    assert found.connections_limit >= sum(found.connections.values())
