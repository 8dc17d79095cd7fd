"""One media process and one app for all scenes; each test gets a scene of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.services.opening import open_house
from tests.complaints.scene import Scene, scene_of
from tests.fakes.conduct import Conduct
from worker.media.process import MediaProcess

Play = Callable[..., Scene]


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MediaProcess]:
    with MediaProcess(2560, tmp_path_factory.mktemp("media") / "scratch") as opened:
        yield opened


@pytest.fixture(scope="session")
def built() -> list[Flask]:
    """The one app: putting its contract together takes long, and each scene furnishes it anew."""
    return []


@pytest.fixture
def play(settings: Settings, redis: Redis, media: MediaProcess, built: list[Flask]) -> Iterator[Play]:
    """Opens a scene with these upstreams."""
    redis.flushdb()
    plenty = 1_000_000
    roomy = replace(settings, writes_per_minute=plenty, reads_per_minute=plenty, sign_in_failures=plenty)
    if not built:
        house = open_house(roomy, pool_size=1, application="tests")
        built.append(create_app(roomy, house))
        house.engine.dispose()
    with ExitStack() as kept:

        def opened(*names: str, conduct: Conduct | None = None) -> Scene:
            scene = scene_of(names, app=built[0], settings=roomy, media=media, conduct=conduct)
            return kept.enter_context(scene)

        yield opened
