"""A history of thousands: only what is seen is asked for and drawn, and the service does the searching."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Request, Route

from tests.journeys.stack import Stack, until
from tests.panel.desk import Desk, opened, stack_editor

pytestmark = pytest.mark.slow

ALL = 5_000
DRAWN = 40
"""Rows that may be drawn at once: what is seen and a few to either side."""
_MANY = """
    INSERT INTO generations
    SELECT (jsonb_populate_record(NULL::generations, to_jsonb(g) || jsonb_build_object(
        'id', left(g.id, -6) || lpad(n::text, 6, '0'),
        'request', jsonb_set(g.request, '{brief,prompt}', to_jsonb('shot number ' || n))))).*
    FROM generations g, generate_series(1, %s) n WHERE g.id = %s RETURNING id"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service on which thousands of drafts were made, the last of which was picked."""
    with Stack(tmp_path_factory.mktemp("old")) as stack:
        project = stack.editor.ok("POST", "/v1/projects", {"name": "Second unit"})
        done: Any = stack.editor.ready_draft(label="SH010", project_id=project["id"])
        stack.editor.ok("PATCH", f"/v1/takes/{done['takes'][0]['id']}", {"picked": True})
        delivery = stack.editor.delivery(done["takes"][0]["id"], host="download")
        stack.editor.ok("POST", f"/v1/deliveries/{delivery['id']}/applied")
        plain = stack.editor.ready_draft()
        assert len(stack.query(_MANY, ALL, plain["id"])) == ALL
        yield stack


@pytest.fixture
def desk(browser: Browser, old: Stack, tmp_path: Path) -> Iterator[Desk]:
    with opened(browser, old, "browser", tmp_path) as desk:
        desk.sign_in(stack_editor(old))
        yield desk


@pytest.fixture
def pages(desk: Desk) -> list[str]:
    """Every page of the history that was asked for, as it is asked."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/v1/generations?limit=50" in request.url:
            asked.append(request.url)

    desk.page.on("request", note)
    return asked


def _scroll(desk: Desk, share: float) -> None:
    desk.page.locator(".window").evaluate(
        "(list, share) => (list.scrollTop = list.scrollHeight * share)", share
    )


def _drawn(desk: Desk) -> int:
    return desk.page.locator(".history").count()


def _shows(desk: Desk, words: str) -> None:
    desk.page.locator(".history", has_text=words).first.wait_for()


def _narrowed(desk: Desk, pages: list[str], by: Callable[[], object], to: str, rows: int) -> None:
    """Something is chosen: the service is asked for that, and so many rows are there."""
    pages.clear()
    by()
    rows_of = desk.page.locator(".history")
    until(lambda: rows_of.count() == rows and any(to in each for each in pages), seconds=30)


def test_thousands_scroll_without_loading_more_than_is_seen(desk: Desk, pages: list[str]) -> None:
    desk.tab("History")
    _shows(desk, f"shot number {ALL}")
    assert _drawn(desk) <= DRAWN
    assert len(pages) == 1
    rows = 50
    while rows < ALL:
        _scroll(desk, 1)
        rows = min(ALL, rows + 50)
        desk.page.wait_for_function(
            "(height) => document.querySelector('.space').clientHeight >= height", arg=rows * 76
        )
        assert _drawn(desk) <= DRAWN
        assert len(pages) <= rows // 50 + 1
    _scroll(desk, 0.5)
    _shows(desk, "shot number 2500")
    assert _drawn(desk) <= DRAWN
    _scroll(desk, 1)
    _shows(desk, "SH010")
    assert _drawn(desk) <= DRAWN
    asked = len(pages)
    _scroll(desk, 0)
    _shows(desk, f"shot number {ALL}")
    assert len(pages) == asked <= ALL // 50 + 2


def test_the_service_searches_and_filters(desk: Desk, pages: list[str]) -> None:
    page = desk.page
    desk.tab("History")
    _shows(desk, f"shot number {ALL}")
    search = page.get_by_label("Search the prompts")
    _narrowed(desk, pages, lambda: search.fill("shot number 4321"), "q=shot%20number%204321", 1)
    _shows(desk, "shot number 4321")
    _narrowed(desk, pages, lambda: search.fill("<b>nothing</b>"), "q=%3Cb%3Enothing", 0)
    _narrowed(desk, pages, lambda: search.fill("lighthouse"), "q=lighthouse", 2)
    search.fill("")
    for label, option, told in (
        ("Any project", "Second unit", "project_id="),
        ("Any mark", "On a timeline", "applied=true"),
        ("Any mark", "Picked", "picked=true"),
    ):
        box = page.locator(f"select[aria-label='{label}']")

        def choose(box: Any = box, option: str = option) -> None:
            box.select_option(label=option)

        _narrowed(desk, pages, choose, told, 1)
        _shows(desk, "SH010")
        box.select_option("")
    state = page.locator("select[aria-label='Any state']")
    _narrowed(desk, pages, lambda: state.select_option("failed"), "state=failed", 0)


def test_an_answer_to_an_older_search_never_shows(desk: Desk) -> None:
    held: list[Route] = []
    desk.tab("History")
    _shows(desk, f"shot number {ALL}")

    def hold(route: Route) -> None:
        held.append(route)

    desk.page.route(re.compile(r"[?&]q=lighthouse"), hold)
    search = desk.page.get_by_label("Search the prompts")
    search.fill("lighthouse")

    def asked() -> bool:
        return bool(desk.page.evaluate("() => true") and held)

    until(asked)
    search.fill("shot number 77")
    _shows(desk, "shot number 77")
    before = desk.page.locator(".space").inner_text()
    with desk.page.expect_response(re.compile("q=lighthouse")):
        held[0].continue_()
    desk.page.evaluate("() => new Promise((done) => setTimeout(done, 200))")  # long enough to draw it
    assert desk.page.locator(".space").inner_text() == before


def test_a_brief_of_the_past_is_used_again(desk: Desk) -> None:
    desk.tab("History")
    desk.page.get_by_label("Search the prompts").fill("shot number 4321")
    row = desk.page.locator(".history", has_text="shot number 4321")
    row.get_by_role("button", name="Use again").click()
    prompt = desk.page.locator("textarea[data-focus=prompt]")
    prompt.wait_for()
    assert prompt.input_value() == "shot number 4321"
    assert desk.page.get_by_label("Seconds", exact=True).input_value() == "1"
