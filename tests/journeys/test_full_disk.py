"""A whole service whose media processes may have little of the disk: what fits is made, the rest says why."""

from pathlib import Path

import pytest

from tests.journeys.stack import Stack, until


@pytest.mark.slow
def test_what_a_full_disk_fails_says_so_is_never_ready_and_leaves_nothing(tmp_path: Path) -> None:
    with Stack(tmp_path, environ={"SCRATCH_MB": "4"}) as stack:
        editor = stack.editor
        take = editor.ready_draft()["takes"][0]
        wanted = {"sequence": {"frame_rate": "24", "width": 1280, "height": 720}}
        body = {"host": "download", "master_format": "prores-422-hq", "proxy": False, **wanted}
        asked = editor.ok("POST", f"/v1/takes/{take['id']}/deliveries", body)
        path = f"/v1/deliveries/{asked['id']}"

        failed = editor.until_done(path, seconds=300)

        assert failed["state"] == "failed"
        assert "no room left on a disk" in failed["failure"]["detail"]
        assert failed["failure"]["retryable"]
        assert failed["files"] == []
        assert failed["clips"] == []
        until(lambda: not stack.stored(f"{path.removeprefix('/v1/')}/"))
        until(lambda: not [left for left in stack.scratch() if not left.endswith(".in-use")])
        assert editor.delivery(take["id"], master_format="h264", seconds=300)["state"] == "ready"
