"""`plugin-backend plans`: what people's plans grant, and the shipped ones' credits by the month."""

import click

from plugin_backend.commands.local import house_in, in_folder
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.services.money import plans as service


@click.group()
def plans() -> None:
    """Plans: what people may use, and what they are granted."""


@plans.command("list")
@in_folder
def list_plans(folder: DataFolder) -> None:
    """Print every plan with what it grants."""
    with house_in(folder) as house:
        for plan in service.every(house):
            click.echo(
                f"{plan.id:<16} {plan.drafts_per_day:,} drafts a day, {plan.max_concurrent} at once, "
                f"{plan.credits_per_month:,} credits a month"
            )


@plans.command("adopt-credits")
@in_folder
def adopt_credits(folder: DataFolder) -> None:
    """Give the shipped plans the credits by the month that are suggested, where nobody set any.

    They are granted from this month on, to everybody on those plans.
    """
    with house_in(folder) as house:
        adopted = service.adopt_suggested(house)
    for plan in adopted:
        click.echo(f"{plan.id:<16} {plan.credits_per_month:,} credits a month")
    if not adopted:
        click.echo("Nothing to adopt: every shipped plan has its own.")
