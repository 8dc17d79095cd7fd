"""`plugin-backend up`: from nothing to a running service on one machine, and back on one Ctrl-C."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

import click

from plugin_backend.config import Settings, inherited_environ
from plugin_backend.embedded.children import commands
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.embedded.servers import EmbeddedServers
from plugin_backend.embedded.simulators import simulation
from plugin_backend.embedded.supervisor import StopSignal, Supervisor, SupervisorError

_VARIABLES = frozenset(each.name.upper() for each in fields(Settings))


@dataclass(frozen=True, slots=True)
class Preparation:
    """What must happen between servers and processes; the command line brings it from the layers above."""

    migrate: Callable[[str], None]
    """Takes a database URL; called at every start."""
    seed: Callable[[Settings], Mapping[str, str]]
    """Answers with `admin_key` and `user_key`; called at a data folder's first start only."""
    sign_in: Callable[[Settings], Mapping[str, str]]
    """Answers with `email`, `password` and `admin_email`; called once for a data folder, after `seed`."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a panel needs to meet the service."""

    url: str
    panel_url: str
    admin_key: str
    user_key: str
    sign_in: Mapping[str, str] = field(repr=False)
    """The `email` and `password` of somebody to try things as; `admin_email` has the same password."""

    def as_json(self) -> str:
        """One line."""
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)})

    def as_text(self) -> str:
        """The same for eyes."""
        return (
            f"\n  plugin-backend is ready at {self.url}\n"
            f"  panel      {self.panel_url}\n"
            f"  sign in    {self.sign_in['email']}  {self.sign_in['password']}\n"
            f"{self._administration()}"
            f"  API docs   {self.url}/docs\n"
            f"  user key   {self.user_key}\n"
            f"  admin key  {self.admin_key}\n"
            "  Ctrl-C stops everything.\n"
        )

    def _administration(self) -> str:
        """Where an operator goes; folders of earlier versions do not say as whom."""
        email = self.sign_in.get("admin_email")
        return f"  admin      {self.url}/admin\n  sign in    {email}  the same password\n" if email else ""


@contextmanager
def running(
    folder: DataFolder,
    *,
    port: int,
    preparation: Preparation,
    overrides: Mapping[str, str] | None = None,
    processes: Mapping[str, tuple[str, ...]] | None = None,
    simulate: Sequence[str] = (),
    echo_logs: bool = True,
) -> Iterator[tuple[Running, Supervisor]]:
    """The whole service for the length of the block; attend to it with `run_until_stopped`.

    `simulate` names upstreams that run here as simulators, and that the service talks to.
    """
    port = _free_port(port)
    given = {**inherited_environ(), **(overrides or {})}
    simulated = simulation(simulate, environ=given)
    given |= simulated.environ
    with StopSignal().listening() as stop, folder.claimed(), EmbeddedServers(folder, given) as servers:
        env = folder.environ({**given, **servers.environ()}, port=port)
        settings = Settings.from_environ(env)
        stop.check()
        preparation.migrate(settings.database_url)
        service = _prepared(folder, preparation, settings)
        supervisor = Supervisor(
            {**simulated.processes, **(processes or commands())},
            env={**env, "PYTHONUNBUFFERED": "1"},
            logs=folder.logs,
            servers=servers,
            stop=stop,
            say=say,
            echo=_echo if echo_logs else _keep_to_files,
        )
        with folder.announced({name: value for name, value in env.items() if name in _VARIABLES}):
            try:
                supervisor.run_until_ready(f"http://127.0.0.1:{port}")
                yield service, supervisor
            finally:
                supervisor.shut_down()


def _prepared(folder: DataFolder, preparation: Preparation, settings: Settings) -> Running:
    """People and keys, made where this folder has none yet."""
    keys = folder.kept("keys.json", lambda: preparation.seed(settings))
    sign_in = folder.kept("sign-in.json", lambda: preparation.sign_in(settings))
    return Running(settings.public_url, f"{settings.public_url}/panel/", **keys, sign_in=sign_in)


def say(text: str) -> None:
    """One of our own lines, among the children's."""
    click.echo(f"plugin-backend | {text}", err=True)


def _echo(name: str, line: str) -> None:
    click.echo(f"{name:>14} | {line}", err=True)


def _keep_to_files(_name: str, _line: str) -> None:
    """The logs are in the data folder; a caller that reads our stdout wants quiet."""


def _free_port(wanted: int) -> int:
    """The port, if nothing listens there; 0 asks for any free one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise SupervisorError(
                f"port {wanted} is taken; choose another with --port, or any free one with --port 0"
            ) from error
        return int(probe.getsockname()[1])
