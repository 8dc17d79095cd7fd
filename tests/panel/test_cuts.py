"""A storyboard's cut, from the board to a timeline: placed once, read back, in doubt the editor is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.people import PROMPT
from tests.journeys.stack import Stack, until
from tests.panel.desk import LONG, Desk, Editor, opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_PER_FRAME: Final = "10594584000n"
_SMALL: Final = {
    "uxp-premiere": """
        Object.assign(fake.premiere.sequence, { width: 640, height: 360 });
        fake.premiere.media = new Proxy({}, { get: () => ({ frames: 24, rate: 23.976, audio: false }) });
    """,
    "resolve": "Object.assign(fake.timeline, { width: '640', height: '360' });",
}
"""A timeline of few pixels, and media that lasts as long as the drafts below."""


@pytest.fixture(scope="module")
def board(stack: Stack) -> Any:
    """Two picked drafts of a second each, of which the first keeps four frames of handles."""
    brief = {"prompt": PROMPT, "duration_seconds": 1, "resolution": "360p"}
    shots = [{"label": "SH010", "brief": brief, "handles_frames": 4}, {"label": "SH020", "brief": brief}]
    made = stack.editor.ok("POST", "/v1/storyboards", {"title": "A cut of two", "shots": shots})
    path = f"/v1/storyboards/{made['id']}"
    stack.editor.ok("POST", f"{path}/generate", {})
    until(lambda: all(shot["state"] == "drafted" for shot in stack.editor.get(path)["shots"]))
    found = stack.editor.get(path)["shots"]
    picked = [{"id": shot["id"], "take_id": shot["takes"][0]["id"]} for shot in found]
    return stack.editor.ok("PATCH", path, {"shots": picked})


@contextmanager
def _at_the_board(browser: Browser, stack: Stack, editor: Editor, kind: str, folder: Path) -> Iterator[Desk]:
    with opened(browser, stack, kind, folder) as desk:
        desk.page.evaluate(f"() => {{ {_SMALL[kind]} }}")
        desk.page.wait_for_function("() => PB.store.get().context.sequence.width == 640")
        desk.sign_in(editor)
        desk.tab("Board")
        desk.page.get_by_role("button", name="A cut of two").click()
        yield desk


def _cut(stack: Stack, board: Any, host: str) -> Any:
    """The delivery of the cut for that host."""
    for each in stack.editor.get(f"/v1/storyboards/{board['id']}")["deliveries"]:
        found = stack.editor.get(f"/v1/deliveries/{each['id']}")
        if found["host"] == host:
            return found
    raise AssertionError(host)


def test_a_cut_is_inserted_at_the_playhead_shot_after_shot_and_only_once(
    browser: Browser, stack: Stack, ada: Editor, board: Any, tmp_path: Path
) -> None:
    lies = (
        f"premiere.sequence.video[0].map((each) => [Number(each.start / {_PER_FRAME}),"
        f" Number(each.end / {_PER_FRAME}), each.node.path.split('/').pop().slice(0, 5)])"
    )
    with _at_the_board(browser, stack, ada, "uxp-premiere", tmp_path) as desk:
        desk.page.get_by_label("Then").select_option("insert")
        desk.press("Assemble into one cut (2)")
        desk.reads("It is on the timeline.")

        assert desk.fake(lies) == [[240, 256, "SH010"], [256, 280, "SH020"]]
        cut = _cut(stack, board, "premiere-pro")
        assert cut["applied_at"] is not None
        desk.page.evaluate(
            "(id) => PB.deliveries.land(id, { mode: 'insert', sequence_id: 'seq-1' })", cut["id"]
        )
        desk.tab("Deliver")
        card = desk.page.locator(f"[data-delivery={cut['id']}]")
        expect(card.get_by_role("button", name="Bring it in")).to_have_count(0)
        assert desk.fake(f"{lies}.length") == 2
        card.get_by_role("button", name="Undo").click()
        desk.page.wait_for_function("() => fake.premiere.sequence.video.flat().length === 0")


def test_a_cut_that_is_only_partly_on_the_track_is_left_to_the_editor(
    browser: Browser, stack: Stack, ada: Editor, board: Any, tmp_path: Path
) -> None:
    with _at_the_board(browser, stack, ada, "resolve", tmp_path) as desk:
        desk.page.evaluate("() => { fake.faults.placeDrops = 1; }")
        desk.press("Assemble into one cut (2)")
        desk.page.locator("#screen [role=alert]", has_text="V1: 1/2").wait_for(timeout=LONG)
        desk.page.evaluate("() => { fake.faults.placeDrops = null; }")
        desk.press("Deliver", within="#screen")
        cut = _cut(stack, board, "resolve")
        assert cut["applied_at"] is None
        card = desk.page.locator(f"[data-delivery={cut['id']}]")
        desk.page.evaluate("() => { fake.timeline.tracks[0] = []; }")  # the editor clears away what is there

        card.get_by_role("button", name="It is not there").click()
        card.get_by_role("button", name="Go on").click()

        desk.reads("It is on the timeline.")
        assert desk.fake("timeline.tracks[0].map((each) => [each.at - 86400, each.length, each.first])") == [
            [240, 16, 4],
            [256, 24, 0],
        ]
        assert desk.fake("imports") == 2
        assert _cut(stack, board, "resolve")["applied_at"] is not None
