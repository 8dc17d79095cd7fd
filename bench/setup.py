"""What a fresh machine pays: a clone, `make demo`, then `make test-fast`; minutes and megabytes.

    python -m bench.setup --cold [--all-tests]

It installs everything again from the package index and keeps both cores busy for many minutes, so without
`--cold` it only says so. The floor is one `pip install` of the same pinned requirements into a bare venv.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.stack import surroundings

_ROOT = Path(__file__).parent.parent
_MB = 1 << 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--all-tests", action="store_true")
    options = parser.parse_args()
    if not options.cold:
        print("not run: it installs everything anew; python -m bench.setup --cold does it")
        return
    print(surroundings())
    with tempfile.TemporaryDirectory(prefix="bench-setup-") as folder:
        bare, fresh = Path(folder) / "bare", Path(folder) / "fresh"
        floor = timed("floor: venv and pip install", install_commands(bare))
        subprocess.run(["git", "clone", "--quiet", str(_ROOT), str(fresh)], check=True)
        demo = timed("make demo, cold", [["make", "demo"]], cwd=fresh)
        tests = "test" if options.all_tests else "test-fast"
        timed(f"make {tests}, after it", [["make", tests]], cwd=fresh)
        print(f"cold demo: {demo / floor:.2f} of the floor's time")
        for path in (fresh / ".venv", fresh / "demo-output"):
            print(f"{path.name}: {megabytes(path):.0f} MB")
    print(f"after: {surroundings()}")


def install_commands(folder: Path) -> list[list[str]]:
    """What `make` does to install, without make."""
    pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    locked = str(_ROOT / "requirements-embedded.lock")
    return [[sys.executable, "-m", "venv", str(folder)], [*pip, "--only-binary", ":all:", "-r", locked]]


def timed(what: str, commands: list[list[str]], *, cwd: Path | None = None) -> float:
    """Seconds that some commands take; their last words when one of them fails."""
    began = time.perf_counter()
    for command in commands:
        done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
    took = time.perf_counter() - began
    print(f"{what}: {took / 60:.1f} min", flush=True)
    return took


def megabytes(folder: Path) -> float:
    """The files below a folder, each once."""
    files = {(each.stat().st_ino, each.stat().st_size) for each in folder.rglob("*") if each.is_file()}
    return sum(size for _, size in files) / _MB


if __name__ == "__main__":
    main()
