"""The image, built without a daemon and without a registry of images: what the Dockerfile says, step by step.

    python -m bench.image --root FOLDER

FOLDER is a Debian root with Python 3.11 in it, which stands for `python:3.11-slim`:

  debootstrap --variant=minbase --include=python3.11,python3.11-venv,python3-pip,ca-certificates bookworm DIR

buildah (Debian has it) makes a base image of it, builds the Dockerfile on that, and runs the image: the web
process, asked as the health check asks, and `plugin-backend --version`. It fetches what the lock names, so
without `--root` it only says so. What one machine's pip needs to fetch anything comes in with `--mount`.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

from bench.stack import surroundings

_ROOT = Path(__file__).parent.parent
_BASE, _IMAGE = "localhost/python:3.11-slim", "localhost/plugin-backend"
_WEB = (
    "ENVIRONMENT=development DATABASE_URL=postgres://nobody@127.0.0.1:1/none REDIS_URL=redis://127.0.0.1:1/0"
    " STORAGE_URL=file:///scratch/storage SHARED_STORAGE=1 SECRET_KEY=$(printf s%.0s $(seq 32))"
    " TOKEN_PEPPER=$(printf p%.0s $(seq 32)) PORT=18765"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path)
    parser.add_argument(
        "--mount", action="append", default=[], help="a path of this machine, as it is inside"
    )
    options = parser.parse_args()
    if options.root is None:
        print("not run: it builds an image from a Debian root; python -m bench.image --root FOLDER does it")
        return
    print(surroundings())
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        builder = Builder(Path(folder))
        builder.base(options.root)
        took = builder.build(options.mount)
        print(f"built in {took:.0f} s: {builder.size()}")
        print(builder.run("plugin-backend --version"))
        print(builder.run("id -un"))
        print("healthy" if "alive" in builder.run(_healthy()) else "NOT HEALTHY")


class Builder:
    """buildah on a storage of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        store = ["--root", str(folder / "store"), "--runroot", str(folder / "run")]
        self._words = ["buildah", "--storage-driver", "vfs", *store]

    def base(self, root: Path) -> None:
        """An image with nothing but this root, under the name the Dockerfile begins from."""
        container = self._ask("from", "scratch")
        self._ask("add", "--quiet", container, str(root), "/")
        self._ask(
            "config", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", container
        )
        self._ask("run", "--isolation", "chroot", container, "ln", "-sf", "python3.11", "/usr/bin/python")
        self._ask("commit", "--quiet", "--format", "docker", container, _BASE)
        self._ask("rm", container)

    def build(self, mounts: list[str]) -> float:
        """The Dockerfile, from tracked files alone; the seconds it took."""
        context, began = self._folder / "context", time.perf_counter()
        context.mkdir()
        packed = subprocess.run(["git", "archive", "HEAD"], cwd=_ROOT, stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "x", "-C", context], input=packed.stdout, check=True)
        inside = [word for path in mounts for word in ("-v", f"{path}:{path}:ro")]
        options = [
            "--format",
            "docker",
            "--isolation",
            "chroot",
            "--pull-never",
            "--network",
            "host",
            "--layers=false",
        ]
        self._ask("bud", *options, *inside, "-t", _IMAGE, str(context))
        return time.perf_counter() - began

    def size(self) -> str:
        """Of the image, as buildah tells it."""
        return self._ask("images", "--format", "{{.Size}}", _IMAGE)

    def run(self, command: str) -> str:
        """What a command says in a container of the image, as the image's own user."""
        container = self._ask("from", "--pull-never", _IMAGE)
        return self._ask("run", "--isolation", "chroot", "--network", "host", container, "sh", "-c", command)

    def _ask(self, *words: str) -> str:
        done = subprocess.run([*self._words, *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"buildah {words[0]} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout.strip()


def _healthy() -> str:
    """Start the web process as the image does, and ask it as the health check does."""
    ask = "import urllib.request as u; print(u.urlopen('http://127.0.0.1:18765/healthz', timeout=4).read())"
    started = f"{_WEB} gunicorn -c python:plugin_backend.gunicorn plugin_backend.wsgi:app >/dev/null 2>&1 &"
    return (
        f'{started} for i in $(seq 60); do sleep 1; python -c "{ask}" 2>/dev/null && break; done; kill %1;:'
    )


if __name__ == "__main__":
    main()
