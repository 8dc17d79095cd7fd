"""The whole job in every kind of host: sign in, draft, pick, master, and the clip at the playhead."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.journeys.stack import Stack
from tests.panel.desk import LONG, Desk, Editor, opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROMPT = "a lighthouse in the rain at night, slow push in"


def _master_of_a_draft(desk: Desk, prompt: str, *, seconds: str) -> None:
    """Up to the open takes of a ready master."""
    page = desk.page
    desk.generate(prompt, seconds=seconds)
    _takes_of(desk, f"{prompt}Draft")
    desk.press("Pick")
    page.get_by_role("button", name="Picked").wait_for()
    desk.press("Master…")
    desk.press("Make the master")
    _takes_of(desk, f"{prompt}Master")


def _takes_of(desk: Desk, words: str) -> None:
    desk.page.locator(".card", has_text=words).get_by_role("button", name="Takes").click(timeout=LONG)


PLACED = {
    "uxp-premiere": """(() => {
        const { per, video } = fake.premiere.sequence;
        return video.flat().map((clip) => [Number(clip.start / per), Number((clip.end - clip.start) / per)]);
    })()""",
    "cep-after-effects": "fake.ae.comp.stack.map((each) => [Math.round(each.startTime * 24000 / 1001), 48])",
}
"""Where clips lie and how long they are, in frames of the sequence, as each program tells it."""

LENGTHS = dict.fromkeys(("uxp-premiere", "cep-after-effects", "resolve"), "2")
"""What the fakes of these programs take any file for, in seconds; elsewhere the shortest will do."""


@pytest.mark.parametrize("kind", ["browser", "uxp-premiere", "cep-after-effects", "resolve", "uxp-photoshop"])
def test_a_brief_becomes_a_clip_where_the_editor_works(
    browser: Browser, stack: Stack, ada: Editor, kind: str, tmp_path: Path
) -> None:
    with opened(browser, stack, kind, tmp_path) as desk:
        desk.sign_in(ada)
        _master_of_a_draft(desk, f"{PROMPT}, for {kind}", seconds=LENGTHS.get(kind, "1"))
        desk.press("Deliver", within="#screen")
        if kind == "browser":
            with desk.page.expect_download(timeout=LONG) as download:
                desk.press("Make the files")
            assert download.value.suggested_filename.endswith(".mp4")
            desk.reads("The files are saved.")
        else:
            desk.press("Make the files and place them")
            desk.reads("It is on the timeline.")
        delivery = _delivery_of(stack, f"{PROMPT}, for {kind}")
        assert (delivery["state"], delivery["applied_at"] is not None) == ("ready", True)
        if kind in PLACED:
            assert delivery["clips"][0]["frame_rate"] == "24000/1001"
            assert desk.page.evaluate(PLACED[kind]) == [[240, 48]]


def _delivery_of(stack: Stack, prompt: str) -> dict[str, Any]:
    found = stack.editor.get("/v1/generations", params={"kind": "master", "q": prompt})["items"]
    (delivery,) = found[0]["deliveries"]
    told: dict[str, Any] = stack.editor.get(f"/v1/deliveries/{delivery['id']}")
    return told
