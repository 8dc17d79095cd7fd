"""What a year of a large service costs a reader: 10,000 people, a million generations, ten million entries.

    python -m bench.scale [--data /tmp/scale] [--part 1.0] [--asked 20] [--plans-only] [--seed-only]

Seeds a folder's own PostgreSQL once (ten minutes or so), then asks one web process for every GET of the
contract, and every page of /admin, again and again: as an operator, as the administrator of a workspace of
five hundred people, and as its busiest editor. Beside the listings stands the floor: a bare SELECT of the
same rows. Every statement that is sent on the way is explained with its own values, and its plan is searched
for reading a large table from one end to the other.
"""

import argparse
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psycopg

from bench.scale_reading import PASSWORD, Asked, People, browsers, floor, scans, statements_of, timed, web
from bench.scale_seed import Size, seed
from bench.stack import free_port, surroundings, verdict
from plugin_backend.app import create_app
from plugin_backend.config import Settings, inherited_environ
from plugin_backend.db.migrate import upgrade
from plugin_backend.domain.callers import Scope
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.servers import EmbeddedServers
from plugin_backend.services import usage
from plugin_backend.services.house import House
from plugin_backend.services.keeping.tidying import unbalanced_accounts
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import api_keys, passwords
from plugin_backend.services.people.api_keys import NewKey

TARGET_MS = 150.0
LARGE = frozenset(
    (
        "generations",
        "takes",
        "ledger_entries",
        "events",
        "audit_entries",
        "audit_seals",
        "trace_notes",
        "attempts",
        "assets",
        "users",
        "deliveries",
        "draft_days",
        "usage_days",
    )
)
_NOT_LISTED = re.compile(r"^/(files|static|healthz|metrics|readyz|\.well-known)|/hooks|/events$|/sequences/")


def main() -> None:
    options = _options()
    with _servers(options.data) as (settings, environ):
        if not (options.data / "seeded").exists():
            _fill(settings, Size(options.part))
            (options.data / "seeded").write_text(str(options.part))
        if options.seed_only:
            return
        people = _people(settings)
        asked = [*_listings(settings), *_pages()]
        if not options.plans_only:
            with web(settings, environ) as base, browsers(base, people) as clients:
                _time(settings, clients, asked, times=options.asked)
        found = statements_of(settings, people, asked)
        scanned = scans(_plain(settings), found, LARGE)
        print(f"\n{len(found)} statements, of which {len(scanned)} read a large table whole")
        for line in scanned:
            print(f"  {line}")


def _time(
    settings: Settings,
    clients: Mapping[tuple[str, bool], httpx.Client],
    asked: Sequence[Asked],
    *,
    times: int,
) -> None:
    print(surroundings())
    print(f"{'p50':>8} {'p95':>8} {'floor':>8} ms {'status':>7} {'KiB':>6}")
    slow = []
    for each in asked:
        took = timed(clients[each.who, each.is_page], each.path, times=times)
        bare = _FLOORS.get(each.path)
        lowest = "" if bare is None else f"{floor(_plain(settings), bare, times=times):.1f}"
        if took.p95 > TARGET_MS:
            slow.append(each.path)
        line = f"{took.p50:8.1f} {took.p95:8.1f} {lowest:>8}    {took.status:>7} {took.size / 1024:6.0f}"
        print(f"{line}  {each.who}{chr(39) + 's browser' if each.is_page else ''} {each.path}", flush=True)
    print(f"{verdict(met=not slow)}: {len(slow)} of {len(asked)} over {TARGET_MS:.0f} ms at p95 {slow}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("/tmp/scale"))  # noqa: S108 - kept for another run
    parser.add_argument("--part", type=float, default=1.0)
    parser.add_argument("--asked", type=int, default=20)
    parser.add_argument("--plans-only", action="store_true")
    parser.add_argument("--seed-only", action="store_true")
    return parser.parse_args()


@contextmanager
def _servers(data: Path) -> Iterator[tuple[Settings, Mapping[str, str]]]:
    with ExitStack() as kept:
        folder = DataFolder(data)
        kept.enter_context(folder.claimed())
        given = inherited_environ()
        servers = kept.enter_context(EmbeddedServers(folder, given))
        plenty = {"READS_PER_MINUTE": "9999999", "WRITES_PER_MINUTE": "9999999", "WEB_CONCURRENCY": "1"}
        many = {"SIGN_IN_FAILURES": "9999999", "LOG_FORMAT": "json"}
        environ = folder.environ({**given, **plenty, **many, **servers.environ()}, port=free_port())
        settings = Settings.from_environ(environ)
        began = time.monotonic()
        upgrade(settings.database_url)
        print(f"migrations {time.monotonic() - began:.1f} s", flush=True)
        yield settings, environ


def _fill(settings: Settings, size: Size) -> None:
    seed(settings.database_url, size)
    house = open_house(settings, pool_size=1, application="bench")
    for name, act in (("usage rebuild", usage.rebuild), ("again", usage.rebuild), ("books", _books)):
        began = time.monotonic()
        print(f"{name:<16} {act(house):>12,} found {time.monotonic() - began:7.1f} s", flush=True)
    house.engine.dispose()
    with psycopg.connect(_plain(settings), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _books(house: House) -> int:
    return len(unbalanced_accounts(house))


def _people(settings: Settings) -> People:
    """The operator, the administrator of the largest workspace, and its busiest editor."""
    numbers = {"operator": 7, "admin": 20, "editor": 1}
    ids = {who: f"usr_{number:026}" for who, number in numbers.items()}
    with psycopg.connect(_plain(settings), autocommit=True) as connection:
        connection.execute("UPDATE users SET is_operator = true WHERE id = %s", [ids["operator"]])
        emails = {
            who: _one(connection, "SELECT email FROM users WHERE id = %s", [user_id])
            for who, user_id in ids.items()
        }
    house = open_house(settings, pool_size=1, application="bench")
    tokens = {}
    for who, user_id in ids.items():
        scopes = frozenset(Scope) if who != "editor" else frozenset((Scope.READ, Scope.GENERATE))
        key = NewKey(name="bench", scopes=scopes, user_id=user_id)
        tokens[who] = api_keys.create(house, actor=None, key=key).token
        passwords.set_by_operator(house, emails[who], PASSWORD)
    house.engine.dispose()
    return People(tokens, emails)


def _listings(settings: Settings) -> list[Asked]:
    """Every GET of the contract, its ids filled in; some with what people add to them."""
    app = create_app(settings)
    rules = sorted({str(rule) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())})
    paths = [rule for rule in rules if rule.startswith("/v1/") and not _NOT_LISTED.search(rule)]
    found = []
    for path in paths:
        who = "operator" if "/admin/" in path else "editor"
        who = "admin" if path.startswith(("/v1/workspace", "/v1/api-keys")) else who
        filled = _filled(settings, path)
        if filled is not None:
            found.append(Asked(who, filled))
    return [*found, *_VARIANTS]


_WORKSPACE = f"wsp_{0:026}"
_LATEST = "SELECT * FROM {} ORDER BY id DESC LIMIT 50"
_OF_WORKSPACE = f"SELECT * FROM {{}} WHERE workspace_id = '{_WORKSPACE}' ORDER BY id DESC LIMIT 50"
_FLOORS = {
    "/v1/generations": _OF_WORKSPACE.format("generations"),
    "/v1/assets": _OF_WORKSPACE.format("assets"),
    "/v1/projects": _OF_WORKSPACE.format("projects"),
    "/v1/me/ledger": f"SELECT * FROM ledger_entries WHERE account_id = 'acc_{1:026}'"
    " ORDER BY number DESC LIMIT 50",
    "/v1/admin/generations": _LATEST.format("generations"),
    "/v1/admin/users": _LATEST.format("users"),
    "/v1/admin/audit": _LATEST.format("audit_entries"),
    "/v1/admin/exposures": "SELECT * FROM attempts WHERE exposed ORDER BY id DESC LIMIT 50",
    "/v1/admin/usage": "SELECT day, sum(generations) FROM usage_totals"
    " WHERE day > now() - interval '31 days' GROUP BY 1",
    "/v1/admin/usage?group_by=user": "SELECT owner_id, sum(generations) FROM usage_days"
    " WHERE day > now() - interval '31 days' GROUP BY 1 ORDER BY 2 DESC LIMIT 1000",
}
_VARIANTS = [
    Asked("editor", "/v1/generations?q=misty+for"),
    Asked("editor", "/v1/generations?q=nothing+like+it"),
    Asked("editor", "/v1/generations?state=unfinished"),
    Asked("editor", "/v1/generations?kind=master&state=failed"),
    Asked("editor", f"/v1/generations?project_id=prj_{1:026}"),
    Asked("editor", "/v1/generations?model=veo"),
    Asked("editor", "/v1/me/usage?group_by=shot,day&from=2020-01-01"),
    Asked("operator", "/v1/admin/generations?state=failed"),
    Asked("operator", "/v1/admin/generations?q=harbour"),
    Asked("operator", "/v1/admin/generations?q=take+999"),
    Asked("operator", "/v1/admin/users?q=person99"),
    Asked("operator", "/v1/admin/users?q=nobody-has-this"),
    Asked("operator", f"/v1/admin/audit?subject_id=usr_{1:026}"),
    Asked("operator", "/v1/admin/usage?group_by=day&from=2020-01-01"),
    Asked("operator", "/v1/admin/usage?group_by=day,model&from=2020-01-01"),
    Asked("operator", "/v1/admin/usage?group_by=user"),
    Asked("operator", "/v1/admin/usage?group_by=project"),
    Asked("operator", "/v1/admin/usage?group_by=shot&limit=100"),
    Asked("operator", "/v1/admin/exposures?state=all"),
    Asked("admin", "/v1/admin/usage?group_by=user&from=2020-01-01"),
    Asked("admin", "/v1/workspace/usage?group_by=day,model&from=2020-01-01"),
    Asked("admin", "/v1/admin/users"),
    Asked("admin", "/v1/admin/generations?q=desert"),
    Asked("admin", "/v1/admin/audit"),
    Asked("admin", "/v1/admin/exposures"),
]


def _pages() -> list[Asked]:
    """What a browser shows; a person's page and the failures are the heaviest."""
    person = f"usr_{1:026}"
    names = ["", "/users", "/users?q=person99", f"/users/{person}", "/queues", "/failures", "/exposures"]
    more = ["/usage", "/usage?group_by=model", "/usage?group_by=user", "/audit"]
    return [
        Asked(who, f"/admin{name}", is_page=True) for who in ("operator", "admin") for name in names + more
    ]


def _filled(settings: Settings, rule: str) -> str | None:
    """A rule with ids of rows there are; None where there is none to look at."""
    mine = f"WHERE owner_id = 'usr_{1:026}'"
    queries = {
        "user_id": f"SELECT 'usr_{1:026}'",
        "workspace_id": f"SELECT '{_WORKSPACE}'",
        "plan_id": "SELECT 'pro'",
        "generation_id": f"SELECT max(id) FROM generations {mine} AND state = 'ready'",
        "take_id": f"SELECT max(id) FROM takes {mine} AND state = 'stored'",
        "asset_id": f"SELECT max(id) FROM assets WHERE workspace_id = '{_WORKSPACE}'",
        "delivery_id": f"SELECT max(id) FROM deliveries WHERE workspace_id = '{_WORKSPACE}'",
        "project_id": f"SELECT 'prj_{1:026}'",
    }
    path = rule
    with psycopg.connect(_plain(settings)) as connection:
        for name in re.findall(r"<(?:\w+:)?(\w+)>", rule):
            value = None if name not in queries else _one(connection, queries[name])
            if value is None:
                return None
            path = re.sub(rf"<(\w+:)?{name}>", value, path)
    return path


def _one(connection: psycopg.Connection, statement: str, values: Sequence[str] = ()) -> str:
    row = connection.execute(statement.encode(), values or None).fetchone()
    assert row is not None
    found: str = row[0]
    return found


def _plain(settings: Settings) -> str:
    return settings.database_url.replace("+psycopg", "", 1)


if __name__ == "__main__":
    main()
