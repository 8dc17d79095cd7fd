"""One run: a service, its clients, upstreams that misbehave and a monkey; then what became of everybody."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import psycopg

from plugin_backend.config import Settings, inherited_environ
from plugin_backend.db.migrate import upgrade
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.postgres import EmbeddedPostgres
from plugin_backend.embedded.valkey import EmbeddedValkey
from plugin_backend.services.running.development import seed_development
from tests.chaos.audit import Audit, audited
from tests.chaos.breaking import Breaker, Ground
from tests.chaos.clients import Clients
from tests.chaos.monkey import Monkey
from tests.chaos.platform import Formation, Platform
from tests.chaos.upstreams import Upstreams, misbehaving
from tests.databases import connect
from tests.fakes.serving import free_port
from tests.journeys.people import Person

_ENDED: Final = (
    "SELECT count(*) FILTER (WHERE finished_at IS NOT NULL AND recovered_from IS NULL),"
    " count(*) FILTER (WHERE finished_at IS NULL) FROM generations"
)
_CREDIT: Final = 1_000_000
_READY_SECONDS: Final = 90.0
_LOOK_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run is made of."""

    generations: int
    seed: int
    asking_seconds: float
    """How long the clients take to ask for all of them."""
    patience_seconds: float
    """How long after that everything may take to end."""
    storm_seconds: float
    """How long things break, unless everything has ended before."""
    every: tuple[float, float]
    """How many generations end from one deed of the monkey to the next, at least and at most."""
    formation: Formation = field(default_factory=Formation)
    faults: float = 0.2
    """The share of requests to the upstreams that go wrong."""
    breaker: Callable[["Plan", Ground], Breaker] = field(default_factory=lambda: a_monkey)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How it went."""

    audit: Audit
    deeds: Counter[str]
    started: Counter[str]
    """Processes, by kind."""
    faults: Counter[str]
    clients: Counter[str]
    states: Counter[str]
    seconds: float
    """From the first request to the end of the last generation."""


@dataclass(frozen=True, slots=True)
class _World:
    """What one run happens in."""

    database_url: str
    operator: Person
    clients: Clients
    upstreams: Upstreams
    platform: Platform
    breaker: Breaker

    def query(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Rows of the service's database."""
        return _rows(self.database_url, statement)


def run(plan: Plan, folder: Path, *, tell: Callable[[str], None] = lambda _: None) -> Outcome:
    """Start everything in a folder, break it, wait for the end, and look at the books."""
    with ExitStack() as kept:
        world = _world(plan, folder, kept)
        began = time.monotonic()
        _live_through(plan, world, tell=tell)
        took = time.monotonic() - began
        _wait_until_ready(world.operator)
        states = world.query("SELECT state, count(*) FROM generations GROUP BY state")
        return Outcome(
            audit=audited(world.query, world.operator, world.clients, world.upstreams),
            deeds=world.breaker.deeds,
            started=world.platform.started,
            faults=world.upstreams.struck(),
            clients=world.clients.did,
            states=Counter(dict(states)),
            seconds=took,
        )


def _world(plan: Plan, folder: Path, kept: ExitStack) -> _World:
    data = DataFolder(folder / "data")
    kept.enter_context(data.claimed())
    postgres = kept.enter_context(EmbeddedPostgres(folder / "postgres"))
    valkey = kept.enter_context(EmbeddedValkey(folder / "valkey", durable=False))
    upstreams = kept.enter_context(misbehaving(seed=plan.seed, share=plan.faults))
    servers = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
    wide = {"READS_PER_MINUTE": "9999999", "WRITES_PER_MINUTE": "9999999"}
    given = {**inherited_environ(), **servers, **wide, **upstreams.settings}
    environ = data.environ(given, port=free_port())
    settings = Settings.from_environ(environ)
    upgrade(settings.database_url)
    keys = seed_development(settings)
    _widen(settings.database_url)
    platform = kept.enter_context(Platform(plan.formation, environ, data.logs))
    door = f"http://127.0.0.1:{settings.port}"
    http = kept.enter_context(httpx.Client(base_url=door, timeout=30, trust_env=False))
    operator = Person(http, keys.admin_key)
    _wait_until_ready(operator)
    clients = Clients(_editor(operator, http), plan.generations, plan.seed, plan.asking_seconds)
    ground = Ground(
        platform=platform,
        valkey=valkey,
        postgres=postgres,
        done=lambda: _ended(settings.database_url)[0] / plan.generations,
    )
    return _World(settings.database_url, operator, clients, upstreams, platform, plan.breaker(plan, ground))


def a_monkey(plan: Plan, ground: Ground) -> Breaker:
    """Whose deeds come with the work that is done."""
    return Monkey(
        kill=ground.platform.kill,
        valkey=ground.valkey,
        postgres=ground.postgres,
        done=ground.done,
        seed=plan.seed,
        storm_seconds=plan.storm_seconds,
        every=(plan.every[0] / plan.generations, plan.every[1] / plan.generations),
    )


def _live_through(plan: Plan, world: _World, *, tell: Callable[[str], None]) -> None:
    asking = threading.Thread(target=world.clients.run)
    breaking = threading.Thread(target=world.breaker.run)
    asking.start()
    breaking.start()
    try:
        _watch(plan, world, [asking, breaking], tell=tell)
    finally:
        world.breaker.stop()
        world.clients.stop()
        breaking.join()
        asking.join()


def _watch(
    plan: Plan, world: _World, busy: Sequence[threading.Thread], *, tell: Callable[[str], None]
) -> None:
    """Returns when everything has ended, or patience has."""
    began = time.monotonic()
    until = began + plan.asking_seconds + plan.patience_seconds
    while time.monotonic() < until:
        ended, open_ones = _ended(world.database_url)
        if ended == plan.generations and not open_ones and not any(each.is_alive() for each in busy):
            return
        deeds = world.breaker.deeds.total()
        tell(f"{time.monotonic() - began:5.0f} s: {ended:>5} ended, {open_ones:>4} under way, {deeds} deeds")
        time.sleep(_LOOK_SECONDS)


def _ended(database_url: str) -> tuple[int, int]:
    """How many generations have ended, and how many go on; while PostgreSQL is away nobody can say."""
    try:
        ((ended, open_ones),) = _rows(database_url, _ENDED)
    except psycopg.Error:  # it is being restarted under us
        return 0, 1
    return ended, open_ones


def _rows(database_url: str, statement: str) -> Sequence[tuple[Any, ...]]:
    with connect(database_url) as connection:
        return connection.execute(statement.encode()).fetchall()


def _wait_until_ready(operator: Person) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        try:
            if operator.send("GET", "/readyz").is_success:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.2)
    raise AssertionError("the web door does not answer")


def _editor(operator: Person, http: httpx.Client) -> Person:
    """Somebody with credit enough."""
    made = operator.ok("POST", "/v1/admin/users", {"email": "chaos@example.com", "plan": "studio"})
    wanted = {"name": "chaos", "scopes": ["read", "generate"], "user_id": made["id"]}
    key = operator.ok("POST", "/v1/api-keys", wanted)["key"]
    grant = {"amount": _CREDIT, "reason": "A start"}
    operator.ok("POST", f"/v1/admin/users/{made['id']}/credits", grant)
    return Person(http, key, id=made["id"])


def _widen(database_url: str) -> None:
    """A plan that no run meets the limits of."""
    with connect(database_url) as connection:
        connection.execute(
            "UPDATE plans SET drafts_per_day = 100000, max_unfinished = 100000, max_concurrent = 10000"
            " WHERE id = 'studio'"
        )
