"""Chromium from tests/panel/package.json, with the libraries and fonts it was packed with."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

UNPACKED: Final = Path(__file__).parent / "node_modules" / ".browser"


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser, driven by Playwright; FileNotFoundError where it is not installed."""
    if not (UNPACKED / "chromium").exists():
        raise FileNotFoundError(f"{UNPACKED} holds no browser; `make .make/panel` installs it")
    environ: dict[str, str | float | bool] = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",  # noqa: S108 - Chromium looks for a home; its profile is Playwright's own folder
        "LD_LIBRARY_PATH": str(UNPACKED / "al2023" / "lib"),
        "FONTCONFIG_PATH": str(UNPACKED / "fonts"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=UNPACKED / "chromium", args=["--no-sandbox", "--disable-gpu"], env=environ
        )
        yield browser
        browser.close()
