"""Where a command finds the service: named by the environment, running in a folder, or asleep there."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from plugin_backend.config import Settings, inherited_environ
from plugin_backend.embedded.folder import DataFolder, FolderInUseError
from plugin_backend.embedded.servers import EmbeddedServers

_PORT = 8000  # of the service this folder would run; a one-off command opens none


@contextmanager
def surroundings(folder: DataFolder, *, migrate: Callable[[str], None]) -> Iterator[Settings]:
    """Settings whose servers answer during the block; what slept in the folder sleeps again after."""
    given = inherited_environ()
    with ExitStack() as awake:
        if given.get("DATABASE_URL"):
            yield Settings.from_environ(given)
            return
        try:
            awake.enter_context(folder.claimed())
        except FolderInUseError:
            if (announced := folder.announcement()) is None:
                raise  # it is only just starting, or another one-off command
            yield Settings.from_environ({**given, **announced})
            return
        servers = awake.enter_context(EmbeddedServers(folder, given))
        settings = Settings.from_environ(folder.environ({**given, **servers.environ()}, port=_PORT))
        migrate(settings.database_url)
        yield settings
