"""What every adapter is held to: a table of upstreams, and a rig that plays one of them.

A new provider is one more line in `SUBJECTS`; `test_contract.py` does the rest.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from plugin_backend.config import Settings
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind, Resolution
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.ids import new_token
from plugin_backend.domain.work import Lane
from plugin_backend.files.storage import Storage, open_storage
from plugin_backend.settings.providers import ProviderAccount
from tests.fakes.atlas import AtlasCloud
from tests.fakes.comet import CometApi
from tests.fakes.conduct import Conduct
from tests.fakes.firefly import Firefly
from tests.fakes.luma import LumaAgents
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.fakes.simulator import Simulator
from worker.providers.protocol import Accepted, Finished, Progress, Running, Shot
from worker.providers.registry import open_adapter
from worker.providers.remote import Patience, RemoteProvider

KEY = "sk-live-pl4nt3d-k3y-0123456789abcdef"
"""The key that every provider is given, and that no text may show."""

_PLAIN_SETTINGS = {
    "DATABASE_URL": "postgresql://app@127.0.0.1/app",
    "REDIS_URL": "redis://127.0.0.1:6379",
    "STORAGE_URL": "file:///tmp/plugin-backend",
    "SHARED_STORAGE": "1",
    "PUBLIC_URL": "https://plugin-backend.example.com",
    "SECRET_KEY": "a" * 64,
    "TOKEN_PEPPER": "b" * 64,
}
_SHORT = Patience(submit=2.0, poll=2.0, listing=2.0, stop=2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One upstream: how it is simulated, and what it can."""

    name: str
    simulator: Callable[[Conduct], Simulator]
    brief: Brief
    """The plainest shot it makes."""
    lists: bool = False
    """Whether an attempt whose answer was lost is found again."""
    cancels: bool = False
    deletes: bool = False


SUBJECTS = (
    Subject(
        name="luma",
        simulator=LumaAgents,
        brief=Brief(
            prompt="slow dolly in through a misty forest", model="ray-3.2", resolution=Resolution.P360
        ),
    ),
    Subject(
        name="luma-dream-machine",
        simulator=LumaDreamMachine,
        brief=Brief(prompt="slow dolly in through a misty forest", model="ray-flash-2"),
        lists=True,
        deletes=True,
    ),
    Subject(
        name="atlas",
        simulator=AtlasCloud,
        brief=Brief(
            prompt="slow dolly in through a misty forest", model="kling-3.0", resolution=Resolution.P720
        ),
    ),
    Subject(
        name="comet",
        simulator=CometApi,
        brief=Brief(
            prompt="slow dolly in through a misty forest", model="ray-2-comet", resolution=Resolution.P720
        ),
        deletes=True,
    ),
    Subject(
        name="adobe-firefly",
        simulator=Firefly,
        brief=Brief(prompt="slow dolly in through a misty forest", model="firefly-video"),
        cancels=True,
    ),
)


@dataclass(slots=True, kw_only=True)
class Rig:
    """One upstream, played, and our provider for it."""

    subject: Subject
    simulator: Simulator
    provider: RemoteProvider
    storage: Storage
    alive: list[float] = field(default_factory=list)

    def shot(self, *, kind: Kind = Kind.DRAFT, **changes: Any) -> Shot:
        """A shot that is right in every way but the ones a test changes; those of the brief by name."""
        of_brief = {name: changes.pop(name) for name in list(changes) if name in Brief.__slots__}
        brief = replace(self.subject.brief, **of_brief)
        plain: dict[str, Any] = {
            "token": new_token(),
            "take_id": "take_01jd0000000000000000000000",
            "workspace_id": "wsp_01jd0000000000000000000000",
            "owner_id": "usr_01jd0000000000000000000000",
            "lane": Lane.STEP_DRAFT,
            "request": GenerationRequest(kind=kind, brief=brief),
            "plan": {},
            "seed": 7,
        }
        return Shot(**{**plain, **changes})

    def accepted(self, shot: Shot | None = None) -> str:
        """Have a shot accepted; its reference."""
        answer = self.provider.submit(shot or self.shot())
        assert isinstance(answer, Accepted), answer
        return answer.provider_ref

    def ended(self, ref: str) -> Progress:
        """Let the upstream's time pass until it shows an end."""
        deadline = time.monotonic() + 20
        while isinstance(progress := self.look(ref), Running):
            assert time.monotonic() < deadline, progress
            self.simulator.clock.advance(10)
        return progress

    def look(self, ref: str) -> Progress:
        return self.provider.poll([ref])[ref]

    def finished(self, shot: Shot | None = None) -> Mapping[str, Any]:
        """The outputs of a shot that was made; their addresses are fresh."""
        progress = self.ended(self.accepted(shot))
        assert isinstance(progress, Finished), progress
        return progress.outputs

    def fetched(self, outputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return self.provider.fetch(self.shot(), outputs, alive=lambda: self.alive.append(time.monotonic()))

    @property
    def taken_on(self) -> int:
        """How many jobs the upstream accepted."""
        return self.simulator.books().accepted


def account(simulator: Simulator) -> ProviderAccount:
    """The account that leads to a simulator, as the settings have it."""
    settings = Settings.from_environ({**_PLAIN_SETTINGS, **simulator.settings()})
    return settings.provider_accounts()[simulator.name]


@contextmanager
def playing(
    subject: Subject, folder: Path, *, conduct: Conduct | None = None, patience: Patience = _SHORT
) -> Iterator[Rig]:
    """A rig whose upstream listens until the block ends."""
    given = conduct or Conduct(key=KEY, picture_scale=0.2, fetches_inputs=False)
    storage = open_storage(f"file://{folder}/storage")
    with subject.simulator(given) as simulator:
        provider = provider_for(simulator, storage, patience=patience)
        try:
            yield Rig(subject=subject, simulator=simulator, provider=provider, storage=storage)
        finally:
            provider.close()


def provider_for(
    simulator: Simulator,
    storage: Storage,
    *,
    patience: Patience = _SHORT,
    instead: ProviderAccount | None = None,
) -> RemoteProvider:
    """Our provider for a simulator, or for another account; its adapter as the registry makes it."""
    upstream, http = open_adapter(simulator.name, instead or account(simulator), Catalogue.load())
    return RemoteProvider(
        upstream,
        http,
        storage=storage,
        links=lambda key: f"https://plugin-backend.example.com/files/{key}?signature=s1gn3d",
        callbacks=lambda token: f"http://127.0.0.1:9/v1/hooks/{simulator.name}/{token}",
        labels=lambda model: model,
        patience=patience,
    )
