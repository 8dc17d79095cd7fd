"""What providers and cameras really send, through the real door and out again: right, or refused in words."""

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest

from tests.conform.desk import Desk
from tests.conform.take import Delivered
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.ingest.filming import film, film_numbers, numbered, numbers_in
from tests.media import readers
from tests.media_process import corpus
from worker.media.ingest.refusals import TakeRefusedError
from worker.media.operations import OperationError
from worker.providers.protocol import FetchRefusedError

pytestmark = pytest.mark.slow

SEQUENCE: Mapping[str, object] = {
    "frame_rate": "24",
    "width": 320,
    "height": 180,
    "playhead_timecode": "01:00:00:00",
}
REFUSED = (TakeRefusedError, OperationError, FetchRefusedError)


def numbers(delivered: Delivered) -> list[int]:
    """The frames that the delivered movie shows."""
    return numbers_in(readers.luma(delivered.movie, width=320, height=180), middle=440)


def test_a_take_of_odd_sides_fills_an_even_frame_and_odd_frames_as_they_are(
    desk: Desk, tmp_path: Path
) -> None:
    sent = film_numbers(
        tmp_path / "odd.mp4", range(6), width=333, height=187, pixels="yuv444p", options={"crf": "6"}
    )
    made = desk.take(sent)
    assert (made.facts["width"], made.facts["height"]) == (333, 187)

    delivered = desk.deliver(made, [PRORES, PROXY], sequence=SEQUENCE)
    assert numbers(delivered) == list(range(6))

    own = desk.deliver(made, [EXR], sequence={**SEQUENCE, "width": 333, "height": 187})
    spec = oiio.ImageBuf(str(own.frames[0])).spec()
    assert (spec.width, spec.height, len(own.frames)) == (333, 187, 6)


def test_a_take_of_one_frame_is_a_clip_of_one_frame(desk: Desk, tmp_path: Path) -> None:
    made = desk.take(film_numbers(tmp_path / "one.mp4", [5], options={"crf": "6"}))
    delivered = desk.deliver(made, [EXR, PRORES, PROXY], sequence=SEQUENCE)
    assert numbers(delivered) == [5]
    assert len(delivered.frames) == 1
    assert readers.timecode(delivered.movie) == "01:00:00:00"
    assert len(readers.stamps(delivered.proxy)) == 1


def test_frames_at_uneven_times_are_held_until_the_next_one_shows(desk: Desk, tmp_path: Path) -> None:
    stamps = [0, 1, 2, 5, 6, 10, 11, 12, 13, 14, 15, 16]
    made = desk.take(
        film_numbers(tmp_path / "vfr.mp4", range(len(stamps)), stamps=stamps, options={"crf": "6"})
    )
    delivered = desk.deliver(made, [PRORES], sequence=SEQUENCE)
    shown = [max(n for n, stamp in enumerate(stamps) if stamp <= frame) for frame in range(17)]
    assert numbers(delivered) == shown


def test_a_movie_without_tags_is_what_its_model_is_declared_to_make(desk: Desk, tmp_path: Path) -> None:
    made = desk.take(film_numbers(tmp_path / "bare.mp4", range(4), tags=None, options={"crf": "6"}))
    assert made.source["colour_space"] == "rec709"
    delivered = desk.deliver(made, [PRORES], sequence=SEQUENCE)
    assert "bt709" in readers.report(delivered.movie)
    assert numbers(delivered) == [0, 1, 2, 3]


@pytest.mark.parametrize("share", [Fraction(1, 3), Fraction(3)], ids=["too little", "too much"])
def test_a_header_that_lies_of_the_length_costs_no_frame_and_makes_none(
    desk: Desk, tmp_path: Path, share: Fraction
) -> None:
    sent = film_numbers(tmp_path / "lies.mp4", range(30), options={"crf": "6"})
    _promise(sent, share=share)
    delivered = desk.deliver(desk.take(sent), [PRORES], sequence=SEQUENCE)
    assert numbers(delivered) == list(range(30))


def test_a_movie_that_begins_in_the_middle_of_its_pictures_is_refused(desk: Desk, tmp_path: Path) -> None:
    whole = film_numbers(tmp_path / "whole.mp4", range(40), options={"g": "20", "bf": "0"})
    sent = _without_first_packet(whole, tmp_path / "headless.mp4")
    with pytest.raises(REFUSED, match="Only 20 of the 39 frames"):
        desk.take(sent)


def test_a_picture_with_alpha_is_delivered_as_its_opaque_picture(desk: Desk, tmp_path: Path) -> None:
    sent = corpus.ffmpeg(
        tmp_path / "alpha.mov",
        *("-f", "lavfi", "-i", "color=c=0x40a060@0.5:size=320x180:rate=24:duration=0.25,format=yuva444p10le"),
        *("-c:v", "prores_ks", "-profile:v", "4444", "-alpha_bits", "16", "-color_primaries", "bt709"),
        *("-color_trc", "bt709", "-colorspace", "bt709"),
    )
    delivered = desk.deliver(desk.take(sent), [PRORES], sequence=SEQUENCE)
    ours = readers.luma(delivered.movie, width=320, height=180)
    coded = readers.luma(sent, width=320, height=180)
    assert len(ours) == 6
    assert np.abs(ours.astype(int) - coded.astype(int)).max() <= 4


def test_mono_sound_of_eight_kilohertz_plays_in_both_channels_for_as_long_as_the_picture(
    desk: Desk, tmp_path: Path
) -> None:
    sent = corpus.movie(
        tmp_path / "phone.mp4", *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ar", "8000"),
        *("-ac", "1", "-shortest"), seconds=1, rate="24", sound=True,
    )  # fmt: skip
    made = desk.take(sent)
    sound = {"key": made.files["sound"]["key"], "from": "take", "offset_seconds": "0", "gain_db": 0.0}
    delivered = desk.deliver(made, [PRORES], sequence=SEQUENCE, sound=sound)
    with av.open(str(delivered.movie)) as movie:
        track = movie.streams.audio[0]
        assert (track.rate, track.channels) == (48_000, 2)
        samples = sum(frame.samples for frame in movie.decode(track))
    assert samples == 48_000


@pytest.mark.parametrize("sides", [(16_384, 16), (16, 16_384)])
def test_a_side_of_16384_is_refused_by_name(desk: Desk, tmp_path: Path, sides: tuple[int, int]) -> None:
    width, height = sides
    picture = numbered(0, width=width, height=height)
    sent = film(tmp_path / "wide.mov", [picture], codec="prores_ks", pixels="yuv422p10le")
    with pytest.raises(REFUSED, match=f"{width} x {height}"):
        desk.take(sent)


def _promise(movie: Path, *, share: Fraction) -> None:
    """Say another length than the frames have, wherever the header says one."""
    data = bytearray(movie.read_bytes())
    for box, at in ((b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 20)):
        place = data.index(box) + 4 + at
        told = int.from_bytes(data[place : place + 4], "big")
        data[place : place + 4] = int(told * share).to_bytes(4, "big")
    movie.write_bytes(bytes(data))


def _without_first_packet(movie: Path, path: Path) -> Path:
    """The same coded pictures but for the first, which the next ones were coded from."""
    with av.open(str(movie)) as whole, av.open(str(path), "w") as rest:
        track = whole.streams.video[0]
        copied = rest.add_stream_from_template(track)
        for number, packet in enumerate(whole.demux(track)):
            if number and packet.dts is not None:
                packet.stream = copied
                rest.mux(packet)
    return path
