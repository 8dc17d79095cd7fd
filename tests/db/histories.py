"""What may happen to generations, takes and attempts, in a database and in a test's memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, create_engine, insert, pool, update

from plugin_backend.db import usage
from plugin_backend.db.tables import accounts, attempts, generations, takes, users, workspaces
from plugin_backend.domain.usage import UsageFilter, UsageGroup

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE: Final = ("usr_1", "usr_2")
DAYS: Final = 3


@dataclass
class Made:
    """A generation as the test remembers it."""

    owner: str
    label: str | None
    model: str
    kind: str
    day: int
    held: int
    units: int
    state: str = "queued"
    settled: int = 0
    used: int | None = None
    stored: int = 0
    spent: int = 0
    exposed: int = 0

    def key(self, groups: tuple[UsageGroup, ...]) -> tuple[str | None, ...]:
        of = {
            UsageGroup.DAY: str((NOON - timedelta(days=self.day)).date()),
            UsageGroup.USER: self.owner,
            UsageGroup.PROJECT: None,
            UsageGroup.SHOT: self.label,
            UsageGroup.MODEL: self.model,
            UsageGroup.TIER: self.kind,
        }
        return tuple(of[group] for group in groups)

    def figures(self) -> Counter[str]:
        ended = self.state != "queued"
        return Counter(
            {
                "generations": 1,
                f"{self.kind}s": 1,
                **({self.state: 1} if ended else {}),
                **({f"{self.kind}s_ready": 1} if self.state == "ready" else {}),
                "draft_units": self.units if self.used is None else self.used,
                "credits_held": 0 if ended else self.held,
                "credits_settled": self.settled,
                "credits_released": self.held - self.settled if ended else 0,
                "takes_stored": self.stored,
                "spend_cents": self.spent,
                "exposure_cents": self.exposed,
            }
        )


@dataclass
class History:
    """What happens, in the database and in the test's memory."""

    connection: Connection
    settled: set[int] = field(default_factory=set)
    made: list[Made] = field(default_factory=list)
    sent: dict[int, tuple[int, bool | None]] = field(default_factory=dict)
    """Attempts by number: whose, and whether billed; each costs 7 cents, and the odd ones are exposed."""

    def ask(self, number: int) -> None:
        row = Made(
            owner=PEOPLE[number % 2],
            label=(None, "SH010", "SH020")[number % 3],
            model=("animatic", "ray-2")[number // 3 % 2],
            kind=("draft", "master")[number // 7 % 2],
            day=number % DAYS,
            held=number % 11,
            units=2 if number // 7 % 2 == 0 else 0,
        )
        self.made.append(row)
        at = NOON - timedelta(days=row.day)
        common = {"workspace_id": "wsp_1", "owner_id": row.owner, "created_at": at, "updated_at": at}
        mine = f"gen_{len(self.made) - 1}"
        values = {
            **common,
            "id": mine,
            "account_id": "acc_1",
            "label": row.label,
            "kind": row.kind,
            "model": row.model,
            "provider": row.model,
            "request": {},
            "takes_wanted": 1,
            "max_iterations": 0,
            "credits_per_take": 1,
            "credits_quoted": row.held,
            "credits_held": row.held,
            "draft_units": row.units,
        }
        self.connection.execute(insert(generations).values(values))
        take = {**common, "id": f"take_{mine}", "generation_id": mine, "number": 1}
        self.connection.execute(insert(takes).values(take))

    def store(self, number: int) -> None:
        index, row = self._one(number)
        row.stored = 1
        mine = takes.c.id == f"take_gen_{index}"
        self.connection.execute(update(takes).where(mine).values(state="stored", source={}, charged=True))

    def order(self, number: int) -> None:
        index, row = self._one(number)
        number = len(self.sent)
        self.sent[number] = (index, None)
        self._owe(number, 7)
        values = {
            "id": f"att_{len(self.sent) - 1}",
            "workspace_id": "wsp_1",
            "owner_id": row.owner,
            "take_id": f"take_gen_{index}",
            "token": f"token_{len(self.sent)}",
            "provider": "luma",
            "state": "lost",
            "provider_ref": f"ref_{number}" if number % 2 else None,
            "credits_at_risk": 7,
            "created_at": NOON,
        }
        self.connection.execute(insert(attempts).values(values))

    def bill(self, number: int) -> None:
        if self.sent:
            which = number % len(self.sent)
            index, is_billed = self.sent[which]
            self._owe(which, 0 if is_billed is False else -7)
            self.sent[which] = (index, not is_billed)
            self._owe(which, 0 if is_billed else 7)
            self.made[index].spent += -7 if is_billed else 7
            self._attempt(which, billed=not is_billed)

    def settle(self, number: int) -> None:
        """An operator has dealt with it, or takes that back."""
        if self.sent:
            which = number % len(self.sent)
            index, is_billed = self.sent[which]
            owed = 7 if which % 2 and is_billed is not False else 0
            is_settled = which in self.settled
            self.made[index].exposed += owed if is_settled else -owed
            self.settled ^= {which}
            self._attempt(which, settled_at=None if is_settled else NOON)

    def _owe(self, which: int, cents: int) -> None:
        if which % 2 and which not in self.settled:
            self.made[self.sent[which][0]].exposed += cents

    def adopt(self, number: int) -> None:
        """An attempt turns out to belong to another generation, as when something lost is found."""
        if self.sent:
            which = number % len(self.sent)
            index, is_billed = self.sent[which]
            other, row = self._one(number // 3)
            self.sent[which] = (other, is_billed)
            if is_billed:
                self.made[index].spent -= 7
                row.spent += 7
            if which % 2 and is_billed is not False and which not in self.settled:
                self.made[index].exposed -= 7
                row.exposed += 7
            self._attempt(which, take_id=f"take_gen_{other}")

    def end(self, number: int) -> None:
        index, row = self._one(number)
        if row.state == "queued":
            row.state = ("ready", "failed", "cancelled")[number % 3]
            row.settled = row.held if row.state == "ready" else 0
            row.used = row.units if row.state == "ready" else 0
            self._generation(
                index,
                state=row.state,
                finished_at=NOON,
                credits_settled=row.settled,
                draft_units_used=row.used,
            )

    def relabel(self, number: int) -> None:
        index, row = self._one(number)
        row.label = (None, "SH010", "SH030")[number // 2 % 3]
        self._generation(index, label=row.label)

    def fold(self, number: int) -> None:
        usage.fold(self.connection, most=number % 5 + 1)

    def correct(self, number: int) -> None:
        del number
        assert usage.correct(self.connection) == 0

    def _one(self, number: int) -> tuple[int, Made]:
        if not self.made:
            self.ask(number)
        index = number % len(self.made)
        return index, self.made[index]

    def _generation(self, index: int, **values: Any) -> None:
        mine = generations.c.id == f"gen_{index}"
        self.connection.execute(update(generations).where(mine).values(values))

    def _attempt(self, which: int, **values: Any) -> None:
        mine = attempts.c.id == f"att_{which}"
        self.connection.execute(update(attempts).where(mine).values(values))

    def expected(self, groups: tuple[UsageGroup, ...], *, days: int) -> dict[Any, Counter[str]]:
        found: dict[Any, Counter[str]] = {}
        for row in self.made:
            if row.day < days:
                found.setdefault(row.key(groups), Counter()).update(row.figures())
        return {key: +figures for key, figures in found.items()}

    def counted(self, groups: tuple[UsageGroup, ...], *, days: int) -> dict[Any, Counter[str]]:
        chosen = UsageFilter(start=(NOON - timedelta(days=days - 1)).date())
        total, rows = usage.add_up(self.connection, groups, chosen, overdue=NOON, limit=1_000)
        found = {row.keys: +_figures(row) for row in rows}
        assert sum(found.values(), Counter()) == +_figures(total)
        return found


def _figures(row: Any) -> Counter[str]:
    names = [name for name in row.__dataclass_fields__ if name != "keys"]
    return Counter({name: getattr(row, name) for name in names})


@contextmanager
def history_on(url: str) -> Iterator[History]:
    engine = create_engine(url, poolclass=pool.NullPool)
    with engine.connect() as connection:
        at = {"created_at": NOON}
        connection.execute(insert(workspaces).values(id="wsp_1", name="One", **at))
        for person in PEOPLE:
            values = {"id": person, "workspace_id": "wsp_1", "email": f"{person}@example.org"}
            connection.execute(insert(users).values(**values, role="editor", plan_id="free", **at))
        connection.execute(insert(accounts).values(id="acc_1", owner_kind="user", owner_id="usr_1"))
        yield History(connection)
        connection.rollback()
