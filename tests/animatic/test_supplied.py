from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.animatic.briefs import spec_of
from worker.animatic.ink import SRGB_TO_ACESCG, decode
from worker.animatic.render import Shot, bake
from worker.animatic.spec import Annotation
from worker.animatic.supplied import UnreadableFrameError, read

WIDE, TALL = 320, 180


def photograph(seed: int = 1) -> NDArray[np.uint8]:
    """A small picture like a photograph: soft sky, textured hills, a dark sharp thing in front."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:TALL, 0:WIDE].astype(np.float32)
    sky = np.stack([170 - 0.3 * rows, 190 - 0.4 * rows, 235 - 0.5 * rows], axis=2)
    rough = cv2.GaussianBlur(rng.normal(0, 90, (TALL, WIDE)).astype(np.float32), (0, 0), 1.2)
    hill = rows > 95 + 14 * np.sin(columns / 37) + 5 * np.sin(columns / 11)
    picture = np.where(hill[:, :, None], np.stack([92 + rough, 104 + rough, 62 + rough], axis=2), sky)
    trunk = (np.abs(columns - 110) < 9) & (rows > 40)
    crown = (columns - 110) ** 2 / 1.4 + (rows - 48) ** 2 < 34**2
    tree = np.stack([38 + rough * 0.6, 46 + rough * 0.7, 30 + rough * 0.5], axis=2)
    picture = np.where((trunk | crown)[:, :, None], tree, picture)
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def saved(path: Path, picture: NDArray[np.uint8]) -> Path:
    assert cv2.imwrite(str(path), picture[:, :, ::-1])
    return path


def as_light(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(decode(picture / 255.0) @ SRGB_TO_ACESCG.T)


def test_the_first_frame_is_the_supplied_picture_and_then_it_moves_in_depth(tmp_path: Path) -> None:
    picture = photograph()
    frame = saved(tmp_path / "first.png", picture)
    shot = bake(spec_of("slow push in", width=WIDE, height=TALL, first_frame=frame))
    pictures = [p.copy() for index in (0, 60, 119) for p in shot.frames(index, 1)]
    assert np.abs(pictures[0] - as_light(picture)).max() < 0.004
    assert all(np.isfinite(p).all() for p in pictures)
    assert np.abs(pictures[1] - pictures[0]).mean() > 0.01
    assert np.abs(pictures[2] - pictures[1]).mean() > 0.01


def test_near_layers_of_a_supplied_picture_travel_farther(tmp_path: Path) -> None:
    frame = saved(tmp_path / "first.png", photograph())
    shot = bake(spec_of("truck left", width=WIDE, height=TALL, first_frame=frame))
    grey = [
        (np.sqrt(np.clip(next(iter(shot.frames(i, 1))).mean(axis=2), 0, 1)) * 255).astype(np.uint8)
        for i in (58, 62)
    ]
    field = cv2.calcOpticalFlowFarneback(
        grey[0], grey[1], np.zeros((*grey[0].shape, 2), np.float32), 0.5, 4, 21, 4, 7, 1.5, 0
    )
    assert np.median(field[155:175, 150:300, 0]) > np.median(field[70:90, 200:300, 0]) + 0.3


def test_the_last_frame_is_the_supplied_picture(tmp_path: Path) -> None:
    first, last = photograph(1), photograph(2)[:, ::-1].copy()
    spec = spec_of(
        "dolly in",
        width=WIDE,
        height=TALL,
        first_frame=saved(tmp_path / "a.png", first),
        last_frame=saved(tmp_path / "b.png", last),
    )
    shot = bake(spec)
    start, end = (next(iter(shot.frames(index, 1))).copy() for index in (0, spec.frame_count - 1))
    assert np.abs(start - as_light(first)).max() < 0.004
    assert np.abs(end - as_light(last)).max() < 0.004


def test_a_last_frame_alone_is_arrived_at(tmp_path: Path) -> None:
    picture = photograph(3)
    spec = spec_of("dolly in", width=WIDE, height=TALL, last_frame=saved(tmp_path / "b.png", picture))
    shot = bake(spec)
    end = next(iter(shot.frames(spec.frame_count - 1, 1))).copy()
    start = next(iter(shot.frames(0, 1)))
    assert np.abs(end - as_light(picture)).max() < 0.004
    assert np.abs(start - end).mean() > 0.01


def test_an_empty_prompt_with_a_drawn_stroke_moves_the_supplied_picture(tmp_path: Path) -> None:
    frame = saved(tmp_path / "first.jpg", photograph())
    stroke = Annotation("camera", ((0.5, 0.5), (0.6, 0.5)), 0.0, 5.0)
    spec = spec_of("", width=WIDE, height=TALL, first_frame=frame, annotations=(stroke,))
    pictures = [p.copy() for index in (0, 119) for p in bake(spec).frames(index, 1)]
    assert np.abs(pictures[1] - pictures[0]).mean() > 0.01


def test_a_saved_bake_needs_no_picture_file(tmp_path: Path) -> None:
    frame = saved(tmp_path / "first.png", photograph())
    shot = bake(spec_of("dolly in", width=WIDE, height=TALL, first_frame=frame))
    shot.save(tmp_path / "bake")
    frame.unlink()
    ours, theirs = (next(iter(s.frames(50, 1))).copy() for s in (shot, Shot.load(tmp_path / "bake")))
    assert np.array_equal(ours, theirs)


def test_colours_of_a_16_bit_picture_are_converted_from_srgb_to_acescg(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((90, 160, 3), 32768, np.uint16))
    grey = read(path, 160, 90)
    assert grey == pytest.approx(0.2140, abs=2e-3)


def test_a_picture_of_another_shape_is_cropped_from_its_middle(tmp_path: Path) -> None:
    picture = np.zeros((100, 400, 3), np.uint8)
    picture[:, 150:250] = 255
    path = saved(tmp_path / "wide.png", picture)
    assert read(path, 100, 100).mean() == pytest.approx(1.0, abs=0.05)


def test_a_file_that_is_no_picture_says_so(tmp_path: Path) -> None:
    path = tmp_path / "first.png"
    path.write_bytes(b"PK\x03\x04 not a picture")
    with pytest.raises(UnreadableFrameError, match=r"first\.png"):
        bake(spec_of("dolly in", width=WIDE, height=TALL, first_frame=path))
