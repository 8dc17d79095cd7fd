"""`plugin-backend storage`: storage against the database, now and all of it."""

from collections import Counter

import click

from plugin_backend.commands.local import in_folder
from plugin_backend.db import migrate
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.surroundings import surroundings
from plugin_backend.services.keeping import storage_walk
from plugin_backend.services.keeping.storage_walk import Manner
from plugin_backend.services.opening import open_house

_LINES = ("files", "bytes", "orphans", "orphan_bytes", "missing", "corrected")


@click.group()
def storage() -> None:
    """Files nobody names, files that are gone, and the count of everybody's bytes."""


@storage.command()
@click.option("--dry-run", is_flag=True, help="Name what would be removed; change nothing.")
@in_folder
def sweep(folder: DataFolder, *, dry_run: bool) -> None:
    """Remove files older than a day that nothing names; name files that are missing."""
    _walk(folder, Manner(removes=not dry_run, corrects=not dry_run))


@storage.command()
@in_folder
def count(folder: DataFolder) -> None:
    """Count everybody's bytes anew from the files themselves; remove nothing."""
    _walk(folder, Manner(removes=False))


def _walk(folder: DataFolder, manner: Manner) -> None:
    with surroundings(folder, migrate=migrate.upgrade) as settings:
        house = open_house(settings, pool_size=1, application="plugin-backend-cli")
        try:
            total: Counter[str] = Counter()
            for findings in storage_walk.whole_round(house, manner):
                total.update(findings.figures)
                for file in findings.orphans:
                    click.echo(f"orphan  {file.key} ({file.bytes:,} bytes)")
                for key in findings.missing:
                    click.echo(f"missing {key}")
            for name in storage_walk.foreign_folders(house):
                click.echo(f"foreign {name} (not ours: left alone)")
        finally:
            house.engine.dispose()
    for line in _LINES:
        click.echo(f"{line:<13} {total[line]:,}")
