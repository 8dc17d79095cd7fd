"""The page that people read: one small file that runs nothing, says what the report says, and escapes all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from html.parser import HTMLParser
from typing import Any, Final

import numpy as np
import pytest

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputRole, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.direction.evaluation import Adherence, Defect, DefectKind, Evaluation, Standing
from plugin_backend.domain.direction.marks import directives_of_marks
from plugin_backend.domain.sequence import ColourSpace, Sequence
from worker.director.chart import motion_chart
from worker.director.pictures import direction_picture
from worker.director.report import direction_section
from worker.media.conformance import Check
from worker.media.course import Course, Moment
from worker.media.delivery_sound import Heard
from worker.media.hdr import LightLevels
from worker.media.measure import tally_frame
from worker.media.report import build_report, describe
from worker.media.report_page.page import render_page
from worker.media.scopes import COLUMNS, LEVELS, Inside, Waveform
from worker.media.stills import Still, encode_small, kept_frames

PROMPT: Final = (
    'A ridge at dawn <&"中文🎬"> </script><script>alert(1)</script><img src=x onerror=y>\n{{ 7*7 }}'
)
SOUND: Final = {
    "from": "take",
    "channels": 2,
    "sample_rate": 48_000,
    "seconds": 1.0,
    "loudness_lufs": -23.04,
    "peak_dbfs": -3.0,
}
_EMPTY: Final = frozenset({"meta", "img", "path", "link", "br"})


@dataclass
class Reader(HTMLParser):
    """What a reader of pages finds: elements, their attributes, text, and whether all are closed."""

    open: list[str] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open:
            self.text[tag] = self.text.get(tag, "") + data

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


def planned(frames: int, *, space: str = "rec2100-pq") -> ConformPlan:
    facts = SourceFacts(Fraction(24), frames, 320, 180)
    sequence = {"frame_rate": "24", "width": 320, "height": 180, "colour_space": space}
    spec = OutputSpec(OutputRole.MASTER, DeliveryFormat.PRORES_422_HQ)
    return plan_conform(facts, Sequence.from_json(sequence), [spec], name_stem="ridge")


def gone(frames: int) -> Course:
    """As hard to draw as a clip can be: every frame and every still is noise."""
    values = np.random.default_rng(5).random((frames, 11))
    values[:, :4] = np.sort(values[:, :4], axis=1) * 12 - 8
    values[:, 6:9] = values[:, 6:9] > 0.5
    noise = np.random.default_rng(6).integers(0, 255, (360, 640, 3), dtype=np.uint8)
    counts = np.random.default_rng(8).integers(0, 4000, (LEVELS, COLUMNS), dtype=np.uint32)
    return Course(
        tuple(
            Moment(*(float(value) for value in (row[1], row[0], row[2], row[3], *row[4:]))) for row in values
        ),
        Waveform(counts),
        Inside(1000, (604, 990, 1000)),
        tuple(Still(frame, encode_small(noise)) for frame in kept_frames(frames)),
    )


def reported(
    plan: ConformPlan, course: Course | None, direction: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    picture = np.full((90, 160, 3), 0.18, dtype=np.float32)
    tally = tally_frame(picture, shown=np.full((90, 160, 3), 30_000, np.uint16))
    light = LightLevels(
        tuple(100.0 + i % 50 for i in range(plan.frame_count)), (20.0,) * plan.frame_count, 0, 1
    )
    entry = {"role": "master", "name": "ridge.mov", "bytes": 12_345_678, "sha256": "ab" * 32}
    report = build_report(
        plan,
        files=[entry | describe(plan.outputs[0], plan=plan)],
        checks=[
            Check("ridge.mov", "size", "320 x 180", "320 x 180", passed=True),
            Check("ridge.mov", "frame rate", "24", "24", passed=True),
        ],
        measures=tally.measures(Fraction(24)),
        course=course,
        light=light,
        sound=Heard(SOUND, [-70.0, *[-23.0] * plan.frame_count, -19.5]),
        asked={"generation": {"brief": {"prompt": PROMPT}}},
        label="animatic",
        direction=direction,
    )
    found: dict[str, Any] = json.loads(json.dumps(report))
    return found


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture(scope="module")
def page() -> str:
    plan, course = planned(60), gone(60)
    return render_page(reported(plan, course), plan, course)


def test_a_page_runs_nothing_and_fetches_nothing(page: str) -> None:
    found = read(page)
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"script", "link", "iframe", "object", "embed", "form", "base", "foreignobject"}
    for tag, attributes in found.elements:
        assert not any(name.startswith("on") for name in attributes), tag
        assert not attributes.keys() & {"href", "action", "xlink:href"}, tag
        assert (attributes.get("src") or "data:image/").startswith("data:image/")
    assert "url(" not in page
    assert "@import" not in page


def test_a_prompt_is_shown_as_it_was_written_whatever_is_in_it(page: str) -> None:
    assert read(page).text["blockquote"] == PROMPT


def test_a_page_says_what_the_report_says(page: str) -> None:
    report, text = reported(planned(60), gone(60)), read(page).text
    light, noticed = report["light"], report["noticed"]
    assert f"MaxCLL {light['max_cll']}, MaxFALL {light['max_fall']} cd/m2" in text["dd"]
    assert "-23.0 LUFS" in text["dd"]
    assert "-23.0 LUFS in all, -19.5 LUFS at its loudest." in text["p"]
    assert "60 frames at 24, 2.50 s" in text["dd"]
    assert "60.40 %" in text["td"]
    assert f"{max(report['over_time']['motion_widths_per_second']):.3g} at most" in text["p"]
    for kind in ("black", "frozen", "duplicate", "flicker", "cut"):
        assert str(noticed[kind]["count"]) in text["td"]
    assert report["files"][0]["sha256"] in text["code"]
    assert "2 of 2 checks passed" in text["p"]


def test_those_who_hear_the_page_are_told_of_every_picture_and_table(page: str) -> None:
    found = read(page)
    assert found.count("h1") == found.count("main") == 1
    assert found.count("table") == found.count("caption")
    for tag, attributes in found.elements:
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes.get("aria-label") or attributes.get("aria-hidden") == "true"
        if tag == "th":
            assert attributes["scope"] in ("row", "col")
    assert dict(found.elements)["html"]["lang"] == "en"


@pytest.mark.parametrize("frames", [1, 2, 14_400])
def test_a_page_of_one_frame_or_of_ten_minutes_is_whole_and_small(frames: int) -> None:
    plan, course = planned(frames), gone(frames)
    report = reported(plan, course)
    page = render_page(report, plan, course)
    read(page)
    assert len(page.encode()) < 1_000_000
    assert len(json.dumps(report)) < 200_000
    assert page.count("data:image/jpeg") == min(12, frames)


def test_a_page_of_what_is_not_as_asked_says_so_first_and_what_was_found() -> None:
    plan, course = planned(24), gone(24)
    report = reported(plan, course)
    wrong = {"file": "ridge.mov", "check": "reel", "asked": "RIDGE", "found": "<b>none</b>", "pass": False}
    page = render_page({**report, "passed": False, "checks": [*report["checks"], wrong]}, plan, course)
    found = read(page)
    test_a_page_runs_nothing_and_fetches_nothing(page)
    test_those_who_hear_the_page_are_told_of_every_picture_and_table(page)
    assert "Not as asked: 1 of 3 checks failed" in found.text["p"]
    assert "As asked: 2" not in found.text["p"]
    assert found.text["td"].count("<b>none</b>") == 2  # first of all, and among all checks
    assert found.text["td"].count("✗ fail") == 2
    assert found.text["td"].count("✓ pass") == 2
    assert page.index("What is not as asked") < page.index("Contact sheet")
    assert page.count("data:image/jpeg") == 12


def test_a_clip_whose_course_was_not_noted_still_has_a_page() -> None:
    plan = planned(24)
    page = render_page(reported(plan, None), plan, None)
    assert read(page).count("svg") == 1  # the sound's
    assert "2 of 2 checks passed" in page


@pytest.mark.parametrize("space", [space.value for space in (ColourSpace.REC709, ColourSpace.REC2100_HLG)])
def test_other_spaces_have_a_waveform_in_per_cent_of_the_signal(space: str) -> None:
    plan, course = planned(24, space=space), gone(24)
    text = read(render_page(reported(plan, course), plan, course)).text
    assert "75 %" in text["span"]


def test_a_directed_take_s_page_says_what_was_asked_and_what_was_seen() -> None:
    marks = [
        Annotation(tool=AnnotationTool.ARROW, points=((0.3, 0.5), (0.7, 0.5)), note="pan <b>slowly</b>"),
        Annotation(tool=AnnotationTool.POINT, target=AnnotationTarget.LIGHT, points=((0.1, 0.1),)),
        Annotation(tool=AnnotationTool.ARROW, points=((0.5, 0.8), (0.5, 0.2)), note="tilt"),
    ]
    pan, light, tilt = directives_of_marks(marks, duration=Fraction(5), aspect=16 / 9)
    missed = Adherence(
        directive_id=pan.id, standing=Standing.MISSED, score=0.12, confidence=0.9, says="It pans left."
    )
    followed = Adherence(
        directive_id=tilt.id, standing=Standing.FOLLOWED, score=0.91, confidence=0.9, says="It tilts up."
    )
    cut = Defect(
        kind=DefectKind.CUT,
        severity=0.8,
        at_seconds=(2.5,),
        measured=41.2,
        limit=25,
        unit="codes",
        says="A cut at 2.5 s.",
    )
    evaluation = Evaluation(
        adherence=(missed, followed),
        defects=(cut,),
        camera=(),
        move="pan-left",
        not_measured=("Where light comes from.",),
    )
    asked = (pan, light, tilt)
    plan, grey = planned(60), np.full((360, 640, 3), 90, np.uint8)
    drawings = {
        "frame": direction_picture(grey, asked, evaluation),
        "motion": motion_chart(asked, evaluation, Fraction(5)).encode(),
    }
    page = render_page(reported(plan, None, direction_section(asked, evaluation)), plan, None, drawings)
    found = read(page)
    test_a_page_runs_nothing_and_fetches_nothing(page)
    test_those_who_hear_the_page_are_told_of_every_picture_and_table(page)
    told = found.text["td"]
    assert "missed, 0.12" in told
    assert "followed, 0.91" in told
    assert "not measured" in told
    assert "41.2, limit 25 codes" in told
    assert "Where light comes from." in found.text["li"]
    assert page.count("data:image/svg+xml") == 1
    assert page.count("data:image/jpeg") == 1


def test_a_take_that_was_not_measured_is_never_said_to_have_followed() -> None:
    marks = [Annotation(tool=AnnotationTool.ARROW, points=((0.3, 0.5), (0.7, 0.5)))]
    asked = directives_of_marks(marks, duration=Fraction(5), aspect=16 / 9)
    plan = planned(60)
    found = read(render_page(reported(plan, None, direction_section(asked, None)), plan, None))
    assert "not measured" in found.text["td"]
    assert "This take was not measured" in found.text["p"]
    assert "No fault" not in found.text["p"]
    assert direction_section((), None) is None
