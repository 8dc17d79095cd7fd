"""What an AAF says of media: the master clip, the files it is made of, and the tape that they count on."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from aaf2.mobid import MobID
from aaf2.rational import AAFRational

from plugin_backend.domain.sequence import FrameRate
from worker.timeline.model import SAMPLE_RATE, Clip, MediaKind, MediaReference, Sound
from worker.timeline.text import legible

_OURS: Final = UUID("6f0f7b0e-6a5a-5b5c-9e0e-3f1f6d0a9d55")
_TIMECODE_SLOT: Final = 2
_DAY: Final = 86_400
_MAX_TEXT: Final = 15_000  # characters, of four bytes at most; a property has 65,535
_COMPONENTS: Final = ("CompRed", "CompGreen", "CompBlue")
_HALF_FLOAT: Final = 253  # where bits are counted this says sixteen of them, as a float (SMPTE ST 377-1)
_WHOLE_NUMBER: Final = 16
_NOMINAL_DEPTH: Final = 10  # of a movie's samples, where the descriptor must name one; readers ask the file


def identity(*seeds: str) -> MobID:
    """The identifier of what these words name, the same every time."""
    made = MobID.new()
    made.material = uuid5(_OURS, "\0".join(seeds))
    return made


def rate_of(rate: FrameRate) -> AAFRational:
    """A frame rate as the format holds it, exactly."""
    return AAFRational(rate.fraction)


def stored(text: str) -> str:
    """As much of a text as the format can hold."""
    return legible(text)[:_MAX_TEXT]


class Mobs:
    """Makes each of them once."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._made: dict[tuple[str, ...], Any] = {}

    def source(self, clip: Clip, *, channel: int) -> tuple[Any, int] | None:
        """The master clip, and which of its tracks is this channel (0: the picture); None where silent."""
        channels = _channels(clip.audible)
        if channel > channels:
            return None
        return self._master(clip), 1 + channel

    def _master(self, clip: Clip) -> Any:
        heard = clip.audible
        key = ("master", clip.media.file, heard.file if heard else "", str(clip.media.start_timecode))
        if key in self._made:
            return self._made[key]
        master = self._mob("MasterMob", key, name=clip.name, seeds=(clip.metadata.get("take_id", ""),))
        self._track(master, self._media(clip.media), kind="picture", slot_id=1, name="V1")
        if heard is not None:
            for channel in range(1, _channels(heard) + 1):
                slot_id = 1 + channel
                self._track(master, self._media(heard), kind="sound", slot_id=slot_id, name=f"A{channel}")
        for name, value in _said(clip).items():
            master.comments[name] = stored(value)
        return master

    def _track(self, master: Any, source: Any, *, kind: str, slot_id: int, name: str) -> None:
        rate = source.slot_at(slot_id).edit_rate
        slot = master.create_timeline_slot(edit_rate=rate, slot_id=slot_id)
        slot.name, slot["PhysicalTrackNumber"].value = name, max(1, slot_id - 1)
        slot.segment = source.create_source_clip(slot_id=slot_id, media_kind=kind)

    def _media(self, media: MediaReference) -> Any:
        key = ("file", media.file, str(media.start_timecode), str(media.frame_rate))
        if key in self._made:
            return self._made[key]
        mob = self._mob("SourceMob", key, name=media.first_file)
        mob.descriptor = self._descriptor(media)
        tape = self._tape(media)
        for channel in range(_channels(media) + 1):
            kind = "sound" if channel else "picture"
            slot = mob.create_timeline_slot(rate_of(media.frame_rate), slot_id=1 + channel)
            slot["PhysicalTrackNumber"].value = max(1, channel)
            slot.segment = tape.create_source_clip(
                slot_id=_tape_track(tape, kind=kind, channel=channel),
                start=media.start_timecode.frames,
                length=media.frame_count,
                media_kind=kind,
            )
        return mob

    def _tape(self, media: MediaReference) -> Any:
        """A reel that runs from midnight: a draft and its master are stretches of the same one."""
        start = media.start_timecode
        key = ("tape", media.reel, str(start.rate), str(start.drop))
        if key in self._made:
            return self._made[key]
        tape, day = self._mob("SourceMob", key, name=media.reel), _DAY * start.rate.nominal
        slot, timecode = tape.create_tape_slots(
            stored(media.reel), rate_of(start.rate), start.rate.nominal, start.drop, "picture", 2 * day
        )
        slot.segment.length = 2 * day  # media may run past midnight
        slot["PhysicalTrackNumber"].value = timecode["PhysicalTrackNumber"].value = 1
        return tape

    def _mob(self, kind: str, key: tuple[str, ...], *, name: str, seeds: tuple[str, ...] = ()) -> Any:
        mob = getattr(self._file.create, kind)(stored(name))
        mob.mob_id = identity(*key, *seeds)
        self._file.content.mobs.append(mob)
        self._made[key] = mob
        return mob

    def _descriptor(self, media: MediaReference) -> Any:
        picture = self._picture(media)
        if media.sound is None:
            return picture
        whole = self._file.create.MultipleDescriptor()
        whole["SampleRate"].value, whole["Length"].value = rate_of(media.frame_rate), media.frame_count
        whole["Locator"].append(self._locator(media))
        whole["FileDescriptors"].value = [picture, self._sound(media, media.sound)]
        return whole

    def _picture(self, media: MediaReference) -> Any:
        if media.kind is MediaKind.MOVIE:
            made = self._file.create.CDCIDescriptor()
            made["ComponentWidth"].value, made["HorizontalSubsampling"].value = _NOMINAL_DEPTH, 2
        else:
            made = self._file.create.RGBADescriptor()
            size = _HALF_FLOAT if media.file.endswith(".exr") else _WHOLE_NUMBER
            made["PixelLayout"].value = [{"Code": code, "Size": size} for code in _COMPONENTS]
        made["StoredWidth"].value, made["StoredHeight"].value = media.width, media.height
        made["ImageAspectRatio"].value = AAFRational(media.width, media.height)
        made["FrameLayout"].value, made["VideoLineMap"].value = "FullFrame", [42, 0]
        made["SampleRate"].value, made["Length"].value = rate_of(media.frame_rate), media.frame_count
        made["Locator"].append(self._locator(media))
        return made

    def _sound(self, media: MediaReference, sound: Sound) -> Any:
        made = self._file.create.PCMDescriptor()
        samples = round(media.frame_count / media.frame_rate.fraction * SAMPLE_RATE)
        block = sound.channels * sound.bit_depth // 8
        made["SampleRate"].value = made["AudioSamplingRate"].value = SAMPLE_RATE
        made["Channels"].value, made["QuantizationBits"].value = sound.channels, sound.bit_depth
        made["BlockAlign"].value, made["AverageBPS"].value = block, block * SAMPLE_RATE
        made["Length"].value = samples
        made["Locator"].append(self._locator(media))
        return made

    def _locator(self, media: MediaReference) -> Any:
        """A plain relative name, as in the other formats; a sequence is named by its first image."""
        made = self._file.create.NetworkLocator()
        made["URLString"].value = media.first_file
        return made


def _tape_track(tape: Any, *, kind: str, channel: int) -> int:
    """The track's number on a tape, where the second one holds the timecode."""
    slot_id = _TIMECODE_SLOT + channel if channel else 1
    if all(slot.slot_id != slot_id for slot in tape.slots):
        first = tape.slot_at(1)
        slot = tape.create_timeline_slot(first.edit_rate, slot_id=slot_id)
        slot["PhysicalTrackNumber"].value = channel
        slot.segment = tape.root.create.SourceClip(length=first.segment.length, media_kind=kind)
    return slot_id


def _channels(media: MediaReference | None) -> int:
    return media.sound.channels if media is not None and media.sound is not None else 0


def _said(clip: Clip) -> Mapping[str, str]:
    """What Media Composer shows in columns of a bin."""
    facts = {"colour_space": clip.media.colour_space.value, "handles": str(clip.handles), "bin": clip.bin}
    proxy = {} if clip.proxy is None else {"proxy": clip.proxy.file}
    return {**facts, **proxy, **clip.metadata}
