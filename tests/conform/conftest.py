"""The desk that provider's takes are delivered at."""

from collections.abc import Iterator

import pytest

from tests.conform.desk import Desk
from tests.ingest.takes import open_door
from worker.media.process import MediaProcess


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    url = (folder / "store").as_uri()
    with open_door(folder) as door, MediaProcess(2048, folder / "warm", storage_url=url) as media:
        yield Desk(door, media)
