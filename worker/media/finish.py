"""Finishing a conform: movies joined from their segments, the poster, the report, the list of files."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.delivering.conform_plan import PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import SDR_SPACES
from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.checking import check_movie, check_recording, check_sequence, check_stored
from worker.media.conform import ConformWork, movie_format
from worker.media.conformance import Check, refusal
from worker.media.course import Course
from worker.media.delivery_sound import DeliverySound, lay_sounds
from worker.media.gathered import complete, light_of, seen
from worker.media.hdr import HdrFacts, LightLevels
from worker.media.join import join
from worker.media.listing import digest_of_digests, file_entry, numbered, printf_pattern
from worker.media.movie import MovieLabels
from worker.media.operations import OperationContext, OperationError
from worker.media.readback.stored import file_sha256, pieces
from worker.media.report import build_report, describe
from worker.media.report_page.direction import kept_pictures
from worker.media.report_page.page import render_page
from worker.media.stills import encode_jpeg
from worker.provenance.sealing import Sealer, open_sealer

_FIRST_BEAT: Final = 1 << 21  # beyond any count of files, and of the sealer's own beats
_POSTER_WIDTH: Final = 1280


def conform_finish(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Put a delivery together; running it again writes the same keys, or beside them what is signed.

    Takes `ConformWork.to_json()`, `chunks` (what every `conform_chunk` gave), `asked` (the request, for the
    report), `label` (what made the picture) and `provenance` (who signs and what they say; without it nothing
    is signed); `direction` (`director.report.direction_section`) and `direction_pictures` (by name, with
    their keys) where the take was directed. Gives `files` in the order to show them, each with `role`,
    `name`, `key`, `media_type`, `bytes`, `sha256` and facts; a sequence of frames has `sequence` and `frames`
    too. Also gives `measures`, and `leftovers`: keys to delete once the delivery is recorded. Where a file is
    not as it was asked for, `refused` says so (`conformance.refusal`), and `files` are the reports alone.
    """
    work = ConformWork.from_json(arguments)
    chunks = complete(arguments["chunks"], plan=work.plan)
    tally, course = seen(chunks, work.plan)
    measures, light = tally.measures(work.plan.frame_rate.fraction), light_of(chunks)
    sounds, heard = lay_sounds(work, storage=context.storage, folder=context.scratch)
    finish = _Finish(work, chunks, context, open_sealer(arguments, context), light, sounds)
    files = finish.files()
    report = build_report(
        work.plan,
        files=files,
        checks=finish.checks,
        measures=measures,
        course=course,
        light=light,
        sound=heard,
        asked=arguments["asked"],
        label=arguments["label"],
        direction=arguments.get("direction"),
    )
    reports = [*finish.reports(report, course, kept_pictures(arguments, context.storage))]
    refused = refusal(finish.checks)
    return {
        "files": [*files, *reports] if refused is None else reports,
        "refused": refused,
        "measures": measures.to_json(),
        "leftovers": [key for chunk in chunks for key in chunk["segments"].values()],
    }


@dataclass(frozen=True, slots=True)
class _Finish:
    """The files of one delivery, made one after the other."""

    work: ConformWork
    chunks: Sequence[Mapping[str, Any]]
    context: OperationContext
    sealer: Sealer | None
    light: LightLevels | None
    sounds: Mapping[int | None, DeliverySound]
    """By the run it is laid under; None for the whole."""
    checks: list[Check] = field(default_factory=list)
    """Of every file that is finished, by reading it back."""
    beats: Iterator[int] = field(default_factory=lambda: itertools.count(_FIRST_BEAT))

    @property
    def hdr(self) -> HdrFacts | None:
        """What is told of the light of an HDR delivery."""
        return None if self.light is None else self.light.facts()

    def alive(self) -> None:
        """Files are being joined, read, stored and read back, however long that takes."""
        beat = next(self.beats)
        self.context.progress(beat, beat + 1)

    def of(self, output: PlannedOutput) -> "_Finish":
        """The same for one run of a list of frames: its own ranges and light."""
        if output.run is None:
            return self
        plan = self.work.plan
        work = replace(self.work, plan=plan.of_run(output.run))
        ranges = zip(plan.chunks, self.chunks, strict=True)
        chunks = [chunk for part, chunk in ranges if plan.run_at(part.first) == output.run]
        return replace(self, work=work, chunks=chunks, light=light_of(chunks))

    def files(self) -> list[dict[str, Any]]:
        """Every file but the report, finished, stored and checked, in the order to show them."""
        made = []
        for number, output in enumerate(self.work.plan.outputs):
            made.append(self.of(output).movie(number) if output.is_movie else self.sequence(number))
            self.alive()
        made += [*self.posters(), *self.recordings()]
        made += [entry for file in made if "frames" in file for entry in self.sidecars(file)]
        self.checks.extend(check_stored(made, storage=self.context.storage, alive=self.alive))
        return made

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
            sound=self.sounds[output.run].path if output.run in self.sounds else None,
            alive=self.alive,
        )
        if joined != plan.frame_count:
            raise OperationError(
                "incomplete", f"{output.name} came to {joined} of {plan.frame_count} frames."
            )
        for segment in segments:
            segment.unlink()
        signed = self._signed(path)
        checked = check_movie(
            path, output, plan, hdr=self._labels(output).hdr, sound=output.run in self.sounds
        )
        self.checks.extend(checked.checks)
        return self._stored(path, role=output.role, signed=signed) | self._facts(output) | checked.facts

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
        checked = check_sequence(
            frames, output, plan, light=self.light, storage=self.context.storage, alive=self.alive
        )
        self.checks.extend(checked.checks)
        size, sha256 = sum(frame["bytes"] for frame in frames), digest_of_digests(frames)
        return {
            **file_entry(output.role, self.work.key(name), name=name, size=size, sha256=sha256),
            "sequence": {"pattern": printf_pattern(output), **numbered(numbers)},
            "frames": [{name: frame[name] for name in kept} for frame in frames],
            **self._facts(output),
            **checked.facts,
        }

    def posters(self) -> Iterable[dict[str, Any]]:
        """A still from the middle, of each shape where there are several."""
        work, plan = self.work, self.work.plan
        wanted = [plan.source_frame(plan.poster_frame)]
        source = next(work.source_frames(wanted, storage=self.context.storage))
        shapes = [output for output in plan.outputs if output.shape is not None]
        named = [(output.name.rpartition(".")[0], work.canvas_of(output)) for output in shapes]
        source = source.held() if len(named) > 1 else source
        for name, canvas in named or [(plan.name_stem, work.canvas)]:
            size = _poster_size(canvas.width, canvas.height)
            shown = kernels.rgb16_to_rgb8(canvas.placed(source).sized(*size))
            path = self.context.scratch / f"{name}_poster.jpg"
            path.write_bytes(encode_jpeg(shown))
            yield self._keep(path, role="poster") | {"width": size[0], "height": size[1]}

    def recordings(self) -> Iterable[dict[str, Any]]:
        """The sound as a file of its own, where the master is frames, which have none."""
        sound = self.sounds.get(None)
        if sound is None or self.work.plan.outputs[0].is_movie:
            return
        path = sound.path.rename(self.context.scratch / f"{self.work.plan.name_stem}.wav")
        seconds = self.work.plan.frame_count / self.work.plan.frame_rate.fraction
        self.checks.append(check_recording(path, seconds=seconds))
        yield self._keep(path, role="audio") | {"sound": dict(sound.heard.facts)}

    def sidecars(self, sequence: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """What stands beside a sequence whose frames hold no credentials: their list, and its signature."""
        if self.sealer is None or self.sealer.seals_each(sequence["name"], sequence["frames"]):
            return
        for name, data in self.sealer.seal_frames(sequence["name"], sequence["frames"]).items():
            sha256 = hashlib.sha256(data).hexdigest()
            key = self._signed_key(name, sha256)
            self.context.storage.put_bytes(key, data)
            yield file_entry("provenance", key, name=name, size=len(data), sha256=sha256)

    def reports(
        self, report: Mapping[str, Any], course: Course | None, drawings: Mapping[str, bytes]
    ) -> Iterable[dict[str, Any]]:
        """What was made and why: for programs, and for people."""
        told = json.dumps(report, indent=2, ensure_ascii=False) + "\n"
        page = render_page(report, self.work.plan, course, drawings)
        for name, text in (("report.json", told), ("report.html", page)):
            data, key = text.encode(), self.work.key(name)
            self.context.storage.put_bytes(key, data)
            sha256 = hashlib.sha256(data).hexdigest()
            yield file_entry("report", key, name=name, size=len(data), sha256=sha256)

    def _segments(self, index: int) -> list[Path]:
        segments = []
        for chunk in self.chunks:
            key = chunk["segments"][str(index)]
            segments.append(self.context.scratch / f"{index}.{chunk['chunk']:04d}{Path(key).suffix}")
            self.context.storage.get_file(key, segments[-1])
            self.alive()
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
        sound = self.sounds.get(output.run) if output.is_movie else None
        heard = None if sound is None else dict(sound.heard.facts)
        return describe(output, plan=self.work.plan, hdr=None if is_sdr else self.hdr) | {"sound": heard}

    def _keep(self, path: Path, *, role: str) -> dict[str, Any]:
        """Sign a finished file and store it; whatever is to be written into it has been."""
        return self._stored(path, role=role, signed=self._signed(path))

    def _signed(self, path: Path) -> dict[str, Any]:
        return {} if self.sealer is None else self.sealer.seal(path)

    def _stored(self, path: Path, *, role: str, signed: Mapping[str, Any]) -> dict[str, Any]:
        sha256, size = file_sha256(path, alive=self.alive), path.stat().st_size
        key = self._signed_key(path.name, sha256) if signed else self.work.key(path.name)
        self.context.storage.put_stream(key, pieces(path, alive=self.alive))
        path.unlink()
        return file_entry(role, key, name=path.name, size=size, sha256=sha256) | dict(signed)

    def _sealed(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        """A still that a chunk left, signed."""
        path = self.context.scratch / str(frame["name"])
        self.context.storage.get_file(frame["key"], path)
        kept = self._keep(path, role="master")
        return {**frame, **{name: kept[name] for name in ("key", "bytes", "sha256")}}

    def _signed_key(self, name: str, sha256: str) -> str:
        """Signing twice gives other bytes: a run that was given up must not write over the told one."""
        return self.work.key(f"{sha256[:16]}/{name}")


def _poster_size(width: int, height: int) -> tuple[int, int]:
    if width <= _POSTER_WIDTH:
        return width, height
    return _POSTER_WIDTH, max(1, round(height * _POSTER_WIDTH / width))
