"""A delivery whose files are not what was asked for is never ready: it fails, and says why."""

import pytest

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person
from tests.journeys.stack import Stack, until

LARGE = {"frame_rate": "24", "width": 1920, "height": 1080, "playhead_timecode": "01:00:00:00"}


@pytest.mark.slow
def test_a_delivery_with_a_frame_that_was_damaged_in_storage_fails_with_what_was_found(
    stack: Stack, newcomer: Newcomer
) -> None:
    editor: Person = newcomer()
    take = editor.ready_draft()["takes"][0]
    asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", {"host": "nuke", "sequence": LARGE})
    path = f"/v1/deliveries/{asked['id']}"
    first = until(lambda: first_frame(stack, asked["id"]), pause=0.01)

    (stack.data / "storage" / first).write_bytes(b"not a frame any more")
    found = editor.until_done(path, seconds=200)

    assert found["state"] == "failed"
    assert "cannot be read back" in found["failure"]["detail"] or "asked" in found["failure"]["detail"]
    assert not found["files"]
    until(lambda: not stack.stored(f"deliveries/{asked['id']}/"))


def first_frame(stack: Stack, delivery_id: str) -> str:
    """The first frame of the clip, once it lies in storage: the reader always looks at that one."""
    frames = sorted(key for key in stack.stored(f"deliveries/{delivery_id}/") if key.endswith(".0086400.exr"))
    return frames[0] if frames else ""
