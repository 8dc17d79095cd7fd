"""How soon the panel is there: first paint of its first screen from a cold cache, and what it weighs.

    python -m bench.panel [--rounds 7]

The floor is the first paint of one line of text served by the same gunicorn, in turn with ours.
"""

import argparse
import statistics
from collections.abc import Mapping

from playwright.sync_api import Browser

from bench.stack import surroundings, verdict, web_door
from manifests.bundle import PanelConfig, PanelHost, files_for
from tests.panel.chromium import chromium

BUDGET_MS = 300
LIGHT = 150_000
_PAINT = """async () => {
    for (;;) {
        const found = performance.getEntriesByName("first-contentful-paint")[0];
        if (found) return found.startTime;
        await new Promise((done) => setTimeout(done, 10));
    }
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(surroundings())
    _weigh()
    with web_door() as door, chromium() as browser:
        url = f"http://127.0.0.1:{door.settings.port}"
        first_paint(browser, f"{url}/healthz")  # the browser's own first page
        pairs = [
            (first_paint(browser, f"{url}/healthz"), first_paint(browser, f"{url}/panel/"))
            for _ in range(options.rounds)
        ]
    floor, ours = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"first paint: {ours:.0f} ms; one line of text: {floor:.0f} ms; {ours / floor:.1f} of the floor")
    print(f"under {BUDGET_MS} ms: {verdict(met=ours < BUDGET_MS)}")


def first_paint(browser: Browser, address: str) -> float:
    """Milliseconds from asking to the first words on the screen, with nothing kept from before."""
    with browser.new_context(viewport={"width": 320, "height": 760}) as context:
        page = context.new_page()
        page.goto(address)
        return float(page.evaluate(_PAINT))


def _weigh() -> None:
    for host in PanelHost:
        files = files_for(PanelConfig(api="", version="0", host=host))
        loaded, all_of_it = weight(files), sum(map(len, files.values()))
        told = (
            f"{loaded / 1000:.1f} KB when it is docked, {all_of_it / 1000:.1f} KB with all that may be wanted"
        )
        print(f"{host}: {told}: {verdict(met=loaded < LIGHT)}")


def weight(files: Mapping[str, bytes]) -> int:
    """Bytes that a panel loads before its first screen: its page, and what the page names."""
    page = files["index.html"].decode()
    return sum(len(content) for path, content in files.items() if path == "index.html" or path in page)


if __name__ == "__main__":
    main()
