"""One run: a service, its clients, upstreams that misbehave and a monkey; then what became of everybody."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from tests.chaos.audit import Audit, audited
from tests.chaos.clients import Clients
from tests.chaos.monkey import Monkey
from tests.chaos.upstreams import misbehaving
from tests.journeys.stack import Stack

_ENDED: Final = "SELECT count(*) FROM generations WHERE finished_at IS NOT NULL"
_CREDIT: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is made of."""

    generations: int
    seed: int
    patience_seconds: float
    """How long after the last request everything may take to end."""
    every_seconds: tuple[float, float] = (4.0, 8.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it went."""

    audit: Audit
    deeds: Counter[str]
    faults: int
    states: Counter[str]
    seconds: float


def run(plan: Plan, folder: Path, *, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Start everything in a folder, break it, wait for the end, and look at the books."""
    began = time.monotonic()
    with ExitStack() as kept:
        postgres = kept.enter_context(EmbeddedPostgres(folder / "postgres"))
        valkey = kept.enter_context(EmbeddedValkey(folder / "valkey", durable=False))
        upstreams = kept.enter_context(misbehaving(seed=plan.seed))
        servers = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        wide = {"READS_PER_MINUTE": "9999999", "WRITES_PER_MINUTE": "9999999"}
        stack = kept.enter_context(Stack(folder / "data", environ={**servers, **wide, **upstreams.settings}))
        _widen(stack)
        clients = Clients(stack.newcomer("chaos", plan="studio", credit=_CREDIT), plan.generations, plan.seed)
        monkey = Monkey(
            kill=lambda role, number: _kill_one(stack, role, number),
            valkey=valkey,
            postgres=postgres,
            progress=lambda: _ended(stack) / plan.generations,
            seed=plan.seed,
            every_seconds=plan.every_seconds,
        )
        _live_through(plan, stack, clients, monkey, tell=tell)
        return Outcome(
            audit=audited(stack, clients, upstreams),
            deeds=monkey.deeds,
            faults=upstreams.struck(),
            states=Counter(dict(stack.query("SELECT state, count(*) FROM generations GROUP BY state"))),
            seconds=time.monotonic() - began,
        )


def _live_through(
    plan: Plan,
    stack: Stack,
    clients: Clients,
    monkey: Monkey,
    *,
    tell: Callable[[str], None],
) -> None:
    asking = threading.Thread(target=clients.run)
    breaking = threading.Thread(target=monkey.run)
    asking.start()
    breaking.start()
    deadline = None
    while (ended := _ended(stack)) < plan.generations:
        tell(f"{ended:>5} of {plan.generations} ended, {sum(monkey.deeds.values())} deeds")
        if deadline is None and not asking.is_alive():
            deadline = time.monotonic() + plan.patience_seconds
        if deadline is not None and time.monotonic() > deadline:
            break
        time.sleep(2)
    monkey.stop()
    breaking.join()
    asking.join()


def _kill_one(stack: Stack, role: str, number: signal.Signals) -> None:
    """One process of a role, or the whole web door."""
    if role == "web":
        stack.kill("web", number)
        return
    found = stack.processes(role)
    if found:
        found[0].send_signal(number)


def _ended(stack: Stack) -> int:
    """How many generations have ended; while PostgreSQL is away nobody can say."""
    try:
        (row,) = stack.query(_ENDED)
    except Exception:  # noqa: BLE001 - it is being restarted under us
        return 0
    count: int = row[0]
    return count


def _widen(stack: Stack) -> None:
    """A plan that no run meets the limits of."""
    stack.query(
        "UPDATE plans SET drafts_per_day = 100000, max_unfinished = 100000, max_concurrent = 10000"
        " WHERE id = 'studio' RETURNING id"
    )
