"""`plugin-backend audit`: is it what was written, and what is to be kept elsewhere to show it later?"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from plugin_backend.commands.local import house_in, in_folder
from plugin_backend.domain.audit_chain import Fault, Head
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.services.running import auditing
from plugin_backend.services.running.auditing import Flaw, Verified

_HASH_BYTES: Final = 32


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
            click.echo(f"{workspace_id} {found.number} {found.hash.hex()}")


@audit.command("verify")
@click.option("--workspace", help="One workspace's chain; all otherwise.")
@click.option(
    "--against",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `audit head` printed once: it must still be in the chains.",
)
@in_folder
def verify(folder: DataFolder, *, workspace: str | None, against: Path | None) -> None:
    """Read every entry, seal it again and compare; status 1 names the first that is not what was written."""
    kept = {} if against is None else _kept(against)
    entries, forgotten, flaws = 0, 0, 0
    with house_in(folder) as house:
        for chain in auditing.verify(house, workspace_id=workspace, kept=kept):
            entries, forgotten = entries + chain.entries, forgotten + chain.forgotten
            flaws += _say(chain)
        stray = auditing.unsealed(house, workspace_id=workspace)
    if stray is not None:
        click.echo(click.style(f"Entry {stray}: {Fault.UNSEALED}.", fg="red"))
    if flaws or stray is not None:
        sys.exit(1)
    without = f", {forgotten:,} without the words of their reason" if forgotten else ""
    click.echo(f"{entries:,} entries are what was written{without}.")


def _say(chain: Verified) -> bool:
    if chain.flaw is not None:
        click.echo(click.style(f"{_named(chain.flaw)}: {chain.flaw.fault}.", fg="red"))
    return chain.flaw is not None


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
