"""The media child of one simulated process: results at once, after a while, or not at all."""

import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation, Standing
from plugin_backend.files.storage import Storage
from tests.simulation.processes import Process
from tests.simulation.weather import Weather
from worker.media.process import (
    ChildDiedError,
    MediaProcess,
    OperationFailedError,
    StalledError,
    StoppedError,
)

_MEASURES: Final = {"luminance_peak_stops": 1.0, "motion_mean_widths_per_second": 0.1}
_FILE: Final = {"bytes": 1, "sha256": "0" * 64}
_TICKS: Final = 3
_SLOW: Final = 0.3


class SimulatedMedia(MediaProcess):
    """What `Runtime.run_media` calls; nothing is started."""

    def __init__(self, process: Process, *, storage: Storage, weather: Weather) -> None:
        self._process = process
        self._files = storage
        self._weather = weather
        self._cursed: dict[str, bool] = {}

    def run(
        self,
        op: str,
        arguments: Mapping[str, Any],
        *,
        deadline_seconds: float,
        on_progress: Callable[[int, int], None] = lambda _done, _total: None,
        stall_seconds: float = 60,
        untrusted: bool = False,
        needs_mb: int = 0,
    ) -> dict[str, Any]:
        del deadline_seconds, stall_seconds, untrusted, needs_mb
        self._be_slow(on_progress)
        self._process.point("media:frames")
        self._fail(str(arguments.get("prefix", arguments.get("take_id"))))
        return _OPERATIONS[op](self._files, arguments)

    def folder(self) -> AbstractContextManager[Path]:
        raise AssertionError("no simulated client uploads anything")

    def _be_slow(self, on_progress: Callable[[int, int], None]) -> None:
        if self._weather.rng.random() < _SLOW:  # in any weather: that is no fault
            for tick in range(1, _TICKS):
                self._process.work_for(self._weather.rng.uniform(0.5, 12))
                on_progress(tick, _TICKS)
        on_progress(_TICKS, _TICKS)

    def _fail(self, subject: str) -> None:
        weather = self._weather
        if subject not in self._cursed:
            self._cursed[subject] = weather.happens("subject-cursed")
        if weather.happens("media-stopped"):
            raise StoppedError("stopping")
        if weather.happens("media-died") or (self._cursed[subject] and not weather.calm):
            raise weather.rng.choice((ChildDiedError, StalledError))("gone")
        if weather.happens("media-refused"):
            raise OperationFailedError("incomplete", "A frame is missing.")


def _render_frames(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    key = f"{arguments['prefix']}/parts/{arguments['first']:06d}.mp4"
    files.put_bytes(key, b"segment")
    return {"segment": key, "facts": key}


def _take_files(files: Storage, prefix: str) -> dict[str, Any]:
    key = f"{prefix}/proxy.mp4"
    files.put_bytes(key, b"proxy")
    return {"files": {"proxy": {"key": key, **_FILE}}, "measures": _MEASURES}


def _finish_take(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return _take_files(files, arguments["prefix"])


def _fetch_take(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    return _take_files(files, f"takes/{arguments['take_id']}")


def _conform_chunk(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    key = f"{arguments['prefix']}/segments/{arguments['chunk']:04d}.mov"
    files.put_bytes(key, b"segment")
    return {"chunk": arguments["chunk"], "segments": {"0": key}}


def _conform_finish(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    plan = ConformPlan.from_json(arguments["plan"])
    assert [chunk["chunk"] for chunk in arguments["chunks"]] == list(range(len(plan.chunks)))
    made = []
    for output in plan.outputs:
        name = output.name if output.is_movie else output.frame_name(plan.frame_number(0))
        key = f"{arguments['prefix']}/{name}"
        files.put_bytes(key, b"master")
        facts = {"width": output.width, "height": output.height, "colour": {}, "bit_depth": 10}
        made.append(
            {"role": output.role.value, "name": name, "key": key, "media_type": "video/quicktime"}
            | facts
            | _FILE
        )
    leftovers = [key for chunk in arguments["chunks"] for key in chunk["segments"].values()]
    return {"files": made, "leftovers": leftovers, "refused": None}


def _evaluate_take(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    key = f"{arguments['prefix']}/picture.png"
    files.put_bytes(key, b"picture")
    asked = [each["id"] for each in arguments["directives"]]
    luck = zlib.crc32(key.encode()) % 3  # by the take: the same whenever it is looked at again
    heard = tuple(_adherence(each, luck) for each in asked)
    seen = Evaluation(adherence=heard, defects=(), camera=(), move="static")
    return {"evaluation": seen.to_json(), "pictures": {"picture": {"key": key, **_FILE}}}


def _adherence(directive_id: str, luck: int) -> Adherence:
    standing = (Standing.MISSED, Standing.PARTLY, Standing.FOLLOWED)[luck]
    says = f"It was {standing}."
    return Adherence(directive_id=directive_id, standing=standing, score=luck / 2, confidence=0.9, says=says)


def _build_archive(files: Storage, arguments: Mapping[str, Any]) -> dict[str, Any]:
    files.put_bytes(arguments["key"], b"zip")
    return {"key": arguments["key"], **_FILE}


_OPERATIONS: Final[Mapping[str, Callable[[Storage, Mapping[str, Any]], dict[str, Any]]]] = {
    "render_frames": _render_frames,
    "finish_take": _finish_take,
    "fetch_take": _fetch_take,
    "conform_chunk": _conform_chunk,
    "conform_finish": _conform_finish,
    "build_archive": _build_archive,
    "evaluate_take": _evaluate_take,
}
