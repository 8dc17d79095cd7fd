"""A delivery's sound: the take's, somebody's own or silence, laid under the whole of the picture.

The picture is never stretched in time by a conform (24 as 24000/1001 drifts by less than half a frame over a
clip), so neither is the sound: it lies where it lay beside the take.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import av

from plugin_backend.files.storage import Storage
from worker.media.ingest.sound import CHANNELS, SAMPLE_RATE, SoundTrack, lay_sound
from worker.media.loudness import LoudnessMeter
from worker.media.operations import OperationError
from worker.media.sources.stored_file import StoredFile

NAME: Final = "sound.wav"


@dataclass(frozen=True, slots=True)
class DeliverySound:
    """A recording of 16 bits as long as the picture, and what is to be said of it."""

    path: Path
    facts: Mapping[str, Any]
    momentary: Sequence[float] = ()
    """How loud it is every 100 ms, in LUFS."""


def lay_delivery_sound(
    wanted: Mapping[str, Any] | None,
    *,
    skipped: Fraction,
    seconds: Fraction,
    storage: Storage,
    folder: Path,
) -> DeliverySound | None:
    """Write what is heard; `wanted` is the plan's `sound`: where it lies, when it begins, how loud.

    `skipped` are the seconds of the clip before the part that is delivered.
    """
    if wanted is None:
        return None
    path, meter = folder / NAME, LoudnessMeter(CHANNELS)
    gain = 10 ** (wanted["gain_db"] / 20)
    with SoundTrack(path, gain=gain, hear=meter.hear) as track:
        if wanted["key"] is not None:
            begins = Fraction(wanted["offset_seconds"]) - skipped
            _lay(track, wanted["key"], begins=begins, seconds=seconds, storage=storage)
        track.be_silent(until_seconds=seconds)
    return DeliverySound(path, _facts(wanted, meter, seconds=seconds), meter.momentary)


def _lay(track: SoundTrack, key: str, *, begins: Fraction, seconds: Fraction, storage: Storage) -> None:
    try:
        recording = StoredFile(storage, key)
    except FileNotFoundError:
        detail = "The sound of this delivery has been deleted; ask for it again with another one."
        raise OperationError("invalid-input", detail) from None
    with av.open(cast("BinaryIO", recording), "r", format="wav") as container:
        lay_sound(track, container, picture_first=-begins, begins=Fraction(0), ends=seconds)


def _facts(wanted: Mapping[str, Any], meter: LoudnessMeter, *, seconds: Fraction) -> dict[str, Any]:
    return {
        "from": wanted["from"],
        "offset_seconds": float(Fraction(wanted["offset_seconds"])),
        "gain_db": wanted["gain_db"],
        "channels": CHANNELS,
        "sample_rate": SAMPLE_RATE,
        "seconds": round(float(seconds), 6),
        "loudness_lufs": _rounded(meter.lufs),
        "peak_dbfs": _rounded(meter.peak_dbfs),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else round(value, 2)
