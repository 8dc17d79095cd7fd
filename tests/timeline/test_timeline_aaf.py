"""AAF files, read by OpenTimelineIO's adapter, and by pyaaf2 where that reads less than hosts do."""

import hashlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import aaf2
import opentimelineio as otio
import pytest

from worker.timeline.model import Clip, Gap, Timeline
from worker.timeline.render import TimelineFormat, render

TimelineMaker = Callable[..., Timeline]
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Timeline], Path]:
    """The file of each rate, written once: it takes a while."""
    made: dict[tuple[object, bool], Path] = {}

    def find(timeline: Timeline) -> Path:
        counting = (timeline.sequence.frame_rate, timeline.start.drop)
        if counting not in made:
            made[counting] = written(timeline, tmp_path_factory.mktemp("aaf"))
        return made[counting]

    return find


@pytest.fixture
def path(timeline: Timeline, shelf: Callable[[Timeline], Path]) -> Path:
    return shelf(timeline)


def written(timeline: Timeline, folder: Path) -> Path:
    path = folder / "cut.aaf"
    path.write_bytes(render(timeline, TimelineFormat.AAF))
    return path


def read(path: Path) -> Any:
    return otio.adapters.read_from_file(str(path))


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    with aaf2.open(str(path)) as file:
        yield file


def starts(track: Any) -> list[int]:
    return [round(item.source_range.start_time.value) for item in track]


def test_an_independent_reader_sees_the_same_cut_at_the_same_timecode(timeline: Timeline, path: Path) -> None:
    document = read(path)
    rate = float(timeline.sequence.frame_rate.fraction)
    assert document.name == "Storm"
    assert document.global_start_time.value == timeline.sequence.playhead.frames - 8
    assert document.global_start_time.rate == pytest.approx(rate, abs=1e-9)
    (track,) = document.tracks
    playhead = timeline.sequence.playhead.frames
    assert starts(track) == [playhead - 8, 0, playhead + 128, playhead + 92]
    assert [round(item.duration().value) for item in track] == [136, 12, 80, 36]
    media = [clip.media_reference for clip in track.find_clips()]
    names = ["sh010.mov", "sh020_exr/sh020.0001001.exr", "sh010.mov"]
    assert [each.target_url.removeprefix("file://") for each in media] == names
    assert [round(each.available_range.duration.value) for each in media] == [136, 96, 136]
    assert round(media[0].available_range.start_time.value) == playhead - 8


def test_rates_are_exact_and_timecode_counts_as_the_sequence_does(timeline: Timeline, path: Path) -> None:
    with opened(path) as file:
        slots = [slot for mob in file.content.mobs for slot in mob.slots]
        rates = {Fraction(slot["EditRate"].value) for slot in slots}
        codes = [slot.segment for slot in slots if isinstance(slot.segment, aaf2.components.Timecode)]
        counted = {(code.fps, code.drop) for code in codes}
        sampled = {
            Fraction(mob.descriptor["SampleRate"].value)
            for mob in file.content.sourcemobs()
            if "Locator" in mob.descriptor
        }
    assert rates == sampled == {timeline.sequence.frame_rate.fraction}
    assert counted == {(timeline.sequence.frame_rate.nominal, timeline.start.drop)}
    assert len(codes) == 3  # the composition's and one a reel


def test_markers_lie_on_the_frames_they_name(timeline: Timeline, path: Path) -> None:
    (track,) = read(path).tracks
    first, gap, images, again = (
        [(round(each.marked_range.start_time.value), each.color) for each in item.markers] for item in track
    )
    playhead = timeline.sequence.playhead.frames
    assert first == [(playhead - 8 + 10, "CYAN")]
    assert gap == [(4, "RED")]
    assert images == [(playhead + 130, "CYAN"), (playhead + 140, "RED")]
    assert again == [(playhead + 92 + 2, "RED")]
    assert round(track[2].markers[1].marked_range.duration.value) == 5


def test_hostile_prompts_come_back_whole(hostile: str, tmp_path: Path, make_timeline: TimelineMaker) -> None:
    path = written(make_timeline(prompt=hostile, name=hostile or "Storm"), tmp_path)
    spoken = hostile.replace("\x1c", "\ufffd")
    with opened(path) as file:
        said = [dict(mob.comments.items()) for mob in file.content.mastermobs()]
        (composition,) = file.content.compositionmobs()
        assert composition.name == (spoken or "Storm")
    assert [each["prompt"] for each in said] == [spoken, spoken]
    assert [each["colour_space"] for each in said] == ["rec2100-pq", "aces2065-1"]
    assert said[0]["generation_id"] == "gen_06d9t2"


def test_a_prompt_longer_than_a_property_can_be_is_cut(tmp_path: Path, make_timeline: TimelineMaker) -> None:
    with opened(written(make_timeline(prompt="🎬" * 40_000), tmp_path)) as file:
        said = {mob.comments["prompt"] for mob in file.content.mastermobs()}
    assert said == {"🎬" * 15_000}


def test_each_clip_leads_to_its_file_and_its_reel(tmp_path: Path, make_timeline: TimelineMaker) -> None:
    with opened(written(make_timeline(), tmp_path)) as file:
        (composition,) = file.content.compositionmobs()
        (picture,) = [slot for slot in composition.slots if slot.name == "V1"]
        chains = []
        for clip in picture.segment.components:
            if not isinstance(clip, aaf2.components.SourceClip):
                continue
            media = clip.mob.slot_at(clip.slot_id).segment
            tape = media.mob.slot_at(media.slot_id).segment
            chains.append((clip.mob.name, media.mob.name, tape.mob.name, tape.start + clip.start))
        sizes = {
            mob.name: (mob.descriptor["StoredWidth"].value, mob.descriptor["StoredHeight"].value)
            for mob in file.content.sourcemobs()
            if "StoredWidth" in mob.descriptor
        }
    start = make_timeline().sequence.playhead.frames
    assert chains == [
        ("SH010", "sh010.mov", "SH010", start - 8),
        ("SH020", "sh020_exr/sh020.0001001.exr", "SH020_take_2", start + 128),
        ("SH010", "sh010.mov", "SH010", start + 92),
    ]
    assert sizes == {"sh010.mov": (3840, 2160), "sh020_exr/sh020.0001001.exr": (4096, 2160)}


@pytest.mark.parametrize(("suffix", "size"), [(".exr", 253), (".png", 16), (".tif", 16)])
def test_images_say_whether_their_sixteen_bits_are_floats(
    *, suffix: str, size: int, tmp_path: Path, make_timeline: TimelineMaker
) -> None:
    whole = make_timeline()
    (clip,) = [each for _, each in whole.placed_clips() if each.name == "SH020"]
    images = replace(clip.media, file=f"sh020.%07d{suffix}")
    cut = replace(whole, clips=(replace(clip, media=images, alternate=None),), markers=())
    with aaf2.open(str(written(cut, tmp_path))) as file:
        (layout,) = (
            mob.descriptor["PixelLayout"].value
            for mob in file.content.sourcemobs()
            if "PixelLayout" in mob.descriptor
        )
    assert [each["Size"] for each in layout if each["Size"]] == [size] * 3


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_sound_has_a_track_a_channel_in_sync_with_the_picture(
    channels: int, tmp_path: Path, make_timeline: TimelineMaker
) -> None:
    path = written(make_timeline(channels=channels), tmp_path)
    picture, *sounds = read(path).tracks
    assert [track.kind for track in sounds] == ["Audio"] * channels
    for sound in sounds:
        assert starts(sound) == starts(picture)
        names = [clip.media_reference.target_url.removeprefix("file://") for clip in sound.find_clips()]
        assert names == ["sh010.mov", "sh020.mov", "sh010.mov"]
    with opened(path) as file:
        found = [
            part
            for mob in file.content.sourcemobs()
            if "FileDescriptors" in mob.descriptor
            for part in mob.descriptor["FileDescriptors"].value
            if isinstance(part, aaf2.essence.PCMDescriptor)
        ]
        said = {(part["Channels"].value, int(part["AudioSamplingRate"].value)) for part in found}
        lengths = [part["Length"].value for part in found]
    assert said == {(channels, 48_000)}
    assert lengths == [136 * 2000, 96 * 2000]


def test_a_draft_and_its_master_lie_on_one_reel_and_are_two_clips(
    tmp_path: Path, make_timeline: TimelineMaker
) -> None:
    tapes, masters = [], []
    for take in ("take_draft", "take_master"):
        whole = make_timeline()
        clip = whole.clips[0]
        assert isinstance(clip, Clip)
        mine = replace(clip, metadata={**clip.metadata, "take_id": take})
        with opened(written(replace(whole, clips=(mine,), markers=()), tmp_path)) as file:
            tapes += [str(mob.mob_id) for mob in file.content.sourcemobs() if mob.name == "SH010"]
            masters += [str(mob.mob_id) for mob in file.content.mastermobs()]
    assert tapes[0] == tapes[1]
    assert masters[0] != masters[1]


def test_equal_timelines_give_equal_files_in_any_process(make_timeline: TimelineMaker) -> None:
    program = (
        "import hashlib; from tests.timeline.conftest import make; from worker.timeline import aaf;"
        "print(hashlib.sha256(aaf.write(make(prompt='x', channels=2))).hexdigest())"
    )
    here = hashlib.sha256(render(make_timeline(prompt="x", channels=2), TimelineFormat.AAF)).hexdigest()
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == here


@pytest.mark.slow
def test_a_thousand_runs_of_frames_come_back_each_at_its_own_place(
    make_timeline: TimelineMaker, tmp_path: Path
) -> None:
    """The longest list that can be asked for, every second frame of it."""
    whole = make_timeline()
    images = next(clip.media for _, clip in whole.placed_clips() if clip.media.file.endswith(".exr"))
    clips = [
        Clip(
            name=f"frame {number}",
            media=replace(
                images,
                start_timecode=images.start_timecode + 2 * number,
                frame_count=1,
                first_image=images.first_image + 2 * number,
            ),
            source_start_frame=0,
            frame_count=1,
        )
        for number in range(1000)
    ]
    items = [item for clip in clips for item in (clip, Gap(frame_count=1))][:-1]

    path = written(replace(whole, clips=tuple(items), markers=()), tmp_path)

    with opened(path) as file:
        (composition,) = file.content.toplevel()
        (slot,) = (slot for slot in composition.slots if slot.media_kind == "Picture")
        found, at = [], 0
        for item in slot.segment.components:
            if isinstance(item, aaf2.components.SourceClip):
                found.append((at, item.mob.name))
            at += item.length
    assert found == [(2 * number, f"frame {number}") for number in range(1000)]
