"""What must be true when all has settled: from the books, the journal and the provider's own count.

What must not happen even for a moment (a POST accepted twice, a row claimed by two) is complained of when it
does, in `World.complaints`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, text

from plugin_backend.domain.lifecycle import DELIVERY, GENERATION, TAKE, Lifecycle
from plugin_backend.files.storage import Storage
from plugin_backend.services.house import House
from tests.simulation import providers
from tests.simulation.clients import Clients
from tests.simulation.jobs import Upstream

_EMPTY: Final = {
    "rows of work are left": "SELECT subject_id FROM work",
    "attempts are open": "SELECT id FROM attempts WHERE state IN ('intent', 'accepted')",
    "renders wait for ever": "SELECT id FROM renders WHERE state = 'wanted'",
    "people run or wait for something that has ended": (
        "SELECT id FROM users WHERE running <> 0 OR unfinished <> 0"
    ),
    "balances differ from their entries": (
        "SELECT a.id FROM accounts a LEFT JOIN ledger_entries e ON e.account_id = a.id GROUP BY a.id"
        " HAVING a.available <> coalesce(sum(e.available_delta), 0)"
        " OR a.held <> coalesce(sum(e.held_delta), 0)"
    ),
    "credits are held for nothing": "SELECT id FROM accounts WHERE held <> 0",
    "holds did not end exactly once": (
        "SELECT g.id FROM generations g LEFT JOIN ledger_entries e ON e.generation_id = g.id"
        " GROUP BY g.id HAVING count(*) FILTER (WHERE e.kind = 'hold') <> (g.credits_held > 0)::int"
        " OR count(*) FILTER (WHERE e.kind = 'settle') <> (g.credits_held > 0)::int"
    ),
    "settled amounts are not those of the charged takes": (
        "SELECT g.id FROM generations g LEFT JOIN takes t ON t.generation_id = g.id AND t.charged"
        " GROUP BY g.id HAVING g.credits_settled <> coalesce(sum(t.credits), 0)"
        " OR g.draft_units_used <> least(count(t.id), g.draft_units)"
    ),
    "ledger and generation disagree on the cost": (
        "SELECT g.id FROM generations g JOIN ledger_entries e ON e.generation_id = g.id"
        " WHERE e.kind = 'settle' AND -e.held_delta - e.available_delta <> g.credits_settled"
    ),
    "draft days differ from the units used": (
        "SELECT d.owner_id FROM draft_days d LEFT JOIN generations g"
        " ON g.owner_id = d.owner_id AND g.draft_day = d.day"
        " GROUP BY d.owner_id, d.day, d.used HAVING d.used <> coalesce(sum(g.draft_units_used), 0)"
    ),
    "takes of ended generations go on": (
        "SELECT id FROM takes WHERE state IN ('wanted','submitted','rendered')"
    ),
    "stored takes are not charged": "SELECT id FROM takes WHERE state = 'stored' AND NOT charged",
    "takes are charged that are neither stored nor cancelled": (
        "SELECT id FROM takes WHERE charged AND state NOT IN ('stored', 'cancelled')"
    ),
    "charged takes cost other than their POSTs": (
        "SELECT t.id FROM takes t JOIN generations g ON g.id = t.generation_id JOIN attempts a"
        " ON a.take_id = t.id AND a.state = 'closed' AND a.billed IS DISTINCT FROM false"
        " WHERE t.charged AND t.provider <> 'animatic' AND g.recovered_from IS NULL"
        " GROUP BY t.id, t.credits HAVING t.credits <> sum(a.credits_at_risk)"
    ),
    "recovered generations cost something": (
        "SELECT id FROM generations WHERE recovered_from IS NOT NULL"
        " AND (credits_held, credits_settled, draft_units_used) <> (0, 0, 0)"
    ),
    "takes went to another model that could exist on the first": (
        "SELECT t.id FROM takes t JOIN attempts a ON a.take_id = t.id"
        " WHERE t.choice > 0 AND a.model <> t.model AND a.state NOT IN ('refused', 'lost')"
    ),
    "generations tried more often than was asked for": (
        "SELECT g.id FROM generations g LEFT JOIN takes t ON t.generation_id = g.id GROUP BY g.id"
        " HAVING g.iteration > g.max_iterations OR count(t.id) > g.takes_wanted * (1 + g.iteration)"
    ),
    "tries were told nothing": (
        "SELECT t.id FROM takes t JOIN generations g ON g.id = t.generation_id"
        " LEFT JOIN directions d ON d.generation_id = g.id AND d.iteration = t.iteration"
        " WHERE d.generation_id IS NULL AND t.state = 'stored' AND g.recovered_from IS NULL"
    ),
    "stored takes were never looked at": (
        "SELECT t.id FROM takes t LEFT JOIN evaluations e ON e.take_id = t.id"
        " WHERE t.state = 'stored' AND e.done_at IS NULL"
    ),
    "orders still stand though their generation has ended": (
        "SELECT id FROM generations WHERE state = 'ready' AND standing_order IS NOT NULL"
    ),
    "ready deliveries have no files": (
        "SELECT d.id FROM deliveries d LEFT JOIN delivery_files f ON f.delivery_id = d.id"
        " WHERE d.state = 'ready' GROUP BY d.id HAVING count(f.name) = 0"
    ),
}


def audit(
    house: House, *, clients: Clients, upstreams: Sequence[Upstream], storage: Storage, now: float
) -> list[str]:
    """Every violation, in words; none is what it should be."""
    found: list[str] = []
    with house.engine.connect() as connection:
        for complaint, query in _EMPTY.items():
            ordered = text(f"SELECT * FROM ({query}) AS found ORDER BY 1")
            rows = connection.execute(ordered).scalars().all()
            if rows:
                found.append(f"{len(rows)} {complaint}, such as {rows[0]}")
        found += _lost(connection, clients)
        found += _histories(connection)
        found += _crowded(connection, clients)
        found += providers.audit(connection, upstreams, now=now)
        found += _renders(connection)
        found += _leftovers(connection, storage)
    return found + providers.audit_exposures(house, upstreams, now=now)


def _lost(connection: Connection, clients: Clients) -> list[str]:
    """Every generation a client was told of is there, and every one that is there has ended."""
    rows = connection.execute(text("SELECT id, state FROM generations"))
    states: dict[str, str] = {row.id: row.state for row in rows}
    known = [generation_id for ids in clients.answers.values() for generation_id in ids]
    missing = [each for each in known if each not in states]
    open_ones = [each for each, state in states.items() if state not in GENERATION.terminal]
    found = [f"{len(missing)} accepted generations are not there, such as {missing[0]}"] if missing else []
    if open_ones:
        found.append(f"{len(open_ones)} generations never ended, such as {open_ones[0]}")
    return found


def _histories(connection: Connection) -> list[str]:
    """The journal tells of nothing the tables do not have, and of one end for each."""
    told: dict[str, list[str]] = defaultdict(list)
    kinds: dict[str, str] = {}
    for kind, subject in connection.execute(text("SELECT type, subject_id FROM events ORDER BY id")):
        what, _, state = kind.partition(".")
        told[subject].append(state)
        kinds[subject] = what
    tables: Mapping[str, Lifecycle[Any, Any]] = {"generation": GENERATION, "take": TAKE, "delivery": DELIVERY}
    found = []
    for subject, states in told.items():
        lifecycle = tables.get(kinds[subject])
        if lifecycle is None:
            continue
        path = [state for state in states if state in set(lifecycle.moves)]
        path = path if path[:1] == [lifecycle.start] else [lifecycle.start, *path]
        steps = pairwise(path)
        if not all(_leads(lifecycle, before, after) for before, after in steps):
            found.append(f"{subject} went {' -> '.join(path)}")
        elif path[-1] not in lifecycle.terminal:
            found.append(f"{subject} never ended: {' -> '.join(path)}")
    return found


def _leads(lifecycle: Lifecycle[Any, Any], before: str, after: str) -> bool:
    return any(move.to == after for move in lifecycle.moves[before].values())


def _crowded(connection: Connection, clients: Clients) -> list[str]:
    """Nobody ever ran more at once than they may; what is found late and delivered free is beside that."""
    allowed = {person.caller.user_id: person.most_at_once for person in clients.people}
    running: Counter[str] = Counter()
    placed: set[str] = set()
    paused: set[str] = set()
    found = set()
    query = (
        "SELECT type, subject_id, e.owner_id FROM events e JOIN generations g ON g.id = e.subject_id"
        " WHERE type LIKE 'generation.%' AND g.recovered_from IS NULL ORDER BY e.id"
    )
    for kind, subject, owner in connection.execute(text(query)):
        state = kind.partition(".")[2]
        takes_place = state == "generating" or (state == "planned" and subject not in paused)
        if takes_place and subject not in placed:
            placed.add(subject)
            running[owner] += 1
        elif (state == "paused" or state in GENERATION.terminal) and subject in placed:
            placed.discard(subject)
            running[owner] -= 1
        if state == "paused":  # from here it takes a place again when it goes on, not when it is resumed
            paused.add(subject)
        if running[owner] > allowed[owner]:
            found.add(f"{owner} ran {running[owner]} at once, {allowed[owner]} are allowed")
    return sorted(found)


def _renders(connection: Connection) -> list[str]:
    """Our own engine, too, renders a take once."""
    query = "SELECT subject_id FROM renders GROUP BY subject_id HAVING count(*) > 1 ORDER BY subject_id"
    return [f"{take_id} was rendered twice" for take_id in connection.execute(text(query)).scalars()]


def _leftovers(connection: Connection, storage: Storage) -> list[str]:
    """Of a deleted generation no file is left."""
    query = (
        "SELECT t.id FROM takes t JOIN generations g ON g.id = t.generation_id"
        " WHERE g.deleted_at IS NOT NULL ORDER BY t.id"
    )
    takes = connection.execute(text(query)).scalars()
    return [f"{take_id} was deleted and has files" for take_id in takes if storage.list(f"takes/{take_id}")]
