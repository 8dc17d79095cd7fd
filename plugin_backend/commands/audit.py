"""`plugin-backend audit`: is it what was written, and what is to be kept elsewhere to show it later?"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import click

from plugin_backend.commands.local import house_in, in_folder
from plugin_backend.domain.audit_chain import Fault, Head
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.services.running import auditing
from plugin_backend.services.running.auditing import Flaw, Verified

_HASH_BYTES: Final = 32
_SAY_EVERY_SECONDS: Final = 5.0
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def audit() -> None:
    """The chain of who changed what."""


@audit.command("head")
@click.option("--workspace", help="Of one workspace; of all otherwise.")
@in_folder
def head(folder: DataFolder, *, workspace: str | None) -> None:
    """Print how far each chain goes: workspace, number, seal. Kept elsewhere, it shows any rewriting."""
    with house_in(folder) as house:
        for workspace_id, found in auditing.heads(house, workspace_id=workspace):
            click.echo(_spelt(workspace_id, found))


@audit.command("verify")
@click.option("--workspace", help="One workspace's chain; all otherwise.")
@click.option(
    "--against",
    type=_FILE,
    help="What `audit head` printed once: it must still be in the chains.",
)
@click.option("--since", type=_FILE, help="What `--heads` wrote: only what came after it is read.")
@click.option(
    "--heads",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write how far each chain is verified, once all of it holds.",
)
@in_folder
def verify(
    folder: DataFolder,
    *,
    workspace: str | None,
    against: Path | None,
    since: Path | None,
    heads: Path | None,
) -> None:
    """Read every entry, seal it again and compare; status 1 names the first that is not what was written."""
    kept, begun = ({} if file is None else _kept(file) for file in (against, since))
    found: list[Verified] = []
    with house_in(folder) as house:
        chains = auditing.verify(
            house, workspace_id=workspace, kept=kept, since=begun, progress=_Progress(time.monotonic)
        )
        for chain in chains:
            _say(chain)
            found.append(chain)
        stray = auditing.unsealed(house, workspace_id=workspace, since=begun)
    if stray is not None:
        click.echo(click.style(f"Entry {stray}: {Fault.UNSEALED}.", fg="red"))
    if stray is not None or any(chain.flaw for chain in found):
        sys.exit(1)
    if heads is not None:
        heads.write_text("".join(f"{_spelt(chain.workspace_id, chain.head)}\n" for chain in found))
    entries, forgotten = sum(chain.entries for chain in found), sum(chain.forgotten for chain in found)
    without = f", {forgotten:,} without the words of their reason" if forgotten else ""
    click.echo(f"{entries:,} entries are what was written{without}.")


class _Progress:
    """Says on the error stream how many entries were read, every few seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._entries, self._begun = 0, monotonic()
        self._next = self._begun + _SAY_EVERY_SECONDS

    def __call__(self, entries: int) -> None:
        self._entries += entries
        now = self._monotonic()
        if now >= self._next:
            self._next = now + _SAY_EVERY_SECONDS
            rate = self._entries / (now - self._begun)
            click.echo(f"{self._entries:,} entries read, {rate:,.0f} a second", err=True)


def _spelt(workspace_id: str, head: Head) -> str:
    return f"{workspace_id} {head.number} {head.hash.hex()}"


def _say(chain: Verified) -> None:
    if chain.flaw is not None:
        click.echo(click.style(f"{_named(chain.flaw)}: {chain.flaw.fault}.", fg="red"))


def _named(flaw: Flaw) -> str:
    known = "" if flaw.entry_id is None else f" (id {flaw.entry_id})"
    return f"{flaw.workspace_id}, entry number {flaw.number}{known}"


def _kept(file: Path) -> Mapping[str, Head]:
    return dict(_line(line, number) for number, line in enumerate(file.read_text().splitlines(), start=1))


def _line(line: str, number: int) -> tuple[str, Head]:
    try:
        workspace_id, place, seal = line.split()
        found = Head(int(place), bytes.fromhex(seal))
    except ValueError:
        found = None
    if found is None or len(found.hash) != _HASH_BYTES:
        raise click.UsageError(f"Line {number} is not one that `audit head` printed.")
    return workspace_id, found
