"""What hosts read of a delivery: timelines, frame headers, pictures."""

import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
from PIL import Image


def first_clip(found: Any) -> Any:
    """Of a timeline, or of a collection that holds one."""
    if isinstance(found, otio.schema.SerializableCollection):
        return first_clip(found[0])
    return next(iter(found.find_clips()))


def linked(reference: Any) -> list[str]:
    if isinstance(reference, otio.schema.ImageSequenceReference):
        count = reference.number_of_images_in_sequence()
        return [reference.target_url_for_image_number(n).rpartition("/")[2] for n in range(count)]
    assert reference.target_url, reference
    name = str(reference.target_url).rpartition("/")[2]
    run = re.fullmatch(r"(.*)\[(\d+)-(\d+)\](.*)", name)  # Resolve's own way to name a sequence
    if run is None:
        return [name]
    numbers = range(int(run[2]), int(run[3]) + 1)
    return [f"{run[1]}{number:0{len(run[2])}}{run[4]}" for number in numbers]


def seconds(time: str) -> Fraction:
    """A time as FCPXML writes it."""
    return Fraction(time.removesuffix("s"))


def label(word: int) -> str:
    """The time and flags word of SMPTE ST 12-1: binary-coded digits, drop-frame in the frames' bit 6."""
    hours, minutes, seconds, frames = word.to_bytes(4, "big")
    drop = ";" if frames & 0x40 else ":"
    return f"{hours & 0x3F:02x}:{minutes & 0x7F:02x}:{seconds & 0x7F:02x}{drop}{frames & 0x3F:02x}"


def shape(path: Path) -> list[float]:
    """A picture as sixteen by nine grey values."""
    with Image.open(path) as picture:
        small = picture.convert("L").resize((16, 9), Image.Resampling.BOX)
    return [float(value) for value in np.asarray(small).ravel()]
