"""Finishing a conform: movies joined from their segments, the poster, the report, the list of files."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.domain.delivery_formats import SDR_SPACES
from plugin_backend.domain.parts import runs_of
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.media_types import media_type_of
from worker.media import kernels
from worker.media.conform import ConformWork, movie_format
from worker.media.course import Course, joined
from worker.media.delivery_sound import DeliverySound, lay_delivery_sound
from worker.media.hdr import HdrFacts, LightLevels, summed
from worker.media.join import join
from worker.media.measure import Tally
from worker.media.movie import MovieLabels
from worker.media.operations import OperationContext, OperationError
from worker.media.report import build_report, describe
from worker.media.stills import encode_jpeg
from worker.provenance.sealing import Sealer, open_sealer

_POSTER_WIDTH: Final = 1280
_HASHED_AT_ONCE: Final = 1 << 20


def conform_finish(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Put a delivery together; running it again writes the same keys, or beside them what is signed.

    Takes `ConformWork.to_json()`, `chunks` (what every `conform_chunk` gave), `asked` (the request, for the
    report), `label` (what made the picture) and `provenance` (who signs and what they say; without it nothing
    is signed). Gives `files` in the order to show them, each with `role`, `name`, `key`, `media_type`,
    `bytes`, `sha256` and facts; a sequence of frames has `sequence` and `frames` too. Also gives `measures`,
    and `leftovers`: keys to delete once the delivery is recorded.
    """
    work = ConformWork.from_json(arguments)
    chunks = _complete(arguments["chunks"], plan=work.plan)
    tally, course = _seen(chunks)
    measures, light = tally.measures(work.plan.frame_rate.fraction), _light(chunks)
    hdr = None if light is None else light.facts()
    is_listed = any(output.run is not None for output in work.plan.outputs)
    sound = None if is_listed else _sound(work, context, folder=context.scratch)
    finish = _Finish(work, chunks, context, open_sealer(arguments, context), hdr, sound)
    files = []
    for number, output in enumerate(work.plan.outputs):
        files.append(finish.of(output).movie(number) if output.is_movie else finish.sequence(number))
        context.progress(number + 1, len(work.plan.outputs) + 2)
    files.append(finish.poster())
    files += finish.recordings()
    files += [entry for file in files if "frames" in file for entry in finish.sidecars(file)]
    report = build_report(
        work.plan,
        files=files,
        measures=measures,
        course=course,
        light=light,
        sound=None if sound is None else sound.facts,
        asked=arguments["asked"],
        label=arguments["label"],
    )
    files.append(finish.report(report))
    return {
        "files": files,
        "measures": measures.to_json(),
        "leftovers": [key for chunk in chunks for key in chunk["segments"].values()],
    }


def _complete(chunks: Sequence[dict[str, Any]], *, plan: ConformPlan) -> list[dict[str, Any]]:
    ordered = sorted(chunks, key=lambda chunk: int(chunk["chunk"]))
    if [chunk["chunk"] for chunk in ordered] != list(range(len(plan.chunks))):
        raise OperationError(
            "incomplete", f"The delivery has {len(plan.chunks)} chunks, {len(ordered)} came."
        )
    return ordered


def _seen(chunks: Iterable[Mapping[str, Any]]) -> tuple[Tally, Course | None]:
    """What was measured of the whole clip; chunks of an earlier version do not say how it went."""
    return joined(
        (
            Tally.from_json(chunk["tally"]),
            Course.from_json(course) if (course := chunk.get("course")) else None,
        )
        for chunk in chunks
    )


def _sound(work: ConformWork, context: OperationContext, *, folder: Path) -> DeliverySound | None:
    rate = work.plan.frame_rate.fraction
    return lay_delivery_sound(
        work.sound,
        skipped=work.plan.offset / rate,
        seconds=work.plan.frame_count / rate,
        storage=context.storage,
        folder=folder,
    )


def _light(chunks: Sequence[Mapping[str, Any]]) -> LightLevels | None:
    """How bright the frames of an HDR delivery are; chunks made before that was measured do not say."""
    found = [LightLevels.from_json(light) for chunk in chunks if (light := chunk.get("light")) is not None]
    return summed(found) if len(found) == len(chunks) else None


@dataclass(frozen=True, slots=True)
class _Finish:
    """The files of one delivery, made one after the other."""

    work: ConformWork
    chunks: Sequence[Mapping[str, Any]]
    context: OperationContext
    sealer: Sealer | None
    hdr: HdrFacts | None
    sound: DeliverySound | None

    def of(self, output: PlannedOutput) -> "_Finish":
        """The same for one run of a list of frames: its own ranges, light and sound."""
        if output.run is None:
            return self
        plan, folder = self.work.plan, self.context.scratch / f"run-{output.run}"
        folder.mkdir(exist_ok=True)
        work = replace(self.work, plan=plan.of_run(output.run))
        ranges = zip(plan.chunks, self.chunks, strict=True)
        chunks = [chunk for part, chunk in ranges if plan.run_at(part.first) == output.run]
        light, sound = _light(chunks), _sound(work, self.context, folder=folder)
        return replace(
            self, work=work, chunks=chunks, hdr=None if light is None else light.facts(), sound=sound
        )

    def movie(self, index: int) -> dict[str, Any]:
        """Joined from its segments."""
        plan, output = self.work.plan, self.work.plan.outputs[index]
        segments = self._segments(index)
        path = self.context.scratch / output.name
        joined = join(
            segments,
            path,
            movie_format=movie_format(output),
            rate=plan.frame_rate.fraction,
            labels=self._labels(output),
            sound=None if self.sound is None else self.sound.path,
        )
        if joined != plan.frame_count:
            raise OperationError(
                "incomplete", f"{output.name} came to {joined} of {plan.frame_count} frames."
            )
        for segment in segments:
            segment.unlink()
        return self._keep(path, role=output.role) | self._facts(output)

    def sequence(self, index: int) -> dict[str, Any]:
        """The frames that the chunks left, listed."""
        plan, output = self.work.plan, self.work.plan.outputs[index]
        frames = [file for chunk in self.chunks for file in chunk["files"] if file["output"] == index]
        numbers = [plan.frame_number(frame) for frame in range(plan.frame_count)]
        if [frame["frame"] for frame in frames] != numbers:
            raise OperationError("incomplete", f"{len(frames)} of {plan.frame_count} frames were made.")
        kept = ("frame", "name", "key", "bytes", "sha256")
        name = output.frame_name(numbers[0])
        if self.sealer is not None and self.sealer.seals_each(name, frames):
            frames = [self._sealed(frame) for frame in frames]
        size, sha256 = sum(frame["bytes"] for frame in frames), _digest_of_digests(frames)
        return {
            **_entry(output.role, self.work.key(name), name=name, size=size, sha256=sha256),
            "sequence": {"pattern": _printf(output), **_numbered(numbers)},
            "frames": [{name: frame[name] for name in kept} for frame in frames],
            **self._facts(output),
        }

    def poster(self) -> dict[str, Any]:
        """A still from the middle."""
        work = self.work
        wanted = work.plan.source_frame(work.plan.poster_frame)
        placed = work.canvas.placed(next(work.source_frames([wanted], storage=self.context.storage)))
        shown = kernels.rgb16_to_rgb8(placed.sized(*_poster_size(work.plan)))
        path = self.context.scratch / f"{work.plan.name_stem}_poster.jpg"
        path.write_bytes(encode_jpeg(shown))
        return self._keep(path, role="poster") | {"width": shown.shape[1], "height": shown.shape[0]}

    def recordings(self) -> Iterable[dict[str, Any]]:
        """The sound as a file of its own, where the master is frames, which have none."""
        if self.sound is None or self.work.plan.outputs[0].is_movie:
            return
        path = self.sound.path.rename(self.context.scratch / f"{self.work.plan.name_stem}.wav")
        yield self._keep(path, role="audio") | {"sound": dict(self.sound.facts)}

    def sidecars(self, sequence: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """What stands beside a sequence whose frames hold no credentials: their list, and its signature."""
        if self.sealer is None or self.sealer.seals_each(sequence["name"], sequence["frames"]):
            return
        for name, data in self.sealer.seal_frames(sequence["name"], sequence["frames"]).items():
            sha256 = hashlib.sha256(data).hexdigest()
            key = self._signed_key(name, sha256)
            self.context.storage.put_bytes(key, data)
            yield _entry("provenance", key, name=name, size=len(data), sha256=sha256)

    def report(self, report: Mapping[str, Any]) -> dict[str, Any]:
        """What was made and why, for programs."""
        data = json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n"
        key, sha256 = self.work.key("report.json"), hashlib.sha256(data).hexdigest()
        self.context.storage.put_bytes(key, data)
        return _entry("report", key, name="report.json", size=len(data), sha256=sha256)

    def _segments(self, index: int) -> list[Path]:
        segments = []
        for chunk in self.chunks:
            key = chunk["segments"][str(index)]
            segments.append(self.context.scratch / f"{index}.{chunk['chunk']:04d}{Path(key).suffix}")
            self.context.storage.get_file(key, segments[-1])
        return segments

    def _labels(self, output: PlannedOutput) -> MovieLabels:
        is_pq = output.colour_space is ColourSpace.REC2100_PQ  # HLG's light depends on the display
        return MovieLabels(
            timecode=self.work.plan.start_timecode,
            reel=self.work.plan.reel,
            metadata=self.work.movie_metadata,
            hdr=self.hdr if is_pq else None,
        )

    def _facts(self, output: PlannedOutput) -> dict[str, Any]:
        is_sdr = output.colour_space in SDR_SPACES
        heard = None if self.sound is None or not output.is_movie else dict(self.sound.facts)
        return describe(output, plan=self.work.plan, hdr=None if is_sdr else self.hdr) | {"sound": heard}

    def _keep(self, path: Path, *, role: str) -> dict[str, Any]:
        """Sign a finished file and store it; whatever is to be written into it has been."""
        signed = {} if self.sealer is None else self.sealer.seal(path)
        sha256, size = _sha256(path), path.stat().st_size
        key = self._signed_key(path.name, sha256) if signed else self.work.key(path.name)
        self.context.storage.put_file(key, path)
        path.unlink()
        return _entry(role, key, name=path.name, size=size, sha256=sha256) | signed

    def _sealed(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """A still that a chunk left, signed."""
        path = self.context.scratch / str(frame["name"])
        self.context.storage.get_file(frame["key"], path)
        kept = self._keep(path, role="master")
        return {**frame, **{name: kept[name] for name in ("key", "bytes", "sha256")}}

    def _signed_key(self, name: str, sha256: str) -> str:
        """Signing twice gives other bytes: a run that was given up must not write over the told one."""
        return self.work.key(f"{sha256[:16]}/{name}")


def _poster_size(plan: ConformPlan) -> tuple[int, int]:
    width, height = plan.sequence.width, plan.sequence.height
    if width <= _POSTER_WIDTH:
        return width, height
    return _POSTER_WIDTH, max(1, round(height * _POSTER_WIDTH / width))


def _entry(role: str, key: str, *, name: str, size: int, sha256: str) -> dict[str, Any]:
    return {
        "role": str(role),
        "name": name,
        "key": key,
        "media_type": media_type_of(name),
        "bytes": size,
        "sha256": sha256,
    }


def _numbered(numbers: Sequence[int]) -> dict[str, Any]:
    """Which frames a sequence has; `runs` only where some are left out."""
    told = {"first": numbers[0], "last": numbers[-1], "count": len(numbers)}
    runs = [{"first": run.first, "last": run.first + run.count - 1} for run in runs_of(numbers)]
    return told | ({"runs": runs} if len(runs) > 1 else {})


def _printf(output: PlannedOutput) -> str:
    """The pattern as players and compositors spell it: `shot.%07d.exr`."""
    return output.name.replace("{frame:07d}", "%07d")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_HASHED_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


def _digest_of_digests(frames: Iterable[Mapping[str, Any]]) -> str:
    """One checksum for a sequence: of its frames' checksums, a line each as `sha256sum` writes them."""
    lines = (f"{frame['sha256']}  {frame['name']}\n" for frame in frames)
    return hashlib.sha256("".join(lines).encode()).hexdigest()
