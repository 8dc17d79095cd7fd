"""The panel in German: what comes from the service in English is said in German too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.stack import Stack
from tests.panel.desk import LONG, Desk, Editor, opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def desk(browser: Browser, stack: Stack, ada: Editor, tmp_path: Path) -> Iterator[Desk]:
    with opened(browser, stack, "browser", tmp_path) as desk:
        desk.sign_in(ada)
        desk.page.evaluate("() => PB.app.speak('de')")
        yield desk
    stack.editor.ok("PATCH", "/v1/me/panel", {"settings": {"language": None}})


def test_advice_instructions_measures_and_refusals_are_said_in_german(desk: Desk) -> None:
    page = desk.page
    brief = {"prompt": "a pier at dusk, slow pan left, no people", "duration_seconds": 1}
    draft = desk.stack.editor.draft(brief=brief)
    page.locator("textarea[data-focus=prompt]").fill("a cinematic lighthouse at noon at night, slow pan left")
    desk.press("Auftrag prüfen")
    advice = page.locator(".advice")
    expect(advice.filter(has_text="„cinematic“ sagt nichts, was zu sehen wäre")).to_have_count(
        1, timeout=LONG
    )
    expect(advice.filter(has_text="Beides zugleich geht nicht: „Nacht“ und „Mittag“.")).to_have_count(1)
    page.get_by_role("button", name="Was einem Modell gesagt wird").click()
    expect(page.locator(".told").first).to_contain_text("Kamera: Schwenk nach links, langsam")

    page.evaluate("() => PB.http.get('/v1/generations/gen_none').catch(PB.notices.problem)")
    desk.reads("Das gibt es hier nicht.")

    generation = desk.stack.editor.generation(draft["id"])
    page.evaluate("(id) => PB.takes.open(id)", generation["id"])
    desk.reads("Bildbreiten pro Sekunde, Spitzen")
    desk.press("Warum")
    seen = page.locator(".standing")
    seen.first.wait_for(timeout=LONG)
    expect(seen.filter(has_text="befolgt: Kamera: Schwenk nach links")).to_contain_text(
        "Die Kamera bewegt sich nach links, mit"
    )
    expect(seen.filter(has_text="NICHT GEMESSEN: nicht: Menschen")).to_contain_text("wird nicht gemessen")
