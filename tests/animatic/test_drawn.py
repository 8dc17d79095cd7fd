"""Marks on the embedded engine: what was drawn is what the camera, the subject and the kept parts do."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plugin_backend.domain.annotations import Annotation
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.direction.marks import directives_of_brief
from tests.animatic.strokes import ASPECT, TALL, WIDE, Grey, drawn, frame, grey
from tests.domain.direction.drawing import mark
from worker.animatic.camera import even, rig_of
from worker.animatic.render import bake
from worker.animatic.stage import Stage
from worker.providers.drawn import strokes_of

DISC = tuple((0.25 + 0.09 * np.cos(t) / ASPECT, 0.6 + 0.09 * np.sin(t)) for t in np.linspace(0, 6.1, 24))


def slid(before: Grey, after: Grey, *, reach: int = 90) -> tuple[int, int]:
    """By how many pixels the picture's middle went, by trying them all."""
    top, left, tall, wide = 60, 110, 60, 100
    block = before[top : top + tall, left : left + wide].astype(np.float32)
    across, down = min(reach, left), min(reach, top)
    area = after[top - down : top + tall + down, left - across : left + wide + across].astype(np.float32)
    found = cv2.matchTemplate(area, block, cv2.TM_CCOEFF_NORMED)
    best = np.unravel_index(int(np.argmax(found)), found.shape)
    return int(best[1]) - across, int(best[0]) - down


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    """Texture everywhere, and a red disc at a quarter of the width."""
    rng = np.random.default_rng(5)
    rough = cv2.GaussianBlur(rng.normal(0, 1, (TALL, WIDE)), (0, 0), 2.0)
    picture = np.repeat((120 + 60 * rough / rough.std() / 2)[:, :, None], 3, axis=2)
    rows, columns = np.mgrid[0:TALL, 0:WIDE] + 0.5
    disc = (columns - 0.25 * WIDE) ** 2 + (rows - 0.6 * TALL) ** 2 < (0.075 * TALL) ** 2
    picture[disc] = (200, 20, 20)
    path = tmp_path / "frame.png"
    assert cv2.imwrite(str(path), np.clip(picture, 0, 255).astype(np.uint8)[:, :, ::-1])
    return path


def red(picture: NDArray[np.float32]) -> tuple[float, float]:
    """Where the red disc is, in frame widths and heights."""
    rows, columns = np.nonzero(picture[:, :, 0] > 2.2 * picture[:, :, 1])
    assert len(rows) > 150
    return (columns.mean() + 0.5) / WIDE, (rows.mean() + 0.5) / TALL


@given(st.floats(0, 4), st.floats(0.05, 6), st.lists(st.floats(-1, 11), min_size=2, max_size=12))
def test_a_stroke_begins_and_ends_in_its_time_and_never_turns_back(
    start: float, span: float, times: list[float]
) -> None:
    end = start + span
    assert even(start, start, end) == 0.0
    assert even(end, start, end) == pytest.approx(1.0)
    shares = [even(time, start, end) for time in sorted(times)]
    assert shares == sorted(shares)
    assert all(0.0 <= share <= 1.0 for share in shares)
    middle = even(start + 0.6 * span, start, end) - even(start + 0.4 * span, start, end)
    assert middle == pytest.approx(0.2, rel=0.18)  # the short start and stop cost the rest this much


@pytest.mark.parametrize("note", ["", "pan"])
@pytest.mark.parametrize("end", [(0.7, 0.5), (0.3, 0.5), (0.5, 0.2), (0.6, 0.7)])
def test_an_arrow_takes_the_camera_as_far_as_it_is_long(note: str, end: tuple[float, float]) -> None:
    stage = Stage.of(drawn(mark("arrow", "camera", (0.5, 0.5), end, note=note, since=1, until=3)), {})
    before, waiting, after, later = (seen(stage, time) for time in (0.0, 1.0, 3.0, 5.0))
    assert before == waiting
    assert after == pytest.approx(later)
    assert after[0] - before[0] == pytest.approx((0.5 - end[0]) * stage.aspect)
    assert after[1] - before[1] == pytest.approx(0.5 - end[1])
    halfway = seen(stage, 2.0)
    assert halfway[0] - before[0] == pytest.approx((0.5 - end[0]) * stage.aspect / 2)


def seen(stage: Stage, time: float, x: float = 0.0, y: float = 0.0) -> tuple[float, float]:
    """Where the picture shows what stands in its midst."""
    return stage.view(time).place(x, y, stage.rig.reach)


def test_a_path_turns_its_corners_when_its_directives_say_so() -> None:
    bent = mark("path", "camera", (0.2, 0.2), (0.6, 0.2), (0.6, 0.6), since=1, until=5)
    asked = Brief(annotations=(bent,))
    stage = Stage.of(drawn(bent), {})
    first, second = directives_of_brief(asked)
    assert first.to_seconds == second.from_seconds
    x, y = seen(stage, float(first.to_seconds))
    assert x == pytest.approx(-0.4 * ASPECT, abs=0.05)
    assert y == pytest.approx(0.0, abs=0.05)
    for leg in (first, second):
        assert leg.vector is not None
        since, until = float(leg.from_seconds) + 0.3, float(leg.to_seconds) - 0.3
        gone = [b - a for a, b in zip(seen(stage, since), seen(stage, until), strict=True)]
        asked_for = (-leg.vector[0] * ASPECT * (until - since), -leg.vector[1] * (until - since))
        assert gone == pytest.approx(asked_for, rel=0.06, abs=0.002)


@pytest.mark.parametrize("words", ["", "forest", "a red ball in a gallery"])
@pytest.mark.parametrize("depth", [1.0, 2.0, 1e6])
def test_an_outline_fills_the_frame_at_its_end_at_every_depth(words: str, depth: float) -> None:
    box = ((0.55, 0.1), (0.95, 0.1), (0.95, 0.5), (0.55, 0.5))
    shot = bake(drawn(mark("outline", "camera", *box, until=4), words=words or "desert"))
    view = shot.stage.view(4.5)
    for (x, y), corner in zip(box, ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), strict=True):
        shown = view.place((x - 0.5) * ASPECT, y - 0.5, depth)
        assert (shown[0] / ASPECT + 0.5, shown[1] + 0.5) == pytest.approx(corner, abs=1e-6)


def test_the_pixels_of_an_outline_fill_the_frame(photograph: Path) -> None:
    box = ((0.3, 0.4), (0.8, 0.4), (0.8, 0.9), (0.3, 0.9))
    spec = drawn(mark("outline", "camera", *box, until=4), first_frame=photograph)
    rest, late = grey(frame(spec, 0.0)), grey(frame(spec, 4.6))
    cut = rest[round(0.4 * TALL) : round(0.9 * TALL), round(0.3 * WIDE) : round(0.8 * WIDE)]
    enlarged = cv2.resize(cut, (WIDE, TALL), interpolation=cv2.INTER_LINEAR)
    assert np.corrcoef(enlarged.ravel(), late.ravel())[0, 1] > 0.98


def test_a_framing_that_starts_on_an_outline_ends_on_the_whole_frame() -> None:
    box = ((0.1, 0.5), (0.5, 0.5), (0.5, 0.9), (0.1, 0.9))
    rig = rig_of(drawn(mark("outline", "camera", *box, note="start on this, zoom out")))
    assert rig.state(0.0).zoom == pytest.approx(2.5)
    assert rig.state(5.0).zoom == pytest.approx(1.0)
    assert (rig.state(5.0).pan, rig.state(5.0).tilt) == pytest.approx((0.0, 0.0))


@pytest.mark.parametrize(
    ("end", "way"),
    [((0.75, 0.5), (-1, 0)), ((0.25, 0.5), (1, 0)), ((0.5, 0.25), (0, 1)), ((0.6, 0.7), (-1, -1))],
)
def test_the_pixels_go_as_far_as_a_drawn_pan(
    photograph: Path, end: tuple[float, float], way: tuple[int, int]
) -> None:
    arrow = mark("arrow", "camera", (0.5, 0.5), end, note="pan", since=1, until=4)
    spec = drawn(arrow, first_frame=photograph)
    rest, late = (grey(frame(spec, time)) for time in (0.0, 4.6))
    across, down = slid(rest, late)
    assert across == pytest.approx((0.5 - end[0]) * WIDE, abs=1.0)
    assert down == pytest.approx((0.5 - end[1]) * TALL, abs=1.0)
    assert (np.sign(across), np.sign(down)) == way
    assert slid(rest, grey(frame(spec, 1.0))) == (0, 0)


def test_no_edge_of_a_supplied_picture_comes_into_view(photograph: Path) -> None:
    far = mark("arrow", "camera", (0.1, 0.5), (0.9, 0.5))
    late = frame(drawn(far, first_frame=photograph), 4.9).mean(axis=2)
    assert cv2.blur(late, (9, 9)).min() > 0.02


def test_the_pixels_turn_as_far_as_a_drawn_roll(photograph: Path) -> None:
    roll = mark("arrow", "camera", (0.35, 0.5), (0.65, 0.5), note="roll", until=4)
    spec = drawn(roll, first_frame=photograph)
    rest, late = (grey(frame(spec, time)) for time in (0.0, 4.6))
    angle = np.degrees(rig_of(spec).state(4.6).roll)
    assert angle == pytest.approx(np.degrees(0.35 * 0.6))
    scores = {}
    for tried in np.arange(-20.0, 20.1, 1.0):
        turn = cv2.getRotationMatrix2D((WIDE / 2 - 0.5, TALL / 2 - 0.5), tried, 1.0)
        turned = cv2.warpAffine(rest, turn, (WIDE, TALL))[50:130, 110:210]
        scores[tried] = np.corrcoef(turned.ravel(), late[50:130, 110:210].ravel())[0, 1]
    best = max(scores, key=lambda tried: scores[tried])
    assert best == pytest.approx(angle, abs=1.0)
    assert scores[best] > 0.9


@pytest.mark.parametrize("camera", [(), (mark("arrow", "camera", (0.5, 0.5), (0.6, 0.4), note="pan"),)])
@pytest.mark.parametrize("outline", [(), (mark("outline", "subject", *DISC),)])
def test_what_was_outlined_goes_along_its_path_whatever_the_camera_does(
    photograph: Path, camera: tuple[Annotation, ...], outline: tuple[Annotation, ...]
) -> None:
    path = mark("path", "subject", (0.25, 0.6), (0.6, 0.6), (0.6, 0.3), since=1, until=4)
    spec = drawn(path, *outline, *camera, first_frame=photograph)
    assert red(frame(spec, 0.5)) == pytest.approx((0.25, 0.6), abs=0.006)
    assert red(frame(spec, 4.5)) == pytest.approx((0.6, 0.3), abs=0.006)
    x, y = red(frame(spec, 2.0))
    assert y == pytest.approx(0.6, abs=0.006)
    assert x == pytest.approx(0.25 + (0.35 * ASPECT + 0.3) / 3 / ASPECT, abs=0.02)
    gone = frame(spec, 4.5)[88:128, 60:100] if not camera else None
    assert gone is None or not (gone[:, :, 0] > 2.2 * gone[:, :, 1]).any()  # nothing of it stays behind


def test_at_rest_a_cut_out_subject_leaves_the_picture_as_supplied(photograph: Path) -> None:
    path = mark("arrow", "subject", (0.25, 0.6), (0.6, 0.6), since=2)
    cut, whole = (
        frame(drawn(*marks, words="static", first_frame=photograph), 0.0) for marks in ((path,), ())
    )
    assert np.abs(cut - whole).max() < 0.004


@pytest.mark.parametrize("camera", ["static", "pan"])
def test_a_painted_ball_goes_along_its_path(camera: str) -> None:
    path = mark("arrow", "subject", (0.2, 0.3), (0.8, 0.6), since=1, until=4)
    arrow = mark("arrow", "camera", (0.5, 0.5), (0.55, 0.5), note="pan" if camera == "pan" else "locked off")
    spec = drawn(path, arrow, words="a red ball in a white gallery")
    for time, at in ((0.5, (0.2, 0.3)), (4.5, (0.8, 0.6))):
        picture = frame(spec, time)
        mask = (picture[:, :, 0] > 3.0 * picture[:, :, 2]) & (picture[:, :, 0] > 2.0 * picture[:, :, 1])
        rows, columns = np.nonzero(mask)
        box = (columns.min() + columns.max() + 1) / 2 / WIDE, (rows.min() + rows.max() + 1) / 2 / TALL
        assert box == pytest.approx(at, abs=0.03)


def test_light_weather_and_words_move_neither_camera_nor_subject() -> None:
    marks = (
        mark("arrow", "light", (0.1, 0.1), (0.5, 0.5)),
        mark("path", "weather", (0.1, 0.1), (0.5, 0.5)),
        mark("text", "subject", (0.5, 0.5), note="she waves"),
        mark("text", "camera", (0.5, 0.5), note="more air"),
    )
    assert strokes_of(Brief(annotations=marks)) == ()


def test_a_locked_camera_is_still_and_a_named_move_goes_a_usual_way() -> None:
    assert rig_of(drawn(mark("text", "camera", (0.5, 0.5), note="locked off"), words="pan left")).still
    turned = rig_of(drawn(mark("text", "camera", (0.5, 0.5), note="pan left")))
    assert turned.state(5.0).pan == pytest.approx(-0.25 * ASPECT)


@given(
    st.tuples(st.floats(-0.9, 0.9), st.floats(-0.5, 0.5)),
    st.floats(0.5, 20),
    st.floats(0, 5),
    st.sampled_from(["", "pan", "dolly", "zoom", "orbit"]),
)
def test_a_place_in_the_picture_is_found_again(
    point: tuple[float, float], depth: float, time: float, note: str
) -> None:
    stage = Stage.of(drawn(mark("arrow", "camera", (0.4, 0.5), (0.6, 0.4), note=note)), {})
    view = stage.view(time)
    assert view.place(*view.stands(*point, depth), depth) == pytest.approx(point, abs=1e-9)


def test_words_move_the_camera_where_nothing_is_drawn_and_our_own_choice_never_does() -> None:
    pan = mark("arrow", "camera", (0.3, 0.5), (0.6, 0.5), until=2, note="pan")
    told = rig_of(drawn(pan, words="a lake, tilt up in the last two seconds"))
    untold = rig_of(drawn(pan, words="a lake"))

    tilts = [rig.state(rig.seconds).tilt - rig.state(2.0).tilt for rig in (told, untold)]

    assert tilts[0] < -0.05
    assert tilts[1] == 0.0
