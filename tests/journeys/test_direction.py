"""The director on the whole service: planned in the open, measured from pixels, steered, and delivered."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import opentimelineio as otio
import pytest

from tests.journeys.people import Person
from tests.journeys.stack import Stack, until

pytestmark = pytest.mark.slow

BRIEF = {"prompt": "slow pan left over a harbour at dawn", "duration_seconds": 2, "resolution": "360p"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
def editor(stack: Stack) -> Person:
    return stack.newcomer("directs", plan="studio")


def _paused(editor: Person, generation_id: str) -> Any:
    def look() -> Any:
        found = editor.get(f"/v1/generations/{generation_id}")
        assert found["state"] not in ("ready", "failed", "cancelled"), found
        return found if found["state"] == "paused" else None

    return until(look)


def test_an_editor_sees_every_step_and_decides_before_every_spend(editor: Person) -> None:
    planned = editor.ok("POST", "/v1/plans", {"brief": BRIEF})
    assert [each["move"] for each in planned["directives"] if each["kind"] == "camera"] == ["pan-left"]
    asked = editor.ok(
        "POST",
        "/v1/generations",
        {
            "kind": "draft",
            "brief": BRIEF,
            "direct": {"max_iterations": 1, "accept_score": 1.0, "pause": True},
        },
    )
    path = f"/v1/generations/{asked['id']}"
    first = _paused(editor, asked["id"])
    assert [take["state"] for take in first["takes"]] == ["wanted"]

    editor.ok("POST", f"{path}/steer", {"note": "no people"})
    found = editor.generation(asked["id"])

    assert found["state"] in ("ready", "paused")
    if found["state"] == "paused":
        found = editor.ok("POST", f"{path}/accept")
    direction = editor.get(f"{path}/direction")
    (told,) = direction["tries"]
    assert told["steers"] == ["no people"]
    (seen,) = direction["evaluations"]
    standings = {each["directive_id"]: each["standing"] for each in seen["evaluation"]["adherence"]}
    assert standings["camera-1"] == "followed"
    assert seen["evaluation"]["move"] in ("pan-left", "truck-left")
    assert seen["judgement"]["score"] == found["takes"][0]["score"]
    steps = [line["step"] for line in editor.get(f"{path}/trace")["items"]]
    assert steps.index("concept") < steps.index("note") < steps.index("measure") < steps.index("judge")


def test_what_was_measured_is_drawn_over_what_was_asked(editor: Person) -> None:
    arrow = {"tool": "arrow", "target": "camera", "points": [[0.3, 0.5], [0.5, 0.5]], "note": "pan"}
    draft = editor.ready_draft(brief={**BRIEF, "prompt": "a meadow", "annotations": [arrow]})

    seen = editor.get(f"/v1/takes/{draft['takes'][0]['id']}/evaluation")

    (camera,) = [each for each in seen["evaluation"]["adherence"] if each["directive_id"].startswith("mark")]
    assert camera["standing"] == "followed"
    picture = httpx.get(seen["pictures"]["frame"]["url"])
    with av.open(io.BytesIO(picture.content), "r") as image:
        frame = next(image.decode(video=0))
    assert frame.width >= 640
    chart = httpx.get(seen["pictures"]["motion"]["url"])
    assert chart.headers["Content-Type"] == "image/svg+xml"
    assert chart.text.rstrip().endswith("</svg>")


def test_a_delivery_says_on_its_timeline_what_the_director_meant(editor: Person, tmp_path: Path) -> None:
    draft = editor.ready_draft(brief=BRIEF)
    delivery = editor.delivery(draft["takes"][0]["id"], host="premiere-pro", timeline=["otio"])

    (file,) = [each for each in delivery["files"] if each["name"].endswith(".otio")]
    (tmp_path / "cut.otio").write_bytes(httpx.get(file["url"]).content)
    timeline = otio.adapters.read_from_file(str(tmp_path / "cut.otio"))

    names = {marker.name for clip in timeline.find_clips() for marker in clip.markers}
    assert {"director", "camera pan-left"} <= names
