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

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.files.storage import Storage
from worker.media.conform import ConformWork
from worker.media.ingest.sound import CHANNELS, SAMPLE_RATE, SoundTrack, lay_sound
from worker.media.loudness import LoudnessMeter
from worker.media.operations import OperationError
from worker.media.sources.stored_file import StoredFile

NAME: Final = "sound.wav"


@dataclass(frozen=True, slots=True)
class Heard:
    """What is to be said of a sound."""

    facts: Mapping[str, Any]
    momentary: Sequence[float] = ()
    """How loud it is every 100 ms, in LUFS."""


@dataclass(frozen=True, slots=True)
class DeliverySound:
    """A recording of 16 bits as long as the picture."""

    path: Path
    heard: Heard


def lay_sounds(
    work: ConformWork, *, storage: Storage, folder: Path
) -> tuple[dict[int | None, DeliverySound], Heard | None]:
    """By the run it is laid under, None for the whole; and what is heard in all, run after run."""
    if work.sound is None:
        return {}, None
    if all(output.run is None for output in work.plan.outputs):
        whole = _laid(work.sound, work.plan, storage=storage, folder=folder)
        return {None: whole}, whole.heard
    meter, found = LoudnessMeter(CHANNELS), dict[int | None, DeliverySound]()
    for run in range(len(work.plan.runs)):
        own = folder / f"run-{run}"
        own.mkdir(exist_ok=True)
        plan = work.plan.of_run(run)
        found[run] = _laid(work.sound, plan, storage=storage, folder=own, also=meter)
    seconds = work.plan.frame_count / work.plan.frame_rate.fraction
    return found, Heard(_facts(work.sound, meter, seconds=seconds), meter.momentary)


def _laid(
    wanted: Mapping[str, Any],
    plan: ConformPlan,
    *,
    storage: Storage,
    folder: Path,
    also: LoudnessMeter | None = None,
) -> DeliverySound:
    """Write what is heard; `wanted` tells where it lies, when it begins and how loud; `also` hears it too."""
    path, meter = folder / NAME, LoudnessMeter(CHANNELS)
    skipped, seconds = (frames / plan.frame_rate.fraction for frames in (plan.offset, plan.frame_count))

    def hear(samples: bytes) -> None:
        meter.hear(samples)
        if also is not None:
            also.hear(samples)

    with SoundTrack(path, gain=10 ** (wanted["gain_db"] / 20), hear=hear) as track:
        if wanted["key"] is not None:
            begins = Fraction(wanted["offset_seconds"]) - skipped
            _lay(track, wanted["key"], begins=begins, seconds=seconds, storage=storage)
        track.be_silent(until_seconds=seconds)
    return DeliverySound(path, Heard(_facts(wanted, meter, seconds=seconds), meter.momentary))


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
