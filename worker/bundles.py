"""What an editor's program is told beside the media: the clip's facts, and the timeline files."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, PlannedOutput
from plugin_backend.domain.delivering.delivery import Host, TimelineFile
from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.sequence import Sequence as Timebase
from plugin_backend.files.media_types import media_type_of
from plugin_backend.files.storage import Storage
from plugin_backend.services.delivering.conforming import DeliveredTake, DeliveryInHand
from plugin_backend.services.director.evaluating import directives_in, evaluation_in
from worker.markers import markers_of
from worker.timeline import otioz
from worker.timeline.model import Clip, Gap, Marker, MediaKind, MediaReference, Sound, Timeline
from worker.timeline.render import TimelineFormat, render

Pack = Callable[[Sequence[Mapping[str, Any]], str], Mapping[str, Any]]
"""Streams stored files (`name, key, bytes, sha256` each) into a zip at a key; gives the zip's own."""
Held = Callable[[Callable[[], bytes]], bytes]
"""Does what may take a while, with the delivery held meanwhile."""


def clips_of(part: DeliveredTake, files: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What a host is told of each clip: one for every movie of role `master`, or every run of frames."""
    plan, label = part.plan, (part.take.facts or {})["label"]
    return [
        _clip_facts(part, shown, output, file, label=label)
        for output, file in _made(plan, files)
        if output.role is OutputRole.MASTER
        for shown in (_runs(plan) if output.run is None else (plan.shown_by(output),))
    ]


def _clip_facts(
    part: DeliveredTake, plan: ConformPlan, output: PlannedOutput, master: dict[str, Any], *, label: str
) -> dict[str, Any]:
    """As the file holds it, never as it was asked for."""
    return {
        "name": _clip_name(part.plan, plan, output),
        "file": master["name"] if output.is_movie else master["sequence"]["pattern"],
        "bin": _bin(part),
        "frame_rate": str(plan.frame_rate),
        "frame_count": plan.frame_count,
        "start_timecode": str(plan.start_timecode),
        "reel": plan.reel,
        "colour": master["colour"],
        "hdr": master.get("hdr"),
        "bit_depth": master["bit_depth"],
        "width": output.width,
        "height": output.height,
        "shape": output.shape,
        "exr_profile": master.get("exr_profile"),
        "audio": master.get("sound") is not None,
        "upscaled": plan.placement_of(output).upscaled,
        "expanded": plan.expanded,
        "source": label,
        "handles_frames": plan.sequence.handles_frames,
        "decisions": [
            {"about": each.about, "choice": each.choice, "reason": each.reason} for each in plan.decisions
        ],
    }


def _clip_name(whole: ConformPlan, shown: ConformPlan, output: PlannedOutput) -> str:
    """A movie's own; of runs of frames the shot's, with the number that each begins at."""
    if output.is_movie:
        return output.name.rpartition(".")[0]
    return f"{whole.name_stem}_{shown.frame_number(0):07d}" if len(whole.runs) > 1 else whole.name_stem


def _made(
    plan: ConformPlan, files: Sequence[dict[str, Any]]
) -> Iterator[tuple[PlannedOutput, dict[str, Any]]]:
    """Each output with its file: theirs come first, in the plan's order."""
    return zip(plan.outputs, files, strict=False)


def _runs(plan: ConformPlan) -> Iterator[ConformPlan]:
    return (plan.of_run(number) for number in range(len(plan.runs)))


def timeline_files(
    storage: Storage,
    hand: DeliveryInHand,
    files: Mapping[int, Sequence[dict[str, Any]]],
    *,
    pack: Pack,
    held: Held,
) -> list[dict[str, Any]]:
    """Write the asked timeline files beside the media (by part); each as a file of the delivery."""
    timeline, prefix = _timeline(hand, files), hand.prefix
    every = [file for of_part in files.values() for file in of_part]
    made = []
    for asked in hand.request.timelines:
        if asked is TimelineFile.OTIOZ:
            made.append(_bundle(storage, timeline, every, prefix=prefix, pack=pack))
            continue
        form = TimelineFormat(asked.value)
        data = held(partial(render, timeline, form))
        name = f"{timeline.name}{form.suffix}"
        storage.put_bytes(f"{prefix}/{name}", data)
        written = {"key": f"{prefix}/{name}", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        made.append(_entry(name, written))
    return made


def _bundle(
    storage: Storage, timeline: Timeline, files: Sequence[dict[str, Any]], *, prefix: str, pack: Pack
) -> dict[str, Any]:
    """One zip of the cut and its movies, streamed from storage to storage."""
    name, stored = f"{timeline.name}{otioz.SUFFIX}", {file["name"]: file for file in files}
    members: list[dict[str, Any]] = []
    for inside, data in otioz.documents(timeline).items():
        key = f"{prefix}/{name}.parts/{inside}"
        storage.put_bytes(key, data)
        sha256 = hashlib.sha256(data).hexdigest()
        members.append({"name": inside, "key": key, "bytes": len(data), "sha256": sha256})
    parts = [member["key"] for member in members]
    for inside, beside in otioz.media(timeline).items():
        movie = stored[beside]
        members.append({"name": inside, **{kept: movie[kept] for kept in ("key", "bytes", "sha256")}})
    written = pack(members, f"{prefix}/{name}")
    storage.delete(parts)
    return _entry(name, written)


def _entry(name: str, written: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "role": "timeline",
        "name": name,
        "media_type": media_type_of(name),
        **{kept: written[kept] for kept in ("key", "bytes", "sha256")},
    }


def _timeline(hand: DeliveryInHand, files: Mapping[int, Sequence[dict[str, Any]]]) -> Timeline:
    """The clips of every part, one after the other."""
    clips = [clip for number, part in enumerate(hand.parts) for clip in _clips(part, files[number])]
    # Resolve finds no image sequence by OpenTimelineIO's numbered references.
    runs = hand.request.host is Host.RESOLVE
    told, first = hand.delivery.plan or {}, hand.parts[0].plan
    if "parts" not in told:
        return Timeline(name=first.name_stem, sequence=first.sequence, clips=tuple(clips), runs=runs)
    timebase = Timebase.from_json(told["sequence"])
    return Timeline(name=told["name"], sequence=timebase, clips=tuple(clips), runs=runs)


def _clips(part: DeliveredTake, files: Sequence[dict[str, Any]]) -> Iterator[Clip | Gap]:
    """One clip, or of a list of frames one for each run, with the gaps that are between them."""
    plan = part.plan
    for number, run in enumerate(plan.runs):
        if number and (left_out := run.first - plan.runs[number - 1].first - plan.runs[number - 1].count):
            yield Gap(frame_count=left_out)
        yield _clip(part, plan, number, files)


def _clip(part: DeliveredTake, plan: ConformPlan, number: int, files: Sequence[dict[str, Any]]) -> Clip:
    shown = plan.of_run(number)
    made = [each for each in _made(plan, files) if each[0].run in (None, number)]
    forms: dict[OutputRole, list[MediaReference]] = {role: [] for role in OutputRole}
    for output, file in made:
        forms[output.role].append(_reference(shown, output, file))
    masters, proxies = forms[OutputRole.MASTER], forms[OutputRole.PROXY]
    handles = plan.sequence.handles_frames
    return Clip(
        name=_clip_name(plan, shown, made[0][0]),
        media=masters[0],
        alternate=masters[1] if len(masters) > 1 else None,
        proxy=proxies[0] if proxies else None,
        source_start_frame=handles,
        frame_count=shown.frame_count - 2 * handles,
        handles=handles,
        bin=_bin(part),
        markers=_markers(part, shown, is_first=number == 0),
        metadata=_metadata(part),
    )


def _markers(part: DeliveredTake, plan: ConformPlan, *, is_first: bool) -> tuple[Marker, ...]:
    brief = GenerationRequest.from_json(part.generation.request).brief
    shot = part.generation.plan if part.told is None else part.told.plan
    return markers_of(
        brief,
        ShotPlan.from_json(dict(shot)) if shot else None,
        plan,
        is_first=is_first,
        directives=directives_in(part.told),
        evaluation=evaluation_in(part.seen),
        comments=part.comments,
    )


def _reference(plan: ConformPlan, output: PlannedOutput, file: Mapping[str, Any]) -> MediaReference:
    return MediaReference(
        file=file["name"] if output.is_movie else file["sequence"]["pattern"],
        kind=MediaKind.MOVIE if output.is_movie else MediaKind.IMAGE_SEQUENCE,
        width=file["width"],
        height=file["height"],
        start_timecode=plan.start_timecode,
        frame_count=plan.frame_count,
        colour_space=output.colour_space,
        reel=plan.reel,
        first_image=0 if output.is_movie else plan.frame_number(0),
        sound=_sound(file),
    )


def _sound(file: Mapping[str, Any]) -> Sound | None:
    """As the movie holds it: PCM says its bits, AAC has none and is said to have those of its decoder."""
    told = file.get("sound")
    if told is None:
        return None
    return Sound(channels=told["channels"], bit_depth=24 if file["name"].endswith(".mov") else 16)


def _metadata(part: DeliveredTake) -> dict[str, str]:
    seed = part.take.seed
    return {
        "generation_id": part.generation.id,
        "take_id": part.take.id,
        "delivery_id": part.delivery.id,
        "model": part.generation.model,
        "generator": (part.take.facts or {})["label"],
        "prompt": part.generation.request["brief"]["prompt"],
    } | ({} if seed is None else {"seed": str(seed)})


def _bin(part: DeliveredTake) -> str:
    """As its project names bins; else by its label."""
    if part.work.get("bin"):
        return str(part.work["bin"])
    return f"AI takes/{part.generation.label}" if part.generation.label else "AI takes"
