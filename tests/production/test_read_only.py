"""As in a container whose root is read-only: nothing is written beside the code or to a home."""

import os
import shlex
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.repository import ROOT
from tests.production.procfile import Formation, lines_of, on_path, release
from tests.production.site import a_site

_UNARMED = "exec setpriv --bounding-set -dac_override,-dac_read_search"
"""Without these root minds permissions, too."""


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Path]:
    """The service's code, as it cannot be written to; its processes are let do nothing about it."""
    copied = tmp_path / "tree"
    for name in ("plugin_backend", "worker", "manifests"):
        shutil.copytree(ROOT / name, copied / name, ignore=shutil.ignore_patterns("__pycache__"))
    lines = lines_of()
    if os.geteuid() == 0:
        lines = {name: line.replace("exec", _UNARMED, 1) for name, line in lines.items()}
    (copied / "Procfile").write_text("".join(f"{name}: {line}\n" for name, line in lines.items()))
    _let(copied, 0o555, 0o444)
    yield copied
    _let(copied, 0o755, 0o644)


@pytest.mark.slow
def test_it_runs_where_it_may_write_to_its_scratch_alone(tmp_path: Path, tree: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o555)
    with a_site(tmp_path, more={"HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}) as site:
        # Where we are root, the server is somebody else: who has no special right is let in there, too.
        Path(site.postgres_url.partition("?host=")[2].replace("%2F", "/")).chmod(0o711)
        environ = on_path(site.environ, tree=tree)
        release(environ, tree=tree)
        with Formation(environ, tmp_path / "logs", tree=tree, names=("web", "media")) as formation:
            formation.until_answering()
            media = formation.process("media")
            assert shlex.join(media.cmdline()).endswith("worker media")
            _until_compiled(tmp_path / "scratch" / "compiled", formation)
            assert media.is_running()
            left = formation.stop()
        said = "".join(formation.log(name).read_text() for name in formation.names)

    assert left < 30
    assert "Traceback" not in said, said[-3000:]
    assert "no locator available" not in said
    assert list(home.iterdir()) == []


def _until_compiled(folder: Path, formation: Formation) -> None:
    """The media child has come to its loops, and keeps what it compiles."""
    deadline = time.monotonic() + 120
    while not list(folder.glob("**/*.nbi")):
        assert time.monotonic() < deadline, formation.log("media").read_text()[-3000:]
        time.sleep(0.2)


def _let(tree: Path, folders: int, files: int) -> None:
    for path in (tree, *tree.rglob("*")):
        path.chmod(folders if path.is_dir() else files)
