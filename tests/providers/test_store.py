"""From an upstream's files to a take of ours: fetched, decoded in the bounded child, kept."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_backend.domain.brief import DynamicRange, Kind, Resolution
from tests.ingest.takes import Door, open_door
from tests.providers.contract import SUBJECTS, Rig, playing

pytestmark = pytest.mark.slow

LUMA = next(subject for subject in SUBJECTS if subject.name == "luma")


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


@pytest.fixture
def luma(tmp_path: Path) -> Iterator[Rig]:
    with playing(LUMA, tmp_path) as opened:
        yield opened


def test_a_movie_becomes_a_take_with_its_facts_and_light_files(luma: Rig, door: Door) -> None:
    shot = luma.shot()
    fetched = luma.fetched(luma.finished(shot))

    stored = luma.provider.store(shot, fetched, run=door.runner)

    assert stored.source["kind"] == "movie"
    assert stored.source["colour_space"] == "rec709"
    assert (stored.facts["frame_rate"], stored.facts["frame_count"], stored.facts["label"]) == (
        "24",
        120,
        "ray-3.2",
    )
    assert luma.storage.exists(stored.files["proxy"]["key"])


def test_hdr_with_exr_becomes_frames_of_aces_beside_the_movie(luma: Rig, door: Door) -> None:
    shot = luma.shot(kind=Kind.MASTER, resolution=Resolution.P720, dynamic_range=DynamicRange.HDR, exr=True)
    fetched = luma.fetched(luma.finished(shot))

    stored = luma.provider.store(shot, fetched, run=door.runner)

    assert (stored.source["kind"], stored.source["colour_space"]) == ("exr", "aces2065-1")
    assert stored.source["movie"]["kind"] == "movie"
    assert luma.storage.exists(stored.source["pattern"].format(frame=119))
