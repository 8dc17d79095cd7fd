"""The commands that run on one machine: the whole service, and the upstreams as simulators."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from plugin_backend.config import Settings
from plugin_backend.db import migrate
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.simulators import EVERY, become_simulator
from plugin_backend.embedded.surroundings import surroundings
from plugin_backend.embedded.up import Preparation, running
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.services.running.development import seed_development, sign_in_for_development


class Upstreams(click.ParamType[tuple[str, ...]]):
    """Names of upstreams with commas between, or `all`."""

    name = "NAMES"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """The names; anything else ends with a usage message."""
        if isinstance(value, tuple):
            return value
        names = EVERY if value == "all" else tuple(str(value).replace("_", "-").split(","))
        if unknown := [name for name in names if name not in EVERY]:
            self.fail(f"there is no {unknown[0]!r}; there are {', '.join(EVERY)}", param, ctx)
        return names


def in_folder(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command `folder`: the service on this machine, for where the environment names no servers."""
    return click.option(
        "--data",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=".data",
        show_default=True,
        callback=lambda _context, _option, path: DataFolder(path),
        help="Folder of a service on this machine.",
    )(command)


@contextmanager
def house_in(folder: DataFolder) -> Iterator[House]:
    """The house of the service that a folder or the environment names, for one command."""
    with settled_in(folder) as (_, house):
        yield house


@contextmanager
def settled_in(folder: DataFolder) -> Iterator[tuple[Settings, House]]:
    """The same, with its settings."""
    with surroundings(folder, migrate=migrate.upgrade) as settings:
        house = open_house(settings, pool_size=1, application="plugin-backend-cli")
        try:
            yield settings, house
        finally:
            house.engine.dispose()


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@in_folder
@click.option(
    "--json", "as_json", is_flag=True, help="One line of JSON on stdout once ready; logs to files only."
)
@click.option("--web-processes", type=int, help="Web processes; WEB_CONCURRENCY otherwise.")
@click.option("--web-threads", type=int, help="Threads per web process; WEB_THREADS otherwise.")
@click.option(
    "--simulate",
    type=Upstreams(),
    is_flag=False,
    flag_value="all",
    default=(),
    help="Upstreams to simulate, with commas between; all of them when none is named.",
)
def up(
    folder: DataFolder,
    *,
    port: int,
    as_json: bool,
    web_processes: int | None,
    web_threads: int | None,
    simulate: tuple[str, ...],
) -> None:
    """Run everything on this machine: servers as needed, web, worker, media and clock."""
    chosen = {"WEB_CONCURRENCY": web_processes, "WEB_THREADS": web_threads}
    overrides = {name: str(number) for name, number in chosen.items() if number is not None}
    with running(
        folder,
        port=port,
        preparation=Preparation(
            migrate=migrate.upgrade, seed=_development_keys, sign_in=sign_in_for_development
        ),
        overrides=overrides,
        simulate=simulate,
        echo_logs=not as_json,
    ) as (service, supervisor):
        click.echo(service.as_json() if as_json else service.as_text())
        sys.stdout.flush()
        supervisor.run_until_stopped()


@click.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True},
    options_metavar="NAME [--port N] [--fault KIND[:PROBABILITY]] [--rate N] ...",
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="")
def simulate(arguments: tuple[str, ...]) -> None:
    """Be one or more of the upstreams, with real files and scripted faults; -h lists the options."""
    become_simulator(arguments or ("--help",))


def _development_keys(settings: Settings) -> Mapping[str, str]:
    made = seed_development(settings)
    return {"admin_key": made.admin_key, "user_key": made.user_key}
