"""The Generate screen: a frame from a file, strokes on it, the price while typing, what is kept of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from tests.journeys.stack import Stack
from tests.panel.desk import Desk, Editor, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(browser: Browser, stack: Stack, ada: Editor, tmp_path: Path) -> Iterator[Desk]:
    with opened(browser, stack, "browser", tmp_path) as desk:
        desk.sign_in(ada)
        desk.tab("Generate")
        yield desk


def _asked(stack: Stack, prompt: str) -> dict[str, Any]:
    """The brief of the one generation with that prompt."""
    (found,) = stack.editor.get("/v1/generations", params={"q": prompt})["items"]
    brief: dict[str, Any] = found["brief"]
    return brief


def _chooser(page: Page, name: str) -> Locator:
    return page.locator("label.field", has=page.get_by_text(name, exact=True)).locator("select")


def test_a_frame_and_an_arrow_on_it_reach_the_model_as_they_were_drawn(desk: Desk, tmp_path: Path) -> None:
    page, prompt = desk.page, "a boat follows the arrow"
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(tmp_path / "harbour.png")
    with page.expect_file_chooser() as chooser:
        page.locator(".adder", has_text="First frame").get_by_role("button", name="From a file").click()
    chooser.value.set_files(tmp_path / "harbour.png")
    page.locator(".frame", has_text="harbour.png").wait_for()
    page.locator(".board img").wait_for()
    board = page.locator(".strokes")
    board.scroll_into_view_if_needed()
    box = board.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.5, steps=12)
    page.mouse.up()
    desk.generate(prompt)
    page.locator(".card", has_text=prompt).first.wait_for()
    expect(page.get_by_text("Not answered yet")).to_have_count(0)

    brief = _asked(desk.stack, prompt)
    (keyframe,) = brief["keyframes"]
    assert keyframe["at_seconds"] == 0
    (arrow,) = brief["annotations"]
    assert (arrow["tool"], arrow["target"]) == ("arrow", "camera")
    (start, end) = arrow["points"]
    assert start == pytest.approx([0.75, 0.5], abs=0.01)
    assert end == pytest.approx([0.25, 0.5], abs=0.01)


def test_the_price_follows_what_is_typed_and_says_what_is_left(desk: Desk) -> None:
    page = desk.page
    page.locator("textarea[data-focus=prompt]").fill("a quiet street")
    page.get_by_label("Takes", exact=True).fill("3")
    page.get_by_label("Takes", exact=True).press("Tab")
    desk.reads("3 of your drafts")
    desk.reads("drafts left today")
    _chooser(page, "Quality").select_option("master")
    page.get_by_label("Seconds", exact=True).fill("4")
    page.get_by_label("Seconds", exact=True).press("Tab")
    page.get_by_label("Takes", exact=True).fill("1")
    page.get_by_label("Takes", exact=True).press("Tab")
    desk.reads("8 credits")


def test_a_template_that_was_changed_is_there_on_another_machine(
    desk: Desk, browser: Browser, ada: Editor, tmp_path: Path
) -> None:
    page = desk.page
    desk.press("Edit")
    page.get_by_label("Name of the template").first.fill("My harbour")
    page.get_by_label("Prompt of the template").first.fill("A harbour in the morning, static camera")
    with page.expect_response("**/v1/me/panel"):
        desk.press("Save")
    with opened(browser, desk.stack, "browser", tmp_path) as elsewhere:
        elsewhere.sign_in(ada)
        elsewhere.tab("Generate")
        elsewhere.page.get_by_label("Start from a template…").select_option(label="My harbour")
        prompt = elsewhere.page.locator("textarea[data-focus=prompt]")
        expect(prompt).to_have_value("A harbour in the morning, static camera")


def test_another_language_is_spoken_at_once_and_again_after_a_restart(desk: Desk) -> None:
    desk.tab("Account")
    with desk.page.expect_response("**/v1/me/panel"):
        desk.page.get_by_label("Language").select_option(label="Deutsch")
    desk.reads("Abmelden")
    desk.page.reload()
    desk.page.get_by_role("tab", name="Erzeugen").wait_for()
    desk.page.get_by_role("tab", name="Konto").click()
    with desk.page.expect_response("**/v1/me/panel"):
        desk.page.get_by_label("Sprache").select_option(label="English")
    desk.reads("Sign out")


def test_nothing_that_a_model_cannot_do_is_offered(desk: Desk) -> None:
    page = desk.page
    told = {each["id"]: each for each in desk.stack.editor.get("/v1/models")["items"]}["animatic"]
    _chooser(page, "Model").select_option("")
    _chooser(page, "Quality").select_option("draft")
    shapes = _chooser(page, "Shape").locator("option").all_inner_texts()
    assert shapes == told["aspect_ratios"]
    sizes = _chooser(page, "Size").locator("option").all_inner_texts()
    assert sizes[1:] == told["draft_resolutions"]
    _chooser(page, "Quality").select_option("master")
    sizes = _chooser(page, "Size").locator("option").all_inner_texts()
    assert sizes[1:] == told["resolutions"]
