"""A release while people work: the code before it goes on serving on the schema after it."""

import subprocess
import sys
import tarfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from plugin_backend.db import migrate
from tests.databases import connect
from tests.house.repository import ROOT
from tests.production.crowd import Crowd
from tests.production.procfile import Formation, on_path, release
from tests.production.site import Site, a_site

_RELEASED = "0009"
"""The schema of the last release; the code of it is found in the history."""

_VERSIONS = "plugin_backend/db/migrations/versions"
_SEED = (
    "from plugin_backend.config import Settings\n"
    "from plugin_backend.services.development import seed_development\n"  # where it lay in that release
    "print(seed_development(Settings.from_environ()).user_key)"
)
_UNBALANCED = (
    "SELECT a.id FROM accounts a LEFT JOIN ledger_entries l ON l.account_id = a.id GROUP BY a.id"
    " HAVING a.available <> coalesce(sum(l.available_delta), 0) OR a.held <> coalesce(sum(l.held_delta), 0)"
)
_SHIPPED = ("plugin_backend", "worker", "manifests", "Procfile")
_SERVING = ("web", "worker", "clock")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_migrations_run_under_load_and_both_releases_serve_afterwards(tmp_path: Path) -> None:
    if _git("rev-parse", "--is-shallow-repository").strip() == "true":
        pytest.skip("The code before is in the history, which this copy lacks: git fetch --unshallow.")
    before = _code_at(_RELEASED, tmp_path)
    with a_site(tmp_path) as site:
        environ = on_path(site.environ, tree=before)
        release(environ, tree=before)
        assert migrate.current(site.postgres_url) == _RELEASED
        key = _seeded(site, environ, tree=before)
        with ExitStack() as longer, Formation(environ, tmp_path / "old", before, names=_SERVING) as old:
            old.until_answering("/healthz")
            with Crowd((old.url,), key, people=4) as crowd:
                crowd.until_answered(50)
                release(site.environ)
                crowd.until_answered(50)
                new = longer.enter_context(Formation(site.environ, tmp_path / "new", names=("web",)))
                new.until_answering()
                crowd.doors = (old.url, new.url)
                crowd.until_answered(50)
                crowd.doors = (new.url,)
                crowd.until_answered(20)

        assert crowd.failed == []
        assert len(crowd.accepted) == crowd.drafts
        assert migrate.current(site.postgres_url) == migrate.head()
        with connect(site.postgres_url) as connection:
            assert connection.execute(_UNBALANCED).fetchall() == []


def _code_at(revision: str, folder: Path) -> Path:
    """The tree of the last commit whose newest migration is this one."""
    versions = (ROOT / _VERSIONS).glob("[0-9]*.py")
    later = sorted(f"{_VERSIONS}/{path.name}" for path in versions if path.name[:4] > revision)
    added = _git("log", "--reverse", "--diff-filter=A", "--no-renames", "--format=%H", "--", *later)
    commit = f"{added.split()[0]}^"
    tree, packed = folder / "before", folder / "before.tar"
    _git("archive", "--output", str(packed), commit, "--", *_SHIPPED)
    with tarfile.open(packed) as archive:
        archive.extractall(tree, filter="data")
    return tree


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _seeded(site: Site, environ: dict[str, str], *, tree: Path) -> str:
    with connect(site.postgres_url) as connection:
        connection.execute("UPDATE plans SET drafts_per_day = 100000, max_unfinished = 100000")
    done = subprocess.run(
        [sys.executable, "-c", _SEED], env=environ, cwd=tree, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
