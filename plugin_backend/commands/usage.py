"""`plugin-backend usage rebuild`: the sums compared with what they are of."""

import click

from plugin_backend.commands.local import house_in, in_folder
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.services.usage import rebuild


@click.group()
def usage() -> None:
    """What was used, added up."""


@usage.command("rebuild")
@in_folder
def rebuild_usage(folder: DataFolder) -> None:
    """Correct the sums by what they are of; safe to run twice, and while the service runs."""
    with house_in(folder) as house:
        corrected = rebuild(house)
    click.echo(f"{corrected:,} sums were corrected." if corrected else "Every sum is right.")
