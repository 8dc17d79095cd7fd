"""Pictures of every screen, from a whole running service: what `docs/panel.md` shows, made to be looked at.

python -m tests.panel.pictures [--only 240]
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser

from tests.house.repository import ROOT
from tests.journeys.stack import Stack
from tests.panel.chromium import chromium
from tests.panel.desk import opened, stack_editor
from tests.panel.scenes import scenes

WIDTHS: Final = (240, 320, 480)
THEMES: Final[tuple[Literal["dark", "light"], ...]] = ("dark", "light")
APART: Final = 12
IN_A_ROW: Final = 6
GREY: Final = (128, 128, 128)
COLOURS: Final = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", type=int, action="append", choices=WIDTHS)
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "images")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder)) as stack, chromium() as browser:
        for width in options.only or WIDTHS:
            for theme in THEMES:
                screens = _taken(browser, stack, width, theme, Path(folder))
                path = options.into / f"panel-{width}-{theme}.png"
                _sheet(screens).save(path, optimize=True)
                sys.stdout.write(f"{path}: {len(screens)} screens, {path.stat().st_size / 1000:.0f} KB\n")


def _taken(
    browser: Browser, stack: Stack, width: int, theme: Literal["dark", "light"], folder: Path
) -> Sequence[Image.Image]:
    found = []
    with opened(browser, stack, "browser", folder, width=width, color_scheme=theme) as desk:
        for name in scenes(desk, stack_editor(stack)):
            desk.page.evaluate("() => document.fonts.ready")
            wide = desk.page.evaluate("() => document.getElementById('screen').scrollWidth")
            if wide > width:
                sys.stdout.write(f"{name} at {width}: {wide} pixels wide\n")
            found.append(Image.open(BytesIO(desk.page.screenshot())).convert("RGB"))
    return found


def _sheet(screens: Sequence[Image.Image]) -> Image.Image:
    """All of them side by side, in as few colours as can be read."""
    width, height = screens[0].size
    rows = -(-len(screens) // IN_A_ROW)
    size = (APART + IN_A_ROW * (width + APART), APART + rows * (height + APART))
    sheet = Image.new("RGB", size, GREY)
    for i, each in enumerate(screens):
        sheet.paste(each, (APART + i % IN_A_ROW * (width + APART), APART + i // IN_A_ROW * (height + APART)))
    return sheet.quantize(COLOURS)


if __name__ == "__main__":
    main()
