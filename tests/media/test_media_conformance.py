"""Finished files against what was asked for: right ones pass every check, and each check can fail."""

import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.sequence import SUPPORTED_RATES, ColourSpace, Sequence, Timecode
from tests.media.scenes import noise16, sunrise
from worker.media.conform import movie_format
from worker.media.conformance import Check, frame_checks, movie_checks, refusal
from worker.media.exr import FrameHeader, encode_exr
from worker.media.hdr import HdrFacts, Mastering
from worker.media.join import join
from worker.media.movie import MovieLabels, MovieWriter
from worker.media.readback.frames import read_frame
from worker.media.readback.movie import MovieFound, read_movie
from worker.media.readback.samples import depth_of
from worker.media.still_files import encode_png16, encode_tiff16

WIDTH, HEIGHT = 256, 144
FRAMES = 6
HDR = HdrFacts(
    921, 73, Mastering("P3-D65", ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)), (0.3127, 0.329), 1000, 0.0001)
)


def planned(form: str = "prores-422-hq", *, frames: int = FRAMES, **sequence: object) -> ConformPlan:
    asked = {"frame_rate": "24", "width": WIDTH, "height": HEIGHT, "playhead_timecode": "01:00:00:00"}
    found = Sequence.from_json(asked | sequence)
    facts = SourceFacts(found.frame_rate.fraction, frames, WIDTH, HEIGHT, ColourSpace.REC709)
    spec = OutputSpec(OutputRole.MASTER, DeliveryFormat(form))
    return plan_conform(facts, found, [spec], name_stem="shot")


def made(folder: Path, plan: ConformPlan, *, sound: bool = False) -> MovieFound:
    """The movie of a plan, as deliveries write it, read back."""
    output, rate = plan.outputs[0], plan.frame_rate.fraction
    segment, path = folder / f"segment.{output.name}", folder / output.name
    with MovieWriter(
        segment,
        movie_format=movie_format(output),
        rate=rate,
        width=output.width,
        height=output.height,
        colour_space=output.colour_space,
        threads=1,
        is_segment=True,
    ) as movie:
        for frame in range(plan.frame_count):
            movie.write(noise16(frame, width=output.width, height=output.height))
    hdr = HDR if output.colour_space is ColourSpace.REC2100_PQ else None
    labels = MovieLabels(plan.start_timecode, plan.reel, hdr=hdr)
    heard = silence(folder / "sound.wav", seconds=plan.frame_count / rate) if sound else None
    join([segment], path, movie_format=movie_format(output), rate=rate, labels=labels, sound=heard)
    return read_movie(path)


def silence(path: Path, *, seconds: Fraction) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes(bytes(4 * round(48_000 * seconds)))
    return path


def checked(found: MovieFound, plan: ConformPlan, *, sound: bool = False) -> list[Check]:
    hdr = HDR if plan.outputs[0].colour_space is ColourSpace.REC2100_PQ else None
    return movie_checks(found, plan.outputs[0], plan, hdr=hdr, sound=sound)


def failed(checks: list[Check]) -> set[str]:
    return {each.check for each in checks if not each.passed}


@pytest.mark.parametrize(
    ("form", "space", "bits"),
    [
        ("prores-422-hq", "rec709", 10),
        ("prores-422-hq", "rec2100-pq", 10),
        ("prores-4444", "rec2100-hlg", 12),
        ("prores-4444", "p3-d65", 12),
        ("dnxhr-hqx", "rec709", 10),
        ("dnxhr-hqx", "rec2100-pq", 10),
        ("hevc-hdr10", "rec2100-pq", 10),
        ("hevc-hlg", "rec2100-hlg", 10),
        ("hevc-main12", "rec2100-pq", 12),
        ("h264", "rec709", 8),
        ("h264", "p3-d65", 8),
    ],
)
def test_every_format_passes_as_it_was_asked_for(tmp_path: Path, form: str, space: str, bits: int) -> None:
    plan = planned(form, colour_space=space)
    found = made(tmp_path, plan, sound=True)
    assert failed(checked(found, plan, sound=True)) == set()
    assert found.depth.decoded == bits


@pytest.mark.parametrize("rate", [str(rate) for rate in SUPPORTED_RATES])
def test_every_rate_passes_with_its_timecode(tmp_path: Path, rate: str) -> None:
    plan = planned(frame_rate=rate, playhead_timecode="10:09:58:12")
    assert failed(checked(made(tmp_path, plan), plan)) == set()


def test_drop_frame_timecode_passes_and_non_drop_in_its_place_fails(tmp_path: Path) -> None:
    plan = planned("h264", frame_rate="30000/1001", playhead_timecode="00:10:00;00")
    found = made(tmp_path, plan)
    assert failed(checked(found, plan)) == set()
    other = planned("h264", frame_rate="30000/1001", playhead_timecode="00:10:00:00")
    assert failed(checked(found, other)) == {"timecode"}


# What another movie differs in, and what is then said of the one at hand.
OTHERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "rate": ({"frame_rate": "25"}, {"frame rate", "duration", "timecode"}),
    "rate by a thousandth": ({"frame_rate": "24000/1001"}, {"frame rate", "duration"}),
    "size": ({"width": 320}, {"size"}),
    "length": ({"frames": FRAMES + 1}, {"frame count", "duration"}),
    "timecode by a frame": ({"playhead_timecode": "01:00:00:01"}, {"timecode"}),
    "colour": ({"colour_space": "rec2100-hlg"}, {"colour"}),
}


@pytest.fixture(scope="module")
def movie(tmp_path_factory: pytest.TempPathFactory) -> MovieFound:
    return made(tmp_path_factory.mktemp("movie"), planned())


@pytest.mark.parametrize("other", OTHERS)
def test_a_movie_that_differs_fails_in_just_that(movie: MovieFound, other: str) -> None:
    changed, expected = OTHERS[other]
    assert failed(checked(movie, planned(**changed))) == expected


def test_a_movie_of_another_shot_or_too_few_bits_or_without_sound_fails(movie: MovieFound) -> None:
    plan = planned()
    assert failed(checked(movie, replace(plan, reel="ELSEWHER"))) == {"reel"}
    assert failed(checked(movie, planned("hevc-main12"))) == {"bit depth"}
    assert failed(checked(movie, plan, sound=True)) == {"sound"}


def test_light_levels_that_are_missing_or_others_fail(tmp_path: Path) -> None:
    plan = planned("hevc-hdr10", colour_space="rec2100-pq")
    found = made(tmp_path, plan)
    brighter = replace(HDR, max_cll=HDR.max_cll + 1)
    wrong = failed(movie_checks(found, plan.outputs[0], plan, hdr=brighter, sound=False))
    assert wrong == {"light levels, boxes", "light levels, messages"}
    deaf = replace(found, messages=None)
    assert failed(checked(deaf, plan)) == {"light levels, messages"}


def test_what_failed_is_told_in_a_sentence_and_what_passed_is_not(movie: MovieFound) -> None:
    refused = refusal(checked(movie, planned(frame_rate="25")))
    assert refused is not None
    assert "frame rate of shot.mov is 24, asked 25" in refused["detail"]
    assert "size" not in refused["detail"]
    assert {check["check"] for check in refused["checks"]} == {"frame rate", "duration", "timecode"}
    assert refusal(checked(movie, planned())) is None


def test_a_file_that_is_cut_off_or_no_movie_cannot_be_read_back(tmp_path: Path) -> None:
    made(tmp_path, planned())
    whole = (tmp_path / "shot.mov").read_bytes()
    for number, data in enumerate((whole[:-4000], whole[:200], b"", b"RIFF" * 40)):
        broken = tmp_path / f"{number}.mov"
        broken.write_bytes(data)
        with pytest.raises(ValueError, match="mov"):
            read_movie(broken)


def exr(plan: ConformPlan, frame: int, *, timecode: Timecode | None = None) -> bytes:
    header = FrameHeader(
        frame_rate=plan.frame_rate.fraction,
        timecode=timecode or plan.timecode(frame),
        reel=plan.reel,
        image_counter=plan.frame_number(frame),
        attributes={"pluginbackend:max_cd_m2": "99.500", "pluginbackend:average_cd_m2": "12.250"},
    )
    picture = sunrise(frame, width=WIDTH, height=HEIGHT)
    return encode_exr(picture, space=plan.outputs[0].colour_space, header=header)


@pytest.mark.parametrize("rate", ["24000/1001", "25", "50", "60000/1001", "120"])
def test_frames_of_light_pass_and_fail_by_their_own_header(rate: str) -> None:
    plan = planned("exr-aces", frame_rate=rate)
    found = read_frame("a.exr", exr(plan, 3))
    output, light = plan.outputs[0], (99.5, 12.25)
    assert failed(frame_checks(found, 3, output, plan, light=light)) == set()
    assert found.bit_depth == 16
    assert failed(frame_checks(found, 3, output, plan, light=(99.5, 12.3))) == {"light of the frame"}
    acescg = planned("exr-acescg", frame_rate=rate, width=320)
    assert failed(frame_checks(found, 3, acescg.outputs[0], acescg, light=light)) == {"size", "colour"}
    packed = replace(output, exr_profile=ExrProfile.ST2065_4)
    assert failed(frame_checks(found, 3, packed, plan, light=light)) == {"profile"}
    moved = failed(frame_checks(found, 4, output, plan, light=light))
    assert moved == {"frame number"} | ({"timecode"} if rate != "120" else set())


@pytest.mark.parametrize(("form", "space"), [("png", "rec2100-pq"), ("png", "rec709"), ("tiff", "p3-d65")])
def test_stills_pass_and_fail_by_what_they_hold(form: str, space: str) -> None:
    plan = planned(form, colour_space=space)
    output, encode = plan.outputs[0], encode_png16 if form == "png" else encode_tiff16
    data = encode(noise16(0, width=WIDTH, height=HEIGHT), space=ColourSpace(space))
    found = read_frame(f"a{output.name[-4:]}", data)
    assert failed(frame_checks(found, 0, output, plan, light=None)) == set()
    narrow = replace(found, width=100, bit_depth=8, colour="none")
    assert failed(frame_checks(narrow, 0, output, plan, light=None)) == {"size", "bit depth", "colour"}


def test_bits_that_never_change_are_not_counted() -> None:
    samples = np.random.default_rng(3).integers(0, 256, (4, 64, 64), dtype=np.uint16)
    assert depth_of(samples << 2, bits=10).used == 8
    assert depth_of((samples << 2) + 64, bits=10).used == 8
    assert depth_of((samples << 2) | 1, bits=10).used == 8
    assert depth_of((samples << 2) | (samples & 1), bits=10).used == 10
    assert depth_of(np.full((2, 64, 64), 64, np.uint16), bits=10).used == 10  # black tells nothing
