"""Starts the simulation in a process of its own: ids come from the seed there, and mutants stay there."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
_PARTS: Final = ("plugin_backend", "worker", "tests/simulation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A text in one of our files, and what a careless hand would make of it."""

    file: str
    before: str
    after: str
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The service with one of its guards taken out."""

    name: str
    changes: tuple[Change, ...]
    storm: str
    shows: str
    """What the audit must say of it, as a regular expression: to make a step fall over is not enough."""


class SimulationFailedError(Exception):
    """The simulation itself fell over."""


def simulate(
    url: str, *, seeds: range, generations: int, root: Path = ROOT, options: tuple[str, ...] = ()
) -> Iterator[dict[str, Any]]:
    """The result of each seed, as soon as it is there; the database is a migrated, empty one."""
    spelt = f"{seeds.start}-{seeds.stop - 1}"
    command = [sys.executable, "-m", "tests.simulation", url, spelt, str(generations), *options]
    with subprocess.Popen(
        command,
        cwd=root,
        env={"PYTHONHASHSEED": "0", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
        finally:
            process.terminate()
        if process.wait() > 0:
            raise SimulationFailedError(process.stderr.read()[-3000:])


@contextmanager
def planted(mutant: Mutant) -> Iterator[Path]:
    """A copy of the service with the mutant's changes, gone afterwards."""
    with TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for part in _PARTS:
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "tests" / "databases.py", copy / "tests")
        for change in mutant.changes:
            path = copy / change.file
            text = path.read_text("utf-8")
            assert text.count(change.before) == change.times, (
                f"{change.file} no longer says {change.before!r}"
            )
            path.write_text(text.replace(change.before, change.after), "utf-8")
        yield copy


def found_in(mutant: Mutant, url: str, *, seeds: range, generations: int) -> list[str]:
    """What the audit says of the first seed that it finds fault with; nothing when the mutant lives."""
    results = runs_of(mutant, url, seeds=seeds, generations=generations)
    return [violation for result in results for violation in result["violations"]]


def runs_of(mutant: Mutant, url: str, *, seeds: range, generations: int) -> list[dict[str, Any]]:
    """The results up to the first seed that the audit finds fault with, or all of them."""
    options = ("--until-caught", f"--storm={mutant.storm}")
    with planted(mutant) as root:
        return list(simulate(url, seeds=seeds, generations=generations, root=root, options=options))
