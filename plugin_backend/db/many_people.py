"""The same to many people at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from plugin_backend.db.tables import users


def lock_users(connection: Connection, ids: Sequence[str]) -> None:
    """Nobody else changes these people until this transaction ends; in one order: nobody waits crosswise."""
    held = select(users.c.id).where(users.c.id.in_(ids)).order_by(users.c.id)
    connection.execute(held.with_for_update(key_share=True))


def insert_users(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Many new people."""
    connection.execute(insert(users), rows)


def change_users(connection: Connection, ids: Sequence[str], values: Mapping[str, Any]) -> None:
    """The same for many."""
    statement = update(users).where(users.c.id.in_(ids))
    connection.execute(statement.values(version=users.c.version + 1, **values))
