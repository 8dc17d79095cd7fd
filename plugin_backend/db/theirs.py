"""What is somebody's, found by indexes: of a large table nothing is read but their own rows.

Each of several ways to a row is a query of its own, and they are united: one condition with OR between
sub-selects would have the server read the whole table.
"""

from typing import Any

from sqlalchemy import Select, select, union

from plugin_backend.db.tables import deliveries, delivery_takes, generations, takes


def generations_of(owner_id: str) -> Select[Any]:
    """The ids of what a person asked for."""
    return select(generations.c.id).where(generations.c.owner_id == owner_id)


def takes_of(owner_id: str) -> Select[Any]:
    """The ids of its takes, which are its owner's."""
    return select(takes.c.id).where(takes.c.generation_id.in_(generations_of(owner_id)))


def deliveries_of(owner_id: str) -> Select[Any]:
    """The ids of deliveries that they asked for, or that one of their takes went into."""
    columns, cuts = deliveries.c, delivery_takes.c
    return any_of(
        select(columns.id).where(columns.owner_id == owner_id),
        select(columns.id).where(columns.take_id.in_(takes_of(owner_id))),
        select(cuts.delivery_id).where(cuts.take_id.in_(takes_of(owner_id))),
    )


def in_order(keys: Select[Any], *, limit: int, after: str = "") -> Select[Any]:
    """The first ids that a query finds, each once and in order, after one of them.

    It is answered whole before: to have an order at once the server would walk through everybody's rows.
    """
    theirs = keys.cte("theirs").prefix_with("MATERIALIZED")
    asked = select(theirs.c[0]).distinct().order_by(theirs.c[0]).limit(limit)
    return asked.where(theirs.c[0] > after) if after else asked


def any_of(*found: Select[Any]) -> Select[Any]:
    """What one or another query finds, each value once."""
    united = union(*found).subquery()
    return select(united.c[0])
