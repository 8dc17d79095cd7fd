"""The shared metadata and the columns that every table spells the same way."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Text,
    false,
    text,
)
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Xid8(UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id: orders events by the transaction that wrote them."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def identity() -> Column[str]:
    return Column("id", Text, primary_key=True)


def owned() -> tuple[Column[str], Column[str]]:
    """Every row belongs to a workspace and a person in it."""
    return (
        Column("workspace_id", Text, ForeignKey("workspaces.id"), nullable=False),
        Column("owner_id", Text, ForeignKey("users.id"), nullable=False),
    )


def at(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def version() -> Column[int]:
    return count("version", 1)
