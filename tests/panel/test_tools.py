import json
import re
from pathlib import Path

from playwright.sync_api import Page

TOOLS = Path(__file__).parent


def test_the_browser_plays_what_proxies_are_made_of(page: Page) -> None:
    plays = page.evaluate(
        "() => document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.640028, mp4a.40.2\"')"
    )

    assert plays == "probably"


def test_the_browser_draws_letters(page: Page) -> None:
    page.set_content("<p style='display: inline-block'>iiii</p><br><p style='display: inline-block'>MMMM</p>")

    narrow, wide = (each.bounding_box() for each in page.locator("p").all())

    assert narrow
    assert wide
    assert wide["width"] > 2 * narrow["width"] > 0


def test_the_tools_are_pinned_by_hash_and_fetched_from_nowhere_named() -> None:
    lock = (TOOLS / "package-lock.json").read_text()
    packages = {name: each for name, each in json.loads(lock)["packages"].items() if name}

    assert "resolved" not in lock
    assert [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")] == []


def test_every_tool_is_named_with_its_one_version() -> None:
    tools = json.loads((TOOLS / "package.json").read_text())["devDependencies"]

    assert [name for name, version in tools.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
