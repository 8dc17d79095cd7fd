"""Forgetting one person, or finding one, reads no large table from end to end."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, pool

from plugin_backend.db import erasures, people
from plugin_backend.db.erasures import ErasureRow
from plugin_backend.db.scrub_rules import CLOSING, RULES
from plugin_backend.db.scrubbing import Whose, scrub
from plugin_backend.domain.keeping import ErasureStep
from tests.db.histories import NOON
from tests.db.query_plans import LARGE, fill, overheard, read_whole

WHO, WHERE = f"usr_{0:026}", f"wsp_{0:026}"
LEAVER = ErasureRow(
    id="ers_1",
    workspace_id=WHERE,
    owner_id=WHO,
    asked_by=WHO,
    step=ErasureStep.SCRUB,
    place="",
    done={},
    created_at=NOON,
    finished_at=None,
)


@pytest.fixture
def seeded(database: str) -> Iterator[Connection]:
    """A small copy of a large service; nothing of it stays changed."""
    fill(database)
    engine = create_engine(database, poolclass=pool.NullPool)
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def test_forgetting_somebody_and_finding_them_goes_by_indexes(seeded: Connection, database: str) -> None:
    heard = overheard(seeded)
    whose = Whose(owner_id=WHO, email="person0@alpha.example.com", workspace_id=WHERE, is_alone=False)

    changed = {rule.name: scrub(seeded, rule, whose, after="")[0] for rule in (*CLOSING, *RULES)}
    for rule in RULES:
        if rule.values:  # the rows stay, so the walk goes on after the last of them
            scrub(seeded, rule, whose, after="a")
    erasures.unfinished_generations(seeded, WHO, limit=20)
    erasures.unfinished_deliveries(seeded, WHO, limit=20)
    erasures.is_busy(seeded, WHO)
    erasures.kept_generations(seeded, WHO, limit=20)
    erasures.kept_assets(seeded, WHO, limit=20)
    erasures.is_followed(seeded, LEAVER)
    for workspace_id in (None, WHERE):
        people.list_standings(
            seeded,
            day=NOON.date(),
            workspace_id=workspace_id,
            text_in_email="re4999@",
            before=None,
            limit=50,
        )
    erasures.next_copies(seeded, WHO, after="att_", limit=20)
    erasures.count_copies(seeded, WHO, after="att_")
    for after in ("", "deliveries/a", "takes/a"):
        erasures.next_prefixes(seeded, WHO, after=after, limit=50)

    assert min(changed[name] for name in ("generations.id", "takes.id", "attempts.id")) > 0
    asked = " ".join(heard)
    assert [table for table in LARGE - {"events"} if f" {table} " not in asked.replace(chr(10), " ")] == []
    seeded.rollback()
    assert read_whole(database, heard) == []
