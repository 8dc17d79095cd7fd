"""A real browser for the panel's tests: Chromium from tests/panel/package.json, driven by Playwright.

It lives as long as one file's tests: Playwright keeps an event loop running in our thread, and tests of other
folders run loops of their own.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

INSTALLED = Path(__file__).parent / "node_modules"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium with the libraries and fonts it was packed with."""
    unpacked = INSTALLED / ".browser"
    if not (unpacked / "chromium").exists():
        pytest.fail(f"{unpacked} holds no browser; `make .make/panel` installs it")
    environ: dict[str, str | float | bool] = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - Chromium looks for a home; its profile is Playwright's own folder
        "LD_LIBRARY_PATH": str(unpacked / "al2023" / "lib"),
        "FONTCONFIG_PATH": str(unpacked / "fonts"),
    }
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=unpacked / "chromium", args=["--no-sandbox", "--disable-gpu"], env=environ
        )
        yield chromium
        chromium.close()


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
