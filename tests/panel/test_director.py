"""The director in the open: what it makes of a brief, what it waits for, and why a take has its score."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.stack import Stack
from tests.panel.desk import LONG, Desk, Editor, opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def desk(browser: Browser, stack: Stack, ada: Editor, tmp_path: Path) -> Iterator[Desk]:
    with opened(browser, stack, "browser", tmp_path) as desk:
        desk.sign_in(ada)
        yield desk


def _brief(desk: Desk, prompt: str, *, seconds: str = "2") -> None:
    """A short brief, and what the director makes of it."""
    desk.tab("Generate")
    desk.page.locator("textarea[data-focus=prompt]").fill(prompt)
    for name, value in (("Seconds", seconds), ("Takes", "1")):
        desk.page.get_by_label(name, exact=True).fill(value)
        desk.page.get_by_label(name, exact=True).press("Tab")
    desk.press("Check the brief")
    desk.reads("What the director makes of it")


def _only(stack: Stack, prompt: str) -> Any:
    (found,) = stack.editor.get("/v1/generations", params={"q": prompt})["items"]
    return found


def _moves(stack: Stack, generation: Any) -> list[tuple[str, str, str]]:
    """What the first try was told to do with the camera."""
    told = stack.editor.get(f"/v1/generations/{generation['id']}/direction")["tries"][0]["directives"]
    camera = [each for each in told if each["kind"] == "camera"]
    return [(each["move"], each["from_seconds"], each["to_seconds"]) for each in camera]


def test_advice_is_given_for_nothing_and_changes_the_brief_only_when_it_is_pressed(desk: Desk) -> None:
    page, prompt = desk.page, "a cinematic lighthouse, pan left"
    before = desk.stack.editor.get("/v1/me")["draft_quota"]
    _brief(desk, prompt)
    advice = page.locator(".advice", has_text="“cinematic” says nothing that can be seen")
    words = advice.get_by_role("button").first
    offered = words.inner_text().removeprefix("+ ")
    box = page.locator("textarea[data-focus=prompt]")
    expect(box).to_have_value(prompt)

    words.click()

    expect(box).to_have_value(f"{prompt}, {offered}")
    page.get_by_role("button", name="What a model is told").click()
    page.locator(".told", has_text="pan left").wait_for()
    assert desk.stack.editor.get("/v1/me")["draft_quota"] == before


def test_the_editor_has_the_last_word_on_the_plan_and_on_every_try(desk: Desk) -> None:
    """Two moves that undo each other: no take can follow both, so the director has to ask again."""
    page, prompt = desk.page, "a pier at dusk, slow pan left, no people"
    expect(page.get_by_label("Good enough")).to_be_hidden()
    page.get_by_label("Further tries").select_option("1")
    page.get_by_label("Good enough").select_option("100")
    page.get_by_label("Ask before each try").check()
    _brief(desk, prompt)
    desk.reads("2 of your drafts")  # what is held for both tries
    desk.press("Add a camera move")
    page.get_by_label("Camera move 2", exact=True).select_option("pan-right")
    page.locator(".advice", has_text="Warning: The camera cannot").wait_for()
    with page.expect_response("**/v1/plans"):
        page.get_by_label("Move 2 ends, seconds").fill("1.5")
        page.get_by_label("Move 2 ends, seconds").press("Tab")
    desk.press("Generate")
    paused = page.locator(".card", has_text=prompt).locator(".paused")  # others may wait for a word, too
    paused.get_by_text("it ends and costs nothing").wait_for(timeout=LONG)
    paused.get_by_text("1 of your drafts").wait_for()
    found = _only(desk.stack, prompt)
    assert _moves(desk.stack, found) == [("pan-left", "0", "2"), ("pan-right", "0", "3/2")]
    assert [take["state"] for take in found["takes"]] == ["wanted"]

    paused.get_by_role("button", name="Go ahead").click()
    paused.get_by_text("Said again, stronger").wait_for(timeout=LONG)
    page.locator(".card", has_text=prompt).get_by_role("button", name="Takes").click()
    desk.press("Why")
    seen = page.locator(".standing")
    expect(seen.filter(has_text="missed")).to_have_count(1)
    unmeasured = page.locator("[data-standing=not-measured]", has_text="NOT MEASURED: no people")
    expect(unmeasured.locator(".shape")).to_have_text("?")
    page.locator(".why").get_by_text("Exclusions: NOT MEASURED").wait_for()
    expect(page.locator(".why img.seen")).to_have_count(2)
    page.wait_for_function(
        "() => [...document.querySelectorAll('img.seen')].every((each) => each.naturalWidth > 0)"
    )

    desk.press("Steer…")
    page.get_by_label("What the next try is told").fill("slower")
    desk.press("Tell it")
    page.locator(".take", has_text="try 2").wait_for(timeout=LONG)
    desk.reads("ready")
    desk.press("How it came about")
    page.locator(".step", has_text="Steered: slower").wait_for()
    assert page.evaluate("document.getElementById('screen').scrollWidth") <= 320
    assert _only(desk.stack, prompt)["state"] == "ready"


def test_a_script_becomes_a_board_and_the_board_one_cut(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    _brief(desk, "anything", seconds="1")
    desk.tab("Board")
    desk.press("New board from a script…")
    page.get_by_label("Title").fill("Night sea")
    page.get_by_label("Script").fill("A lighthouse in the rain at night.\n\nA red boat on a calm lake.")
    desk.press("Make the board")
    shots = page.locator(".shot")
    expect(shots).to_have_count(2)
    page.get_by_role("button", name="Later SH010").click()
    expect(shots.first).to_contain_text("SH020")
    desk.press("Draft what is missing (2)")
    desk.press("This uses drafts. Go?")
    expect(page.locator(".shot[data-state=drafted]")).to_have_count(2, timeout=LONG)
    for name in ("SH010", "SH020"):
        page.get_by_label(f"Picked take of {name}").select_option(index=1)
        page.locator(".shot[data-state=picked]", has_text=name).wait_for()
    with page.expect_download(timeout=LONG) as coming:
        desk.press("Assemble into one cut (2)")
    coming.value.save_as(tmp_path / "cut.zip")
    desk.reads("The files are saved.")

    with ZipFile(tmp_path / "cut.zip") as cut:
        names = cut.namelist()
    endings = sorted(name.rsplit(".", 1)[1] for name in names)
    assert {"fcpxml", "otio", "xml"} <= set(endings)
    assert len([name for name in names if "SH0" in name and name.endswith((".mov", ".mp4"))]) >= 2, names


def test_what_is_stopped_before_its_first_try_costs_nothing(desk: Desk) -> None:
    before, prompt = desk.stack.editor.get("/v1/me")["draft_quota"]["used"], "a kite over dunes, tilt up"
    card = _paused(desk, prompt)

    card.get_by_role("button", name="Stop").click()
    card.get_by_role("button", name="No further try?").click()

    expect(card.locator(".paused")).to_be_hidden(timeout=LONG)
    assert _only(desk.stack, prompt)["state"] == "cancelled"
    assert desk.stack.editor.get("/v1/me")["draft_quota"]["used"] == before


def test_an_order_that_comes_too_late_is_answered_where_it_was_given(desk: Desk) -> None:
    prompt = "a tram in the fog, pan right"
    card = _paused(desk, prompt)
    desk.page.route("**/v1/generations?*", lambda route: route.abort())  # this panel hears nothing of it
    desk.stack.editor.ok("POST", f"/v1/generations/{_only(desk.stack, prompt)['id']}/stop")

    card.get_by_role("button", name="Go ahead").click()

    expect(card.get_by_role("alert")).to_contain_text("cancelled", timeout=LONG)


def _paused(desk: Desk, prompt: str) -> Locator:
    """The card of a generation that waits before its first try."""
    desk.page.get_by_label("Further tries").select_option("1")
    desk.page.get_by_label("Ask before each try").check()
    _brief(desk, prompt)
    desk.press("Generate")
    card = desk.page.locator(".card", has_text=prompt)
    card.locator(".paused").wait_for(timeout=LONG)
    return card
