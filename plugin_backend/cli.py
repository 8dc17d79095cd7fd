"""`plugin-backend`: the operator's commands. Each reads arguments, calls one service, prints the answer."""

import sys
from pathlib import Path
from typing import Any

import click

from plugin_backend.commands.audit import audit
from plugin_backend.commands.local import house_in, in_folder, settled_in, simulate, up
from plugin_backend.commands.panel import panel
from plugin_backend.commands.plans import plans
from plugin_backend.commands.storage import storage
from plugin_backend.commands.usage import usage
from plugin_backend.commands.verify import verify
from plugin_backend.config import LogFormat, LogLevel, Settings, SettingsError
from plugin_backend.db import migrate, people
from plugin_backend.db.restoring import renumber
from plugin_backend.demo.client import ProblemError
from plugin_backend.demo.running import run as run_demo
from plugin_backend.doctor import examine
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.domain.errors import BackendError, NotFoundError
from plugin_backend.domain.money.plan_limits import DEFAULT_PLAN
from plugin_backend.embedded.folder import DataFolder, FolderInUseError
from plugin_backend.embedded.process import EmbeddedServerError
from plugin_backend.embedded.supervisor import Stopped, SupervisorError
from plugin_backend.embedded.surroundings import surroundings
from plugin_backend.logs import configure
from plugin_backend.services import accounts, quotas
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.credits import change as change_credits
from plugin_backend.services.house import House
from plugin_backend.services.people import api_keys, passwords
from plugin_backend.services.people.api_keys import NewKey

_FORESEEN = (
    SettingsError,
    EmbeddedServerError,
    FolderInUseError,
    SupervisorError,
    BackendError,
    ProblemError,
)


def main() -> None:
    """The console script: what we foresee ends with a sentence and status 2, not with a traceback."""
    try:
        cli()
    except Stopped:
        sys.exit(130)
    except _FORESEEN as error:
        click.echo(f"plugin-backend: {error}", err=True)
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="plugin-backend")
def cli() -> None:
    """The backend behind editors' extension panels for AI video."""
    configure(LogLevel.WARNING, LogFormat.CONSOLE)


class LimitOrPlan(click.ParamType[int | str]):
    """A whole number from 0, or the word `plan`."""

    name = "NUMBER|plan"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """What the option means; anything else ends with a usage message."""
        text = str(value)
        if text == "plan":
            return text
        if not (text.isascii() and text.isdigit()):
            self.fail(f"{text!r} is neither a whole number nor `plan`", param, ctx)
        return int(text)


cli.add_command(up)
cli.add_command(simulate)
cli.add_command(verify)
cli.add_command(panel)
cli.add_command(audit)
cli.add_command(storage)
cli.add_command(usage)
cli.add_command(plans)


@cli.group()
def db() -> None:
    """The database's shape."""


@db.command()
@in_folder
def upgrade(folder: DataFolder) -> None:
    """Bring the database to the newest revision; safe to run twice, and while the service runs."""
    with surroundings(folder, migrate=migrate.upgrade) as settings:
        migrate.upgrade(settings.database_url)
        click.echo(f"The database is at {migrate.current(settings.database_url)}.")


@db.command()
@in_folder
def restored(folder: DataFolder) -> None:
    """Once, after a restore and before the service starts: let the feed go on on the new server."""
    with house_in(folder) as house, house.begin() as work:
        click.echo(f"{renumber(work.connection)} events stand before all that comes.")


@cli.command()
def config() -> None:
    """Print the settings in effect, secrets masked."""
    for name, value in Settings.from_environ().shown().items():
        click.echo(f"{name:<24} {value}")


@cli.command()
@in_folder
def doctor(folder: DataFolder) -> None:
    """Look at everything the service stands on; status 1 when something needs doing."""
    with surroundings(folder, migrate=migrate.upgrade) as settings:
        findings = list(examine(settings))
    for finding in findings:
        mark = click.style("ok  ", fg="green") if finding.is_well else click.style("FAIL", fg="red")
        click.echo(f"{mark} {finding.subject:<14} {finding.detail}")
        if finding.remedy:
            click.echo(f"     {finding.remedy}")
    sys.exit(0 if all(finding.is_well for finding in findings) else 1)


@cli.group()
def users() -> None:
    """People."""


@users.command("create")
@click.argument("email")
@click.option("--admin", is_flag=True, help="An operator: administers every workspace.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="In the workspace; owner of a new one otherwise.",
)
@click.option("--plan", default=DEFAULT_PLAN, show_default=True)
@click.option("--workspace", help="Id of a workspace to join; a new one otherwise.")
@in_folder
def create_user(
    folder: DataFolder, *, email: str, admin: bool, role: str | None, plan: str, workspace: str | None
) -> None:
    """Make a person, and print their id."""
    joined = Role.EDITOR if workspace else Role.OWNER
    user = NewUser(
        email=email,
        role=Role(role) if role else joined,
        plan=plan,
        workspace_id=workspace,
        is_operator=admin,
    )
    with house_in(folder) as house:
        click.echo(accounts.create_user(house, actor=None, user=user).id)


@users.command("set-password")
@click.argument("email")
@click.password_option(help="Asked for, or read from standard input; better not given here.")
@in_folder
def set_password(folder: DataFolder, *, email: str, password: str) -> None:
    """Set somebody's password; everything they were signed in with is signed out."""
    with house_in(folder) as house:
        passwords.set_by_operator(house, email, password)
    click.echo(f"{email} signs in with it at /login.")


@users.command("invite")
@click.argument("email")
@in_folder
def invite(folder: DataFolder, *, email: str) -> None:
    """Print a link that sets somebody's password: good once, for 24 hours."""
    with settled_in(folder) as (settings, house):
        click.echo(f"{settings.public_url}/set-password?token={passwords.invite(house, email)}")


@cli.group("api-keys")
def keys() -> None:
    """Tokens for programs and panels."""


@keys.command("create")
@click.argument("user", metavar="EMAIL_OR_ID")
@click.option("--name", default="command line", show_default=True)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    default=[Scope.READ.value, Scope.GENERATE.value],
    show_default=True,
    help="Once for each.",
)
@in_folder
def create_key(folder: DataFolder, *, user: str, name: str, scopes: tuple[str, ...]) -> None:
    """Make a key and print its token, which is never shown again."""
    with house_in(folder) as house:
        key = NewKey(name=name, scopes=frozenset(map(Scope, scopes)), user_id=_user_id(house, user))
        click.echo(api_keys.create(house, actor=None, key=key).token)


@cli.group("credits")
def credit() -> None:
    """Credits: one is a US cent at list price."""


@credit.command("grant", context_settings={"ignore_unknown_options": True})  # -100 is no option
@click.argument("user", metavar="EMAIL_OR_ID")
@click.argument("amount", type=int)
@click.option("--reason", required=True, help="Why; it stands in the ledger.")
@in_folder
def grant(folder: DataFolder, *, user: str, amount: int, reason: str) -> None:
    """Give credits; a negative amount takes away what is available."""
    with house_in(folder) as house:
        entry = change_credits(house, actor=None, user_id=_user_id(house, user), amount=amount, reason=reason)
    click.echo(f"{entry.id}: {entry.available_after:,} credits available, {entry.held_after:,} held.")


@cli.group()
def quota() -> None:
    """What a person may use, where it differs from their plan."""


@quota.command("set")
@click.argument("user", metavar="EMAIL_OR_ID")
@click.option("--drafts", type=LimitOrPlan(), help="Drafts a day, or `plan`.")
@click.option("--concurrent", type=LimitOrPlan(), help="Generations running at once, or `plan`.")
@click.option("--reason", help="Why; it stands in the audit.")
@in_folder
def set_quota(
    folder: DataFolder,
    *,
    user: str,
    drafts: int | str | None,
    concurrent: int | str | None,
    reason: str | None,
) -> None:
    """Override the plan; `plan` goes back to it."""
    asked = {"draft_limit_per_day": drafts, "max_concurrent": concurrent}
    limits = {
        name: None if limit == "plan" else int(limit) for name, limit in asked.items() if limit is not None
    }
    if not limits:
        raise click.UsageError("Name at least one of --drafts and --concurrent.")
    with house_in(folder) as house:
        user_id = _user_id(house, user)
        standing = quotas.override(house, actor=None, user_id=user_id, limits=limits, reason=reason)
    click.echo(f"{standing.drafts.limit} drafts a day, {standing.concurrency_limit} at once.")


@cli.command()
@click.option("--full", is_flag=True, help="Five seconds at 2160p, instead of three at 1080p.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default="demo-output",
    show_default=True,
    help="Folder for what is made; what lay there is removed.",
)
def demo(output: Path, *, full: bool) -> None:
    """An editor's whole job over HTTP: quota, quote, drafts, a master, files for two hosts."""
    run_demo(output, full=full)


def _user_id(house: House, email_or_id: str) -> str:
    if "@" not in email_or_id:
        return email_or_id
    with house.begin() as work:
        found = people.find_user_id(work.connection, email_or_id)
    if found is None:
        raise NotFoundError("user")
    return found


if __name__ == "__main__":
    main()
