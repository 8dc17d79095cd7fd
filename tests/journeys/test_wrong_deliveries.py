"""A delivery whose files are not what was asked for is never ready: it fails, and says why."""

import json
from pathlib import Path

import pytest

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, fetch
from tests.journeys.stack import Stack, until

LARGE = {"frame_rate": "24", "width": 1920, "height": 1080, "playhead_timecode": "01:00:00:00"}


@pytest.mark.slow
def test_a_delivery_with_a_frame_that_was_damaged_in_storage_fails_with_what_was_found(
    stack: Stack, newcomer: Newcomer, tmp_path: Path
) -> None:
    editor: Person = newcomer()
    take = editor.ready_draft()["takes"][0]
    asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", {"host": "nuke", "sequence": LARGE})
    path = f"/v1/deliveries/{asked['id']}"
    first = until(lambda: first_frame(stack, asked["id"]), pause=0.01)

    (stack.data / "storage" / first).write_bytes(b"not a frame any more")
    found = editor.until_done(path, seconds=200)

    assert found["state"] == "failed"
    assert "not what was asked for" in found["failure"]["detail"]
    told = {each["check"]: (each["asked"], each["found"]) for each in found["failure"]["checks"]}
    assert told["read back"][0] == "whole"
    assert {each["role"] for each in found["files"]} == {"report"}
    report, page = (fetch(file["url"], tmp_path / file["name"]) for file in found["files"])
    assert json.loads(report.read_text())["passed"] is False
    assert "Not as asked" in page.read_text()
    reports = {f"deliveries/{asked['id']}/report.{suffix}" for suffix in ("json", "html")}
    until(lambda: set(stack.stored(f"deliveries/{asked['id']}/")) == reports)


def first_frame(stack: Stack, delivery_id: str) -> str:
    """The first frame of the clip, once it lies in storage: the reader always looks at that one."""
    frames = sorted(key for key in stack.stored(f"deliveries/{delivery_id}/") if key.endswith(".0086400.exr"))
    return frames[0] if frames else ""
