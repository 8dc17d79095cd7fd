"""Finishing a conform: movies joined from their segments, the poster, the report, the list of files."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Final

from plugin_backend.domain.conform_plan import ConformPlan, PlannedOutput
from plugin_backend.files.media_types import media_type_of
from plugin_backend.files.storage import Storage
from worker.media import kernels
from worker.media.conform import ConformWork, movie_format
from worker.media.join import join
from worker.media.measure import Measures, Tally
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
    work, storage = ConformWork.from_json(arguments), context.storage
    chunks = _complete(arguments["chunks"], plan=work.plan)
    measures = _measured(chunks, plan=work.plan)
    sealer = open_sealer(arguments, context)
    steps: list[Callable[[], dict[str, Any]]] = [
        *(_output_step(work, index, chunks, context, sealer) for index in range(len(work.plan.outputs))),
        lambda: _make_poster(work, context, sealer),
    ]
    files = []
    for number, step in enumerate(steps, 1):
        files.append(step())
        context.progress(number, len(steps) + 1)
    files += [entry for file in files if "frames" in file for entry in _sidecars(work, file, storage, sealer)]
    report = build_report(
        work.plan, files=files, measures=measures, asked=arguments["asked"], label=arguments["label"]
    )
    files.append(_store_report(work, report, storage=storage))
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


def _measured(chunks: Iterable[Mapping[str, Any]], *, plan: ConformPlan) -> Measures:
    tally = reduce(add, (Tally.from_json(chunk["tally"]) for chunk in chunks))
    return tally.measures(plan.frame_rate.fraction)


def _output_step(
    work: ConformWork,
    index: int,
    chunks: Sequence[Mapping[str, Any]],
    context: OperationContext,
    sealer: Sealer | None,
) -> Callable[[], dict[str, Any]]:
    if work.plan.outputs[index].is_movie:
        return lambda: _join_movie(work, index, chunks, context, sealer)
    return lambda: _list_frames(work, index, chunks)


def _join_movie(
    work: ConformWork,
    index: int,
    chunks: Sequence[Mapping[str, Any]],
    context: OperationContext,
    sealer: Sealer | None,
) -> dict[str, Any]:
    plan, output = work.plan, work.plan.outputs[index]
    segments = []
    for chunk in chunks:
        key = chunk["segments"][str(index)]
        segments.append(context.scratch / f"{index}.{chunk['chunk']:04d}{Path(key).suffix}")
        context.storage.get_file(key, segments[-1])
    path = context.scratch / output.name
    labels = MovieLabels(timecode=plan.start_timecode, reel=plan.reel, metadata=work.movie_metadata)
    rate = plan.frame_rate.fraction
    joined = join(segments, path, movie_format=movie_format(output), rate=rate, labels=labels)
    if joined != plan.frame_count:
        raise OperationError("incomplete", f"{output.name} came to {joined} of {plan.frame_count} frames.")
    for segment in segments:
        segment.unlink()
    entry = _store(work, path, role=output.role, storage=context.storage, sealer=sealer)
    path.unlink()
    return entry | describe(output, plan=plan)


def _store(
    work: ConformWork, path: Path, *, role: str, storage: Storage, sealer: Sealer | None
) -> dict[str, Any]:
    """Sign a finished file and keep it; whatever is to be written into it has been."""
    signed = {} if sealer is None else sealer.seal(path)
    sha256 = _sha256(path)
    key = _signed_key(work, path.name, sha256) if signed else work.key(path.name)
    storage.put_file(key, path)
    return _entry(role, key, name=path.name, size=path.stat().st_size, sha256=sha256) | signed


def _signed_key(work: ConformWork, name: str, sha256: str) -> str:
    """Signing twice gives other bytes: a run that was given up must not write over the one that is told."""
    return work.key(f"{sha256[:16]}/{name}")


def _sidecars(
    work: ConformWork, sequence: Mapping[str, Any], storage: Storage, sealer: Sealer | None
) -> Iterable[dict[str, Any]]:
    """What stands beside a sequence whose frames hold no credentials: their list, and its signature."""
    if sealer is None:
        return
    for name, data in sealer.seal_frames(sequence["name"], sequence["frames"]).items():
        sha256 = hashlib.sha256(data).hexdigest()
        key = _signed_key(work, name, sha256)
        storage.put_bytes(key, data)
        yield _entry("provenance", key, name=name, size=len(data), sha256=sha256)


def _list_frames(work: ConformWork, index: int, chunks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    plan, output = work.plan, work.plan.outputs[index]
    frames = [file for chunk in chunks for file in chunk["files"] if file["output"] == index]
    numbers = [frame["frame"] for frame in frames]
    first, last = plan.frame_number(0), plan.frame_number(plan.frame_count - 1)
    if numbers != list(range(first, last + 1)):
        raise OperationError("incomplete", f"{len(numbers)} of {plan.frame_count} frames were made.")
    kept = ("frame", "name", "key", "bytes", "sha256")
    return {
        **_entry(
            output.role,
            work.key(output.name.format(frame=first)),
            name=output.name.format(frame=first),
            size=sum(frame["bytes"] for frame in frames),
            sha256=_digest_of_digests(frames),
        ),
        "sequence": {"pattern": _printf(output), "first": first, "last": last, "count": plan.frame_count},
        "frames": [{name: frame[name] for name in kept} for frame in frames],
        **describe(output, plan=plan),
    }


def _make_poster(work: ConformWork, context: OperationContext, sealer: Sealer | None) -> dict[str, Any]:
    wanted = work.plan.source_frame(work.plan.poster_frame)
    placed = work.placed(next(work.source_frames([wanted], storage=context.storage)))
    shown = kernels.rgb16_to_rgb8(placed.sized(*_poster_size(work.plan)))
    path = context.scratch / f"{work.plan.name_stem}_poster.jpg"
    path.write_bytes(encode_jpeg(shown))
    facts = {"width": shown.shape[1], "height": shown.shape[0]}
    return _store(work, path, role="poster", storage=context.storage, sealer=sealer) | facts


def _poster_size(plan: ConformPlan) -> tuple[int, int]:
    width, height = plan.sequence.width, plan.sequence.height
    if width <= _POSTER_WIDTH:
        return width, height
    return _POSTER_WIDTH, max(1, round(height * _POSTER_WIDTH / width))


def _store_report(work: ConformWork, report: Mapping[str, Any], *, storage: Storage) -> dict[str, Any]:
    data = json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n"
    name = "report.json"
    storage.put_bytes(work.key(name), data)
    return _entry(
        "report", work.key(name), name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()
    )


def _entry(role: str, key: str, *, name: str, size: int, sha256: str) -> dict[str, Any]:
    return {
        "role": str(role),
        "name": name,
        "key": key,
        "media_type": media_type_of(name),
        "bytes": size,
        "sha256": sha256,
    }


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
