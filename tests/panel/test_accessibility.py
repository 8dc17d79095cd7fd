"""Everybody's panel: no fault that a machine can find on any screen; the whole job by keys, or by touch."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.stack import Stack
from tests.panel.desk import LONG, Desk, Editor, approve, opened
from tests.panel.scenes import scenes

pytestmark = pytest.mark.slow

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_THEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
_LOOK: Final = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .flatMap((rule) => rule.nodes.map((node) => rule.id + ": " + node.html + " " + node.failureSummary))"""


def faults(page: Page) -> list[str]:
    """What axe-core finds on what is shown now."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=AXE)
    found: list[str] = page.evaluate(_LOOK)
    return found


def test_no_screen_has_a_fault_dark_or_light(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    found = []
    with opened(browser, stack, "browser", tmp_path, bypass_csp=True) as desk:
        for name in scenes(desk, ada):
            for theme in _THEMES:
                desk.page.emulate_media(color_scheme=theme)
                desk.page.wait_for_function("(theme) => document.body.className === theme", arg=theme)
                found += [f"{name}, {theme}: {each}" for each in faults(desk.page)]
    assert not found, "\n".join(found)


_FOCUS: Final = """() => {
    const at = document.activeElement;
    const label = at.labels && at.labels[0] ? at.labels[0].firstChild.textContent : at.textContent;
    const card = at.closest(".card");
    if (at.getAttribute("role") === "tab") return ["tab", ""];
    return [at.getAttribute("aria-label") || label, card ? card.textContent : ""];
}"""
_MOST: Final = 150
"""Presses of Tab that anything on a screen is reached by."""


def _reach(page: Page, name: str, *, card: str = "") -> None:
    """Tab until the control of that name has the focus."""
    passed: list[str] = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        label, around = page.evaluate(_FOCUS)
        if label == name and card in around:
            return
        passed.append(label[:40])
    raise AssertionError(f"{name} is not among {passed}")


def _enter(page: Page, name: str, *, card: str = "") -> None:
    _reach(page, name, card=card)
    page.keyboard.press("Enter")


def _approved(desk: Desk, editor: Editor) -> None:
    code = desk.page.locator(".code").inner_text()
    with desk.context.browser.new_context() as elsewhere:  # type: ignore[union-attr]  # launched, so there
        approve(elsewhere.new_page(), f"{desk.stack.url}/activate?user_code={code}", editor, code)
    desk.page.get_by_role("tab", name="Generate").wait_for(timeout=60_000)


def _ready(page: Page, words: str) -> None:
    page.locator(".card", has_text=words).get_by_role("button", name="Takes").wait_for(timeout=LONG)


def _annotations(stack: Stack, prompt: str) -> Any:
    rows = stack.query(
        "SELECT request->'brief'->'annotations' FROM generations WHERE request->'brief'->>'prompt' = %s "
        "AND kind = 'draft'",
        prompt,
    )
    return rows[0][0]


def test_the_whole_job_can_be_done_with_the_keyboard_alone(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    prompt = "a lighthouse in the rain, by hand on the keys"
    with opened(browser, stack, "browser", tmp_path) as desk:
        page = desk.page
        _enter(page, "Sign in")
        _approved(desk, ada)
        _reach(page, "What happens in the shot")
        page.keyboard.press("Control+A")
        page.keyboard.type(prompt)
        for number in ("Seconds", "Takes"):
            _reach(page, number)
            page.keyboard.press("Control+A")
            page.keyboard.type("1")
        _reach(page, page.locator(".strokes").get_attribute("aria-label") or "")
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        _enter(page, "Generate")
        _ready(page, f"{prompt}Draft")
        assert _annotations(stack, prompt)[0]["points"] == [[0.5, 0.5], [0.65, 0.55]]
        _enter(page, "Takes", card=f"{prompt}Draft")
        _enter(page, "Pick")
        page.get_by_role("button", name="Picked").wait_for()
        assert page.evaluate(_FOCUS)[0] == "Picked", "the focus is lost where it was"
        _enter(page, "Master…")
        _enter(page, "Make the master")
        _ready(page, f"{prompt}Master")
        _enter(page, "Takes", card=f"{prompt}Master")
        page.get_by_role("button", name="Pick").wait_for()
        _enter(page, "Deliver")
        with page.expect_download(timeout=LONG):
            _enter(page, "Make the files")
        desk.reads("The files are saved.")


def _drag(desk: Desk, points: Sequence[tuple[float, float]]) -> None:
    """A finger's way over the screen, which rests at its end: a flick would swallow the next tap."""
    session = desk.context.new_cdp_session(desk.page)
    began = time.time()

    def tell(kind: str, at: Sequence[tuple[float, float]], *, after: float) -> None:
        touched = [{"x": x, "y": y} for x, y in at]
        event = {"type": kind, "touchPoints": touched, "timestamp": began + after}
        session.send("Input.dispatchTouchEvent", event)

    tell("touchStart", points[:1], after=0)
    for number, each in enumerate(points[1:], start=1):
        tell("touchMove", [each], after=number * 0.03)
    tell("touchMove", points[-1:], after=1.5)
    tell("touchEnd", [], after=2)
    session.detach()


def _tap(page: Page, name: str) -> None:
    page.locator("#app").get_by_role("button", name=name, exact=True).first.tap()


def test_the_whole_job_can_be_done_by_touch_alone(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    prompt = "a lighthouse in the rain, by a finger"
    phone = {"has_touch": True, "is_mobile": True, "width": 390}
    with opened(browser, stack, "browser", tmp_path, **phone) as desk:
        page = desk.page
        _tap(page, "Sign in")
        _approved(desk, ada)
        page.locator("textarea[data-focus=prompt]").tap()
        page.keyboard.press("Control+A")  # what was asked for last stands there
        page.keyboard.insert_text(prompt)
        for number in ("Seconds", "Takes"):
            page.get_by_label(number, exact=True).tap()
            page.keyboard.press("Control+A")
            page.keyboard.insert_text("1")
        _tap(page, "Clear")
        layer = page.locator(".strokes")
        layer.scroll_into_view_if_needed()
        box = layer.bounding_box()
        assert box
        x, y = box["x"] + 20, box["y"] + 20
        before = page.locator("#screen").evaluate("(screen) => screen.scrollTop")
        with page.expect_response("**/v1/quotes"):  # a tap right after a stroke would be taken for its end
            _drag(desk, [(x + 20 * step, y + 8 * step) for step in range(8)])
        assert page.locator(".dot").count() > 20
        after = page.locator("#screen").evaluate("(screen) => screen.scrollTop")
        assert after == before, "it scrolled instead"
        _tap(page, "Generate")
        _ready(page, f"{prompt}Draft")
        ((x0, y0), (x1, y1)) = _annotations(stack, prompt)[0]["points"]
        assert x0 < x1
        assert y0 < y1
        page.locator(".card", has_text=f"{prompt}Draft").get_by_role("button", name="Takes").tap()
        _tap(page, "Pick")
        page.get_by_role("button", name="Picked").wait_for()
        _tap(page, "Master…")
        _tap(page, "Make the master")
        _ready(page, f"{prompt}Master")
        page.locator(".card", has_text=f"{prompt}Master").get_by_role("button", name="Takes").tap()
        _tap(page, "Deliver")
        with page.expect_download(timeout=LONG):
            _tap(page, "Make the files")
        desk.reads("The files are saved.")
