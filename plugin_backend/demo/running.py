"""Starts the whole stack for the demo, lives the journey, stops it again."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from plugin_backend.demo.client import Client, ProblemError
from plugin_backend.demo.journey import Wishes, live
from plugin_backend.demo.page import write_page
from plugin_backend.demo.screen import Screen


def run(output: Path, *, full: bool) -> None:
    """The whole demo into a folder; ProblemError or the stack's own words when it cannot."""
    console = Console()
    screen = Screen(console)
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    wishes = Wishes(duration_seconds=5, resolution="2160p") if full else Wishes()
    started = time.monotonic()
    with _stack(output / ".data", screen) as stack, Client(stack["url"], stack["user_key"]) as client:
        ready = time.monotonic()
        story = live(client, screen, output, wishes)
    page = write_page(story, output)
    ended = time.monotonic()
    shutil.rmtree(output / ".data", ignore_errors=True)
    screen.say(
        f"\n[bold]Done in {ended - started:.0f} s[/] ({ready - started:.0f} s of it starting). Look at {page}"
    )


@contextmanager
def _stack(data: Path, screen: Screen) -> Iterator[dict[str, str]]:
    """The real stack as a child: PostgreSQL, Valkey, web, worker, media, clock."""
    command = [sys.executable, "-m", "plugin_backend.cli", "up", "--json", "--port", "0", "--data", str(data)]
    data.mkdir(parents=True)
    with (
        (data / "stack.log").open("wb") as log,
        subprocess.Popen(  # noqa: S603 - our own command line
            command, stdout=subprocess.PIPE, stderr=log
        ) as stack,
    ):
        try:
            with screen.waiting("starting PostgreSQL, Valkey, web, worker, media and clock"):
                assert stack.stdout is not None
                line = stack.stdout.readline()
            if not line:
                raise ProblemError(f"The stack did not start:\n{(data / 'stack.log').read_text()[-2000:]}")
            yield json.loads(line)
        finally:
            stack.terminate()
            stack.wait(timeout=30)
