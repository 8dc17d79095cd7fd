"""A real browser for the panel's tests: Chromium from tests/panel/package.json, driven by Playwright.

It lives as long as one file's tests: Playwright keeps an event loop running in our thread, and tests of other
folders run loops of their own.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.journeys.stack import Stack
from tests.panel.adapters import PAGE
from tests.panel.chromium import chromium
from tests.panel.desk import Editor, stack_editor
from tests.panel.storage import Storage, serving


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser is not for a coffee break."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


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
    _server.no_ranges = _server.forbids_ranges = False
    return _server


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A whole service behind every panel of this process; nobody may break it."""
    made = tempfile.TemporaryDirectory(prefix="panels-", ignore_cleanup_errors=True)
    with made as folder, Stack(Path(folder)) as running:
        yield running


@pytest.fixture
def ada(stack: Stack) -> Editor:
    """The editor of the first start, who can sign in on the service's page; no panel has kept anything."""
    kept = stack.editor.get("/v1/me/panel")["settings"]
    stack.editor.ok("PATCH", "/v1/me/panel", {"settings": dict.fromkeys(kept)})
    return stack_editor(stack)
