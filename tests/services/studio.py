"""A whole house on a test's database: people, an upstream that does as it is told, a clock we turn."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from plugin_backend.db.engine import open_engine
from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.domain.work import Hint, Hints
from plugin_backend.files.storage import open_storage
from plugin_backend.services import accounts, credits, endings, events, generations, quotas
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.events import Event, Place
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from plugin_backend.services.money import receipts
from plugin_backend.services.money.receipts import Receipt
from tests.databases import shared_engine, until_told
from tests.services.upstream import Upstream
from worker import steps
from worker.errands import InlineErrands
from worker.media.process import MediaProcess
from worker.runtime import Runtime

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class TurnedClock:
    """A clock that stands still until it is turned."""

    def __init__(self, moment: datetime = NOON) -> None:
        self.moment = moment

    def now(self, connection: Connection) -> datetime:
        del connection
        return self.moment

    def turn(self, by: timedelta) -> None:
        self.moment += by


class Overheard:
    """Keeps the hints that were sent."""

    def __init__(self) -> None:
        self.hints: list[Hint] = []

    def send(self, hints: Sequence[Hint]) -> None:
        self.hints += hints


@dataclass(frozen=True)
class Studio:
    """What a test works with."""

    house: House
    clock: TurnedClock
    upstream: Upstream
    overheard: Overheard
    url: str
    runtime: Runtime

    def person(
        self,
        *,
        plan: str = "studio",
        credits_granted: int = 0,
        role: Role = Role.EDITOR,
        colleague_of: Caller | None = None,
        is_operator: bool = False,
        **limits: int,
    ) -> Caller:
        """A new person, in a workspace of their own unless they join a colleague's."""
        made = accounts.create_user(
            self.house,
            actor=None,
            user=NewUser(
                email=f"p{self.count('users')}@example.org",
                role=role,
                plan=plan,
                workspace_id=colleague_of.workspace_id if colleague_of else None,
                is_operator=is_operator,
            ),
        )
        if credits_granted:
            self.grant(made.id, credits_granted)
        if limits:
            quotas.override(self.house, actor=None, user_id=made.id, limits=limits, reason="a test")
        return Caller(
            user_id=made.id,
            workspace_id=made.workspace_id,
            role=role,
            scopes=frozenset(Scope),
            is_operator=is_operator,
        )

    def grant(self, user_id: str, amount: int) -> None:
        credits.change(self.house, actor=None, user_id=user_id, amount=amount, reason="a test")

    def ask(self, caller: Caller, wanted: GenerationRequest) -> GenerationView:
        """One generation, asked for a millisecond after the last: ids sort as they were made."""
        self.clock.turn(timedelta(milliseconds=1))
        return generations.request(self.house, caller, [wanted]).views[0]

    def see(self, generation_id: str) -> GenerationView:
        """A generation as it stands, deleted or not."""
        with self.house.begin() as work:
            return endings._view(work, generation_id)

    def told(self, caller: Caller) -> tuple[Event, ...]:
        """Everything that a person's panels have heard."""
        until_told(self.url)
        return events.read(self.house, caller, Place())

    def receipt(self, caller: Caller, generation_id: str) -> Receipt:
        return receipts.receipt(self.house, caller, generation_id)

    def step(self, subject_id: str) -> bool:
        """One step of one row, as a worker takes it."""
        return steps.advance(self.runtime, subject_id)

    def due(self) -> list[str]:
        """The rows a worker could take now."""
        found = self.rows(
            "SELECT subject_id FROM work WHERE next_at <= :now AND (lease IS NULL OR lease_until < :now)"
            " ORDER BY next_at, subject_id",
            now=self.clock.moment,
        )
        return [subject_id for (subject_id,) in found]

    def work_off(self, kinds: tuple[str, ...] = ("gen_", "take_", "evl_")) -> None:
        """Take every due step of these rows, and those that follow at once; no pixels are made."""
        for _ in range(200):
            due = [subject_id for subject_id in self.due() if subject_id.startswith(kinds)]
            taken = [subject_id for subject_id in due if self.step(subject_id)]
            if not taken:
                return
        raise AssertionError(f"work never ends: {self.due()}")

    def finish(self, view: GenerationView) -> GenerationView:
        """Step until a generation has ended, turning the clock where it waits."""
        for _ in range(100):
            self.work_off()
            found = self.see(view.generation.id)
            if found.generation.state in GENERATION.terminal:
                return found
            self.clock.turn(timedelta(seconds=5))
        raise AssertionError(f"it never ends: {found}")

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.house.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        """The one figure a query finds."""
        ((found,),) = self.rows(query, **values)
        return found

    def count(self, table: str) -> int:
        return int(self.one(f"SELECT count(*) FROM {table}"))

    def everything(self) -> dict[str, str | None]:
        """A fingerprint of every row of every table: equal before and after means nothing was left behind."""
        tables = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        digest = "SELECT '{0}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {0} t"
        return dict(self.rows(" UNION ALL ".join(digest.format(table) for (table,) in tables)))

    def balance(self, caller: Caller) -> tuple[int, int]:
        """What a person can spend, and what is set aside."""
        ((available, held),) = self.rows(
            "SELECT available, held FROM accounts WHERE owner_id = :id", id=caller.user_id
        )
        return available, held

    def drafts_used(self, caller: Caller) -> int:
        return sum(
            used
            for (used,) in self.rows("SELECT used FROM draft_days WHERE owner_id = :id", id=caller.user_id)
        )

    def under_way(self, caller: Caller) -> tuple[int, int]:
        """How many generations of a person are unfinished, and how many of those run."""
        ((unfinished, running),) = self.rows(
            "SELECT unfinished, running FROM users WHERE id = :id", id=caller.user_id
        )
        return unfinished, running


@contextmanager
def studio_on(
    url: str, folder: Path, *, pool_size: int | None = None, hints: Hints | None = None
) -> Iterator[Studio]:
    """A studio on a migrated database; with a pool of its own where it says how large."""
    clock, overheard, upstream = TurnedClock(), Overheard(), Upstream()
    engine = open_engine(url, pool_size=pool_size, application="tests") if pool_size else shared_engine(url)
    house = House(
        engine=engine,
        clock=clock,
        hints=hints or overheard,
        storage=open_storage((folder / "storage").as_uri(), account=None),
        catalogue=Catalogue.load(),
        token_pepper="p" * 32,
    )
    media = MediaProcess(512, folder / "scratch")  # its child is never started: the upstream stores by itself
    runtime = Runtime(
        house=house,
        providers={upstream.name: upstream},
        media=media,
        errands=InlineErrands(),
        monotonic=lambda: 0.0,
    )
    try:
        yield Studio(house, clock, upstream, overheard, url, runtime)
    finally:
        media.close()
        if pool_size:
            engine.dispose()


def at_once(count: int, act: Any) -> list[Any]:
    """What so many threads got from the same call at the same moment: results, or the exceptions they met."""
    gate, results = threading.Barrier(count), []

    def run(number: int) -> None:
        gate.wait()
        try:
            results.append(act(number))
        except Exception as error:  # noqa: BLE001 - the test looks at what came back
            results.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == count
    return results


def keyed(caller: Caller, *, key: str = "one", fingerprint: str = "f") -> Idempotency:
    """Their request under an Idempotency-Key."""
    return Idempotency(owner_id=caller.user_id, route="route", key=key, fingerprint=fingerprint)


def with_brief(wanted: GenerationRequest, **changes: Any) -> GenerationRequest:
    """The same request with a changed brief."""
    return replace(wanted, brief=replace(wanted.brief, **changes))
