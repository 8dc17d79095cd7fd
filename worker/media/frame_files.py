"""The files of one frame: EXR of its light, or a still of what a display shows."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from plugin_backend.domain.delivering.conform_plan import PlannedOutput
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.files.storage import Storage
from worker.media.aces_container import encode_aces_container
from worker.media.conform import ATTRIBUTES, ConformWork
from worker.media.exr import ExrCompression, FrameHeader, encode_exr
from worker.media.hdr import LightLevels
from worker.media.sources.protocol import Light, PlacedFrame
from worker.media.still_files import encode_png16, encode_tiff16


def write_frames(
    work: ConformWork,
    frames: Sequence[int],
    placed: PlacedFrame,
    levels: LightLevels | None,
    *,
    storage: Storage,
) -> list[dict[str, Any]]:
    """Every file of the delivered frames that show this one picture, stored; nothing for movies alone."""
    outputs = [(index, output) for index, output in enumerate(work.plan.outputs) if not output.is_movie]
    if not outputs:
        return []
    attributes = work.frame_attributes | ({} if levels is None else _told(levels))
    made, is_last = [], len(outputs) == len(frames) == 1
    for index, output in outputs:
        encoded = _encoder(work, output, placed, attributes=attributes, is_last=is_last)
        made += [_store(work, index, frame, encoded(frame), storage=storage) for frame in frames]
    return made


def _encoder(
    work: ConformWork,
    output: PlannedOutput,
    placed: PlacedFrame,
    *,
    attributes: Mapping[str, str],
    is_last: bool,
) -> Callable[[int], bytes]:
    """The bytes of a frame by its number: stills of one picture are alike, EXR frames say which they are.

    The last to be made of a picture may write over it, where it is nobody else's.
    """
    match output.format:
        case DeliveryFormat.PNG:
            data = encode_png16(placed.shown(output.colour_space), space=output.colour_space)
            return lambda _frame: data
        case DeliveryFormat.TIFF:
            data = encode_tiff16(placed.shown(output.colour_space), space=output.colour_space)
            return lambda _frame: data
        case _:
            light = placed.light()
            light = replace(light, is_shared=light.is_shared or not is_last)
            return lambda frame: _exr(work, output, frame, light, attributes=attributes)


def _exr(
    work: ConformWork, output: PlannedOutput, frame: int, light: Light, *, attributes: Mapping[str, str]
) -> bytes:
    plan = work.plan
    header = FrameHeader(
        frame_rate=plan.frame_rate.fraction,
        timecode=plan.timecode(frame),
        reel=plan.reel,
        image_counter=plan.frame_number(frame),
        attributes=attributes,
    )
    profile = output.exr_profile or ExrProfile.PIZ
    if profile is ExrProfile.ST2065_4:
        return encode_aces_container(light.pixels, header=header, found_in=light.space)
    return encode_exr(
        light.pixels,
        space=output.colour_space,
        header=header,
        compression=ExrCompression(profile.value),
        found_in=light.space,
        is_spent=not light.is_shared,
    )


def _store(work: ConformWork, index: int, frame: int, data: bytes, *, storage: Storage) -> dict[str, Any]:
    number = work.plan.frame_number(frame)
    name = work.plan.outputs[index].frame_name(number)
    storage.put_bytes(work.key(name), data)
    return {
        "output": index,
        "frame": number,
        "name": name,
        "key": work.key(name),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _told(levels: LightLevels) -> dict[str, str]:
    """A frame's own light, by the names of the report."""
    return {
        f"{ATTRIBUTES}:max_cd_m2": f"{levels.peaks[0]:.3f}",
        f"{ATTRIBUTES}:average_cd_m2": f"{levels.averages[0]:.3f}",
    }
