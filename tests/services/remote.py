"""Providers far away that do as they are told, in memory: they start, finish, hand out and stop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.keeping import Copy
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.services.money import exposures
from tests.domain.requests import asked
from tests.services.studio import Studio
from tests.services.upstream import FACTS
from worker import steps
from worker.providers.protocol import (
    Accepted,
    CannotList,
    Finished,
    Found,
    MediaRunner,
    NotFound,
    Progress,
    Shot,
    Stopped,
    StoredTake,
    Submission,
    Whereabouts,
)

RAY_32 = asked(kind=Kind.MASTER, model="ray-3.2", resolution=Resolution.P540)
"""A master on the provider `luma`, for 15 credits."""
PRICE = 15


@dataclass
class Remote:
    """Accepts, finishes and hands out everything at once, unless it was told otherwise."""

    name: str = "luma"
    is_remote: bool = True
    lists: bool | None = False
    """None: its listing does not answer."""
    answers: list[Submission | Exception] = field(default_factory=list)
    """To the next POSTs; when there are none left, they are accepted."""
    hears: bool = False
    """Whether it starts even what it gives no answer to."""
    fate: Progress | None = None
    """What becomes of what was accepted; None: it finishes."""
    fates: dict[int, Progress] = field(default_factory=dict)
    """The same, by part."""
    stops: Stopped | None = None
    downloads: list[Exception] = field(default_factory=list)
    """What the next downloads meet."""
    stores: list[Exception] = field(default_factory=list)
    posts: list[Shot] = field(default_factory=list)
    jobs: dict[str, Shot] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    """What becomes of what it was asked to delete; kept, where nothing is said."""
    asked_to_forget: list[list[str]] = field(default_factory=list)
    looks: int = 0
    looked: Callable[[], None] = lambda: None
    """What happens there after each look."""

    def submit(self, shot: Shot) -> Submission:
        self.posts.append(shot)
        if not self.answers:
            return Accepted(self.start(shot), "req-1")
        answer = self.answers.pop(0)
        if self.hears:
            self.start(shot)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def find(self, token: str, *, since: datetime | None = None) -> Whereabouts:
        del since
        if self.lists is not True:
            return CannotList(passing=self.lists is None)
        ref = next((ref for ref, shot in self.jobs.items() if shot.token == token), None)
        return NotFound() if ref is None else Found(ref)

    def poll(self, refs: Sequence[str]) -> Mapping[str, Progress]:
        self.looks += bool(refs)
        seen = {ref: self._progress(ref) for ref in refs}
        self.looked()
        return seen

    def cancel(self, ref: str) -> Stopped | None:
        assert ref in self.jobs
        return self.stops

    def forget(self, refs: Sequence[str]) -> Mapping[str, Copy]:
        self.asked_to_forget.append(list(refs))
        return {ref: self.copies.get(ref, Copy.KEPT) for ref in refs}

    def fetch(
        self, shot: Shot, outputs: Mapping[str, Any], *, alive: Callable[[], None]
    ) -> Mapping[str, Any]:
        alive()
        if self.downloads:
            raise self.downloads.pop(0)
        return {
            "files": [
                {"role": file["role"], "key": f"takes/{shot.take_id}/{number}.mp4", "from": file["url"]}
                for number, file in enumerate(outputs["files"])
            ]
        }

    def store(self, shot: Shot, fetched: Mapping[str, Any], *, run: MediaRunner) -> StoredTake:
        del shot, run
        if self.stores:
            raise self.stores.pop(0)
        parts = [{"key": file["key"], "media_type": "video/mp4"} for file in fetched["files"]]
        source = {"kind": "movie", "parts": parts, "colour_space": "rec709"}
        measures = {"luminance_peak_stops": 0.0, "motion_mean_widths_per_second": 0.1}
        return StoredTake(source=source, files={}, facts={**FACTS, "label": self.name}, measures=measures)

    def start(self, shot: Shot) -> str:
        """Begin what was asked for, whatever was answered."""
        ref = f"{self.name}-{len(self.jobs) + 1}"
        self.jobs[ref] = shot
        return ref

    def _progress(self, ref: str) -> Progress:
        shot = self.jobs[ref]
        made = Finished({"files": [{"role": "movie", "url": f"https://x/{ref}?look={self.looks}"}]})
        return self.fates.get(shot.part) or self.fate or made


def far(studio: Studio, *remotes: Remote) -> Studio:
    """The studio with these providers beside the one it has."""
    names = frozenset(remote.name for remote in remotes)
    house = replace(studio.house, configured_providers=names)
    providers = {**studio.runtime.providers, **{remote.name: remote for remote in remotes}}
    return replace(studio, house=house, runtime=replace(studio.runtime, house=house, providers=providers))


def work_off(studio: Studio) -> None:
    """Take every due step, and call every watcher, until nothing is due now."""
    watchers = [f"watch_{name}" for name in studio.runtime.providers]
    fingerprint = (
        "SELECT ((SELECT md5(string_agg(work::text, '|' ORDER BY subject_id)) FROM work),"
        " (SELECT md5(string_agg(a::text, '|' ORDER BY id)) FROM attempts a),"
        " (SELECT sum(version) FROM generations), (SELECT sum(version) FROM takes))::text"
    )
    for _ in range(200):
        before = studio.one(fingerprint)
        for subject_id in [*studio.due(), *watchers]:
            steps.advance(studio.runtime, subject_id)
        if studio.one(fingerprint) == before:
            return
    raise AssertionError(f"work never ends: {studio.due()}")


def settle(studio: Studio, view: GenerationView, *, within: timedelta = timedelta(days=3)) -> GenerationView:
    """Work off, and turn the clock to what is due next, until a generation has ended."""
    latest = studio.clock.moment + within
    while studio.clock.moment < latest:
        work_off(studio)
        found = studio.see(view.generation.id)
        if found.generation.state in GENERATION.terminal:
            return found
        turn_to_next(studio)
    raise AssertionError(f"it never ends: {found}")


def turn_to_next(studio: Studio) -> None:
    """Turn the clock to the moment when something is due."""
    due = studio.one("SELECT min(next_at) FROM work")
    assert due is not None, "nothing will ever be due"
    studio.clock.turn(max(due - studio.clock.moment, timedelta(seconds=1)))


def exposed(studio: Studio) -> list[tuple[str | None, int]]:
    """What providers may bill and nobody was charged for: whose, and how much."""
    operator = studio.person(is_operator=True)
    found = exposures.find(studio.house, operator, settled=False, before=None, limit=10)
    return [(each.provider_ref, each.credits) for each in found]
