"""After the draft: takes that play as one, a master swapped in for its draft, and a link that has expired."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from tests.journeys.stack import Stack
from tests.panel.desk import LONG, Desk, Editor, opened

pytestmark = pytest.mark.slow


def _takes_of(desk: Desk, words: str) -> None:
    desk.page.locator(".card", has_text=words).get_by_role("button", name="Takes").click(timeout=LONG)


def test_takes_that_are_compared_play_as_one(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    with opened(browser, stack, "browser", tmp_path, width=480) as desk:
        desk.sign_in(ada)
        desk.tab("Generate")
        desk.page.locator("textarea[data-focus=prompt]").fill("a river, side by side")
        desk.page.get_by_label("Seconds", exact=True).fill("2")
        desk.page.get_by_label("Takes", exact=True).fill("2")
        desk.page.get_by_label("Takes", exact=True).press("Tab")
        desk.press("Generate")
        desk.page.locator(".card", has_text="side by side").get_by_text("ready").wait_for(timeout=LONG)
        _takes_of(desk, "side by side")
        desk.page.locator(".take").nth(1).wait_for()
        for take in desk.page.locator(".take").all():
            take.get_by_role("button", name="Compare").click()
        desk.press("Compare 2")
        desk.press("Play")
        desk.page.wait_for_function(
            """() => {
                const [one, other] = [...document.querySelectorAll("video")].map((each) => each.currentTime);
                return one > 0.4 && Math.abs(one - other) < 0.2;
            }""",
            timeout=LONG,
        )
        desk.press("Pause")
        desk.page.locator(".seek").evaluate(
            "(slider) => { slider.value = 500; slider.dispatchEvent(new Event('input')); }"
        )
        at = "() => [...document.querySelectorAll('video')].map((each) => each.currentTime)"
        one, other = desk.page.evaluate(at)
        assert one == pytest.approx(other, abs=0.001)
        assert one == pytest.approx(1.0, abs=0.1)


def test_a_master_takes_its_drafts_place_where_the_draft_was_cut_in(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    prompt = "a bridge at noon, swapped"
    with opened(browser, stack, "uxp-premiere", tmp_path) as desk:
        desk.sign_in(ada)
        desk.generate(prompt, seconds="2")
        _takes_of(desk, f"{prompt}Draft")
        desk.press("Deliver", within="#screen")
        desk.press("Make the files and place them")
        desk.reads("It is on the timeline.")
        draft = desk.page.evaluate("Object.values(PB.store.get().landings)[0].paths[0]")
        desk.tab("Takes")
        desk.press("Master…")
        desk.press("Make the master")
        _takes_of(desk, f"{prompt}Master")
        desk.press("Deliver", within="#screen")
        assert desk.page.get_by_text("Swap the draft for it in place").count() == 1
        desk.press("Make the files and place them")
        desk.page.wait_for_function(
            "(draft) => !JSON.stringify(fake.premiere.root).includes(JSON.stringify(draft))",
            arg=draft,
            timeout=LONG,
        )
        clips = desk.fake("premiere.sequence.video.flat().length")
        assert clips == 1


def test_a_link_that_has_expired_is_asked_for_anew_and_the_clip_still_comes(
    browser: Browser, stack: Stack, ada: Editor, tmp_path: Path
) -> None:
    prompt = "a clock that stands still"
    with opened(browser, stack, "cep-after-effects", tmp_path) as desk:
        desk.sign_in(ada)
        desk.generate(prompt)
        refused: list[str] = []

        def expired(route: Route) -> None:
            if refused:
                route.continue_()
            else:
                refused.append(route.request.url)
                route.fulfill(status=403, body="expired", headers={"Access-Control-Allow-Origin": "*"})

        _takes_of(desk, f"{prompt}Draft")
        desk.press("Deliver", within="#screen")
        desk.page.route("**/files/**.mov*", expired)
        desk.press("Make the files and place them")
        desk.reads("It is on the timeline.")
        assert len(refused) == 1
