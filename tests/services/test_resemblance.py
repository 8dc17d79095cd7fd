"""A master is compared with the draft it was made from, by real proxies, and is told how like it came out."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.files.storage import Storage
from plugin_backend.services import takes
from plugin_backend.services.director import resemblance
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.ingest.filming import film_numbers
from tests.services.remote import Remote, far, settle
from tests.services.studio import Studio
from worker.media.process import MediaProcess
from worker.providers.protocol import MediaRunner, Shot, StoredTake

pytestmark = pytest.mark.slow

DRAFT = asked(model="ray-3.2", resolution=Resolution.P360)
WANTED = MasterRequest(resolution=Resolution.P720)


@dataclass
class Filming(Remote):
    """A provider whose takes have proxies: what is in a master's is for the test to say."""

    proxy: Callable[[Path, Kind], Path | None] = lambda _folder, _kind: None
    storage: Storage = field(init=False)
    folder: Path = field(init=False)

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        made = super().store(shot, fetched, run=run)
        path = self.proxy(self.folder, shot.request.kind)
        if path is None:
            return made
        key = f"takes/{shot.take_id}/proxy.mp4"
        self.storage.put_file(key, path)
        facts = {**made.facts, "frame_rate": "24", "frame_count": 24}
        return replace(made, files={"proxy": {"key": key, "bytes": 1, "sha256": "0"}}, facts=facts)


@contextmanager
def filming(studio: Studio, folder: Path, proxy: Callable[[Path, Kind], Path | None]) -> Iterator[Studio]:
    luma = Filming(proxy=proxy)
    luma.storage, luma.folder = studio.house.storage, folder
    far_away = far(studio, luma)
    url = (folder / "storage").as_uri()
    with MediaProcess(1024, folder / "media", storage_url=url) as media:
        yield replace(far_away, runtime=replace(far_away.runtime, media=media))


def mastered(studio: Studio) -> Mapping[str, Any]:
    """From a draft to its master: how it says it was promoted."""
    caller = studio.person(credits_granted=1000)
    draft = settle(studio, studio.ask(caller, DRAFT))
    made = takes.master(studio.house, caller, draft.takes[0].id, WANTED).views[0]
    ready = settle(studio, made)
    assert ready.generation.state is GenerationState.READY
    assert ready.generation.promotion is not None
    return ready.generation.promotion


def test_a_master_like_its_draft_says_so(studio: Studio, tmp_path: Path) -> None:
    def same(folder: Path, kind: Kind) -> Path:
        crf = "14" if kind is Kind.DRAFT else "24"
        return film_numbers(folder / f"{kind}.mp4", range(24), options={"crf": crf})

    with filming(studio, tmp_path, same) as far_away:
        promotion = mastered(far_away)
    assert promotion["method"] == "edit-source"
    assert 0.9 < promotion["similarity"] <= 1


def test_a_master_unlike_its_draft_says_so_too(studio: Studio, tmp_path: Path) -> None:
    def another(folder: Path, kind: Kind) -> Path:
        step = 4.0 if kind is Kind.DRAFT else -37.0
        return film_numbers(folder / f"{kind}.mp4", range(24), step=step)

    with filming(studio, tmp_path, another) as far_away:
        assert 0 <= mastered(far_away)["similarity"] < 0.7


def test_a_master_whose_proxy_cannot_be_compared_is_a_master_all_the_same(
    studio: Studio, tmp_path: Path
) -> None:
    def broken(folder: Path, kind: Kind) -> Path:
        path = film_numbers(folder / f"{kind}.mp4", range(24))
        if kind is Kind.MASTER:
            path.write_bytes(b"no movie")
        return path

    with filming(studio, tmp_path, broken) as far_away:
        assert mastered(far_away)["similarity"] is None


def test_without_proxies_nothing_is_compared(studio: Studio, tmp_path: Path) -> None:
    with filming(studio, tmp_path, lambda _folder, _kind: None) as far_away:
        assert mastered(far_away)["similarity"] is None


def test_of_several_takes_the_most_alike_counts(studio: Studio) -> None:
    studio = far(studio, Remote())
    caller = studio.person(credits_granted=1000)
    draft = settle(studio, studio.ask(caller, DRAFT))
    made = takes.master(studio.house, caller, draft.takes[0].id, WANTED).views[0].generation
    seen = []
    for similarity in (0.4, 0.7, 0.5):
        resemblance.keep(studio.house, made.id, similarity=similarity)
        found = studio.see(made.id).generation
        assert found.promotion is not None
        seen.append((found.promotion["similarity"], found.version - made.version))
    assert seen == [(0.4, 1), (0.7, 2), (0.7, 2)]
    resemblance.keep(studio.house, draft.generation.id, similarity=0.9)  # no promotion: nothing to note
    assert studio.see(draft.generation.id).generation.promotion is None
