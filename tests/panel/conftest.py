"""A real browser for the panel's tests: Chromium from tests/panel/package.json, driven by Playwright.

It lives as long as one file's tests: Playwright keeps an event loop running in our thread, and tests of other
folders run loops of their own.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.panel.adapters import PAGE
from tests.panel.chromium import chromium
from tests.panel.storage import Storage, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; the test fails if a script threw where nobody caught it."""
    thrown: list[str] = []
    with browser.new_context(accept_downloads=True) as context:
        context.on("weberror", lambda error: thrown.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(30_000)
        yield page
    assert thrown == []


@pytest.fixture
def said(page: Page) -> list[str]:
    """What the page writes to its console, as it comes."""
    lines: list[str] = []

    def note(message: ConsoleMessage) -> None:
        lines.append(f"{message.type}: {message.text}")

    page.on("console", note)
    return lines


@pytest.fixture(scope="module")
def _server() -> Iterator[Storage]:
    with serving(PAGE) as storage:
        yield storage


@pytest.fixture
def storage(_server: Storage) -> Storage:
    """A storage that nobody has asked anything yet; at its root a page with every adapter."""
    _server.asked.clear()
    _server.headers.clear()
    _server.breaks.clear()
    _server.no_ranges = False
    return _server
