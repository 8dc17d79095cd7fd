"""Finding people: by any part of their address, however short, strange or spelt."""

from collections.abc import Iterator

from sqlalchemy import create_engine, pool

from plugin_backend.db import people
from tests.databases import connect
from tests.db.histories import NOON

ADDRESSES = (
    "ada@example.com",
    "Ada.Lovelace+tests@Example.COM",
    "grace_h0pper@navy.example",
    "50%off@shop.example",
    "back\\slash@example.org",
    "zo\u00eb.\u00c5ngstr\u00f6m@example.net",
    "aaaa@aa.aa",
)


def test_whoever_has_the_part_in_their_address_and_nobody_else(database: str) -> None:
    with connect(database) as connection:
        connection.execute("INSERT INTO workspaces (id, name, created_at) VALUES ('wsp_1', 'w', now())")
        for number, address in enumerate(ADDRESSES):
            connection.execute(
                "INSERT INTO users (id, workspace_id, email, role, plan_id, created_at)"
                " VALUES (%s, 'wsp_1', %s, 'editor', 'pro', now())",
                [f"usr_{number}", address],
            )
            connection.execute(
                "INSERT INTO accounts (id, owner_kind, owner_id) VALUES (%s, 'user', %s)",
                [f"acc_{number}", f"usr_{number}"],
            )
    engine = create_engine(database, poolclass=pool.NullPool)
    with engine.connect() as connection:
        for part in sorted(set(_parts())):
            found = people.list_standings(
                connection,
                day=NOON.date(),
                workspace_id=None,
                text_in_email=part,
                before=None,
                limit=50,
            )
            wanted = {address for address in ADDRESSES if part.lower() in address.lower()}
            assert {each.email for each in found} == wanted, part


def _parts() -> Iterator[str]:
    """Every part of one to four characters, each whole address, all in capitals too; and strangers."""
    for address in ADDRESSES:
        for size in (1, 2, 3, 4, len(address)):
            for start in range(len(address) - size + 1):
                part = address[start : start + size]
                yield from (part, part.upper())
    yield from ("nobody", "%", "_", "a%a", "\\", " ", "aaaaa")
