"""The trace's pictures: asked and measured told apart on any frame, nothing drawn that was not measured."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest
from lxml import etree
from numpy.typing import NDArray

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.evaluation import (
    Adherence,
    CameraSample,
    Defect,
    DefectKind,
    Evaluation,
    Standing,
)
from plugin_backend.domain.direction.marks import directives_of_marks
from plugin_backend.domain.direction.terms import Move
from worker.director.chart import motion_chart
from worker.director.overlay import ASKED, MEASURED
from worker.director.pictures import direction_picture

FIVE = Fraction(5)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> & "she" \x00\x1b]\u202e 夜の港 ' + "w" * 400


def drawn(tool: str, target: str, *points: tuple[float, float], note: str = "", **more: Any) -> Annotation:
    return Annotation(
        tool=AnnotationTool(tool), target=AnnotationTarget(target), points=points, note=note, **more
    )


def directives(*marks: Annotation) -> tuple[Directive, ...]:
    return directives_of_marks(marks, duration=FIVE, aspect=16 / 9)


def seen(directive: Directive, standing: str = "followed", **measured: Any) -> Adherence:
    score = None if standing == "not-measured" else 0.5
    return Adherence(
        directive_id=directive.id,
        standing=Standing(standing),
        score=score,
        confidence=0.8,
        says="Seen.",
        measured=measured,
    )


def evaluation(
    *adherence: Adherence, camera: Sequence[CameraSample] = (), defects: Sequence[Defect] = ()
) -> Evaluation:
    return Evaluation(
        adherence=tuple(adherence), defects=tuple(defects), camera=tuple(camera), move="pan-right"
    )


def grey(width: int = 640, height: int = 360, level: int = 128) -> NDArray[np.uint8]:
    return np.full((height, width, 3), level, np.uint8)


def pixels(png: bytes) -> NDArray[np.uint8]:
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert image is not None
    return np.asarray(image, np.uint8)


def ink(image: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Where a picture has a colour, below the rims and blends of its edges."""
    return np.asarray(np.abs(image.astype(int) - colour).max(axis=2) < 12)


PAN = drawn("arrow", "camera", (0.3, 0.5), (0.7, 0.5), note="pan")


def test_what_was_asked_and_what_was_measured_lie_where_they_were() -> None:
    (pan,) = directives(PAN)
    found = evaluation(seen(pan, x_widths_per_second=0.04, y_heights_per_second=-0.06))
    image = pixels(direction_picture(grey(), [pan], found))[:360]
    asked, measured = ink(image, ASKED), ink(image, MEASURED)
    assert asked[176:184, 330:448].any(axis=0).mean() > 0.4  # dashes, from where the arrow began
    assert not asked[:, :180].any()
    rows, columns = np.nonzero(measured)
    assert columns.min() < 200  # from the arrow's own start at 0.3
    assert columns.max() == pytest.approx((0.3 + 0.2) * 639, abs=8)
    assert rows.min() == pytest.approx((0.5 - 0.3) * 359, abs=8)


def test_without_a_measurement_nothing_is_drawn_as_measured() -> None:
    (pan,) = directives(PAN)
    for found in (None, evaluation(), evaluation(seen(pan, "not-measured"))):
        image = pixels(direction_picture(grey(), [pan], found))[:360]
        assert ink(image, ASKED).any()
        assert not ink(image, MEASURED).any()


def test_a_choice_of_ours_is_not_drawn_as_asked() -> None:
    ours = Directive(
        id="camera-1",
        kind=DirectiveKind.CAMERA,
        source=DirectiveSource.DEFAULT,
        says="A slow dolly in.",
        to_seconds=FIVE,
        move=Move.DOLLY_IN,
    )
    image = pixels(direction_picture(grey(), [ours], None))
    assert not ink(image[:360], ASKED).any()


def test_a_subject_s_own_path_is_drawn_over_the_asked_one() -> None:
    (path,) = directives(drawn("path", "subject", (0.1, 0.8), (0.5, 0.6), (0.9, 0.8)))
    found = evaluation(seen(path, path=[[0.1, 0.3], [0.9, 0.3]]))
    image = pixels(direction_picture(grey(), [path], found))[:360]
    assert ink(image, MEASURED)[104:112].any()
    assert not ink(image, MEASURED)[180:].any()
    assert ink(image, ASKED)[205:300].any()


@pytest.mark.parametrize(
    ("size", "wide"), [((320, 180), 640), ((960, 540), 960), ((1920, 1080), 1280), ((360, 640), 640)]
)
def test_it_is_wide_enough_to_read_and_no_wider_than_a_page(size: tuple[int, int], wide: int) -> None:
    image = pixels(direction_picture(grey(*size), directives(PAN), None))
    assert image.shape[1] == wide
    assert image.shape[0] > wide * size[1] // size[0]


@pytest.mark.parametrize("level", [0, 60, 128, 200, 255])
def test_both_lines_stand_out_from_any_ground(level: int) -> None:
    """By their dark rim on light, by themselves on dark."""
    (pan,) = directives(PAN)
    found = evaluation(seen(pan, x_widths_per_second=0.04, y_heights_per_second=-0.06))
    image = pixels(direction_picture(grey(level=level), [pan], found))[:360]
    for colour in (ASKED, MEASURED):
        assert ink(image, colour).sum() > 300
    assert (image.max(axis=2) < 40).sum() > 300


def test_the_two_colours_differ_for_people_who_see_no_red_or_no_green() -> None:
    """By simulated sight (Machado, Oliveira and Fernandes, 2009), in CIELAB."""
    protan = [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
    deutan = [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
    for sight in (np.eye(3), np.array(protan), np.array(deutan)):
        pair = (np.array([ASKED, MEASURED]) / 255.0) ** 2.2 @ sight.T
        shown = (np.clip(pair, 0, 1) ** (1 / 2.2)).astype(np.float32)[None]
        lab = cv2.cvtColor(shown, cv2.COLOR_RGB2LAB)[0]
        assert np.linalg.norm(lab[0] - lab[1]) > 50


def test_hostile_words_are_words_in_pictures_and_charts() -> None:
    marks = directives(
        drawn("arrow", "camera", (0.3, 0.5), (0.7, 0.5), note=f"pan {HOSTILE}"),
        drawn("text", "subject", (0.3, 0.5), note=HOSTILE),
    )
    bad = Defect(
        kind=DefectKind.CUT, severity=1, at_seconds=(9.0,), measured=1, limit=1, unit="x", says=HOSTILE
    )
    found = evaluation(*(seen(each) for each in marks), defects=[bad])
    assert pixels(direction_picture(grey(), marks, found)).shape[1] == 640
    root = _chart(marks, found)
    names = {each.tag.removeprefix(SVG) for each in root.iter()}
    assert names == {"svg", "title", "desc", "style", "rect", "text", "path"}
    said = root.find(f"{SVG}desc")
    assert said is not None
    assert "<script>alert(1)</script>" in (said.text or "")


def _chart(marks: Sequence[Directive], found: Evaluation | None) -> Any:
    return etree.fromstring(motion_chart(marks, found, FIVE).encode())


def _of(root: Any, look: str) -> list[Any]:
    return [each for each in root.iter() if each.get("class") == look]


def _words(root: Any) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def test_a_chart_says_what_was_not_measured() -> None:
    root = _chart(directives(PAN), None)
    assert _words(root).count("not measured") == 4
    assert len(_of(root, "seen")) == 1  # the legend's own
    assert "1: The camera turns right" in (root.findtext(f"{SVG}desc") or "")
    assert "not measured" in (root.findtext(f"{SVG}desc") or "")


def test_a_measured_line_breaks_where_nothing_sure_was_measured() -> None:
    unsure = {20, 21, 22}
    samples = [CameraSample(n / 10, 0.05, 0.0, 0.0, 0.0, 0.05 if n in unsure else 0.9) for n in range(50)]
    root = _chart(directives(PAN), evaluation(camera=samples))
    assert len(_of(root, "seen")) == 1 + 4 * 2
    assert "not measured" not in _words(root)


def test_asked_spans_lie_in_their_own_time_and_on_their_own_side() -> None:
    early = drawn("arrow", "camera", (0.7, 0.5), (0.3, 0.5), note="pan", to_seconds=Fraction(2))
    root = _chart(directives(early), evaluation(camera=[CameraSample(1.0, -0.2, 0, 0, 0, 1.0)]))
    _, band = _of(root, "band")
    plot = _of(root, "plot")[0]
    left, wide = float(plot.get("x") or 0), float(plot.get("width") or 0)
    assert float(band.get("x") or 0) == left
    assert float(band.get("width") or 0) == pytest.approx(0.4 * wide, abs=0.2)
    assert float(band.get("y") or 0) > float(plot.get("y") or 0)  # leftwards is the lower half


def test_a_still_camera_is_asked_of_every_axis() -> None:
    still = directives(drawn("point", "camera", (0.5, 0.5), note="locked off"))
    assert len(_of(_chart(still, None), "band")) == 1 + 4


def test_a_way_that_was_left_open_is_asked_both_ways() -> None:
    (pan,) = directives(PAN)
    either = replace(pan, either_way=True, vector=None, path=())
    _, band = _of(_chart([either], None), "band")
    assert band.get("height") == _of(_chart([either], None), "plot")[0].get("height")
    drawn_asked = ink(pixels(direction_picture(grey(), [either], None))[:360], ASKED)
    assert drawn_asked[:, :300].any()
    assert drawn_asked[:, 340:].any()


def test_every_fault_is_ticked_and_named() -> None:
    faults = [
        Defect(kind=kind, severity=0.5, at_seconds=times, measured=1, limit=1, unit="x", says=f"{kind}.")
        for kind, times in ((DefectKind.CUT, (2.0,)), (DefectKind.EXPOSURE_JUMP, (1.0, 4.9)))
    ]
    root = _chart(directives(PAN), evaluation(defects=faults))
    assert len(_of(root, "fault")) == 1 + 3
    assert {"cut", "exposure jump"} <= set(_words(root))
