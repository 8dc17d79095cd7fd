"""`.otioz` bundles, unpacked and read by OpenTimelineIO itself."""

import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from worker.media.zip_stream import ZipEntry, ZipStream
from worker.timeline import otioz
from worker.timeline.model import Clip, Timeline, UnwritableTimelineError

TimelineMaker = Callable[..., Timeline]


def packed(timeline: Timeline, path: Path) -> Path:
    """As the worker packs it, with each movie's own name as its bytes."""
    parts = dict(otioz.documents(timeline))
    parts |= {inside: beside.encode() for inside, beside in otioz.media(timeline).items()}
    archive = ZipStream()
    with path.open("wb") as file:
        for name, data in parts.items():
            file.writelines(archive.add(ZipEntry(name, len(data), zlib.crc32(data)), [data]))
        file.writelines(archive.close())
    return path


def unpacked(path: Path, folder: Path) -> Any:
    folder.mkdir()
    return otio.adapters.read_from_file(str(path), extract_to_directory=str(folder))


def test_an_independent_reader_unpacks_the_same_cut_with_its_movies(
    timeline: Timeline, tmp_path: Path
) -> None:
    document = unpacked(packed(timeline, tmp_path / "cut.otioz"), tmp_path / "out")
    playhead = timeline.sequence.playhead.frames
    (track,) = document.tracks
    assert document.global_start_time.value == playhead - 8
    starts = [item.source_range.start_time.value for item in track]
    assert starts == [playhead - 8, 0, playhead + 128, playhead + 92]
    for clip in track.find_clips():
        (reference,) = clip.media_references().values()
        found = tmp_path / "out" / reference.target_url
        assert found.read_text() == found.name
        assert reference.available_range.start_time <= clip.source_range.start_time
    assert [marker.marked_range.start_time.value for marker in track[2].markers] == [
        playhead + 130,
        playhead + 140,
    ]


def test_frames_are_stood_in_for_by_the_movie_beside_them(make_timeline: TimelineMaker) -> None:
    timeline = make_timeline(proxies=True)
    assert otioz.media(timeline) == {"media/sh010.mov": "sh010.mov", "media/sh020.mov": "sh020.mov"}
    whole = timeline.clips[2]
    assert isinstance(whole, Clip)
    alone = replace(timeline, clips=(replace(whole, alternate=None),), markers=())
    with pytest.raises(UnwritableTimelineError, match="needs a movie"):
        otioz.documents(alone)


def test_its_small_files_come_first_and_nothing_is_deflated(
    tmp_path: Path, make_timeline: TimelineMaker
) -> None:
    with zipfile.ZipFile(packed(make_timeline(), tmp_path / "cut.otioz")) as bundle:
        assert bundle.testzip() is None
        assert bundle.namelist() == [
            "version.txt",
            "content.otio",
            "media/sh010.mov",
            "media/sh020.mov",
        ]
        assert {entry.compress_type for entry in bundle.infolist()} == {zipfile.ZIP_STORED}
        assert bundle.read("version.txt") == b"1.0.0"


def test_two_files_of_one_name_are_refused(make_timeline: TimelineMaker) -> None:
    whole = make_timeline()
    first, other = whole.clips[0], whole.clips[2]
    assert isinstance(first, Clip)
    assert isinstance(other, Clip)
    assert other.alternate is not None
    twin = replace(other, alternate=replace(other.alternate, file="again/sh010.mov"))
    with pytest.raises(UnwritableTimelineError, match=r"sh010\.mov"):
        otioz.media(replace(whole, clips=(first, twin), markers=()))


def test_hostile_prompts_come_back_whole(hostile: str, tmp_path: Path, make_timeline: TimelineMaker) -> None:
    document = unpacked(packed(make_timeline(prompt=hostile), tmp_path / "cut.otioz"), tmp_path / "out")
    said = document.find_clips()[0].metadata["plugin_backend"]["metadata"]["prompt"]
    assert said == hostile.replace("\x1c", "\ufffd")
