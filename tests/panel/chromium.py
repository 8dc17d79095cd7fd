"""Chromium from tests/panel/package.json, with the libraries and fonts it was packed with."""

from collections.abc import Iterator
from contextlib import contextmanager
from ctypes.util import find_library
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Error, Playwright, sync_playwright

UNPACKED: Final = Path(__file__).parent / "node_modules" / ".browser"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser, driven by Playwright; FileNotFoundError where it is not installed."""
    if not (UNPACKED / "chromium").exists():
        raise FileNotFoundError(f"{UNPACKED} holds no browser; `make .make/panel` installs it")
    environ: dict[str, str | float | bool] = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - Chromium looks for a home; its profile is Playwright's own folder
        "FONTCONFIG_PATH": str(UNPACKED / "fonts"),
    }
    if find_library("nss3") is None:
        environ["LD_LIBRARY_PATH"] = str(UNPACKED / "al2023" / "lib")
    with sync_playwright() as playwright:
        browser = _launch(playwright, environ)
        yield browser
        browser.close()


def _launch(playwright: Playwright, environ: dict[str, str | float | bool]) -> Browser:
    """A start that dies of itself, one of 290 measured, is tried again: no page is open yet."""
    tries = 3
    while True:
        try:
            return playwright.chromium.launch(
                executable_path=UNPACKED / "chromium", args=["--no-sandbox", "--disable-gpu"], env=environ
            )
        except Error as error:
            tries -= 1
            if tries == 0 or "SIGSEGV" not in str(error):
                raise
