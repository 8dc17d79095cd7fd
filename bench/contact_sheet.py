"""docs/images/briefs.jpg: three moments of each of the twelve reference briefs, through the ACES 2.0 view.

python bench/contact_sheet.py [--out docs/images/briefs.jpg]
"""

import argparse
import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import PyOpenColorIO
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from plugin_backend.domain.direction.plan import plan_shot
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec

BRIEFS = {
    "forest": "Slow dolly in between tall pines in drifting fog at golden hour, sun "
    "low behind the trunks, soft lens flare",
    "street": "Night street after rain, pink and blue neon on wet asphalt, a figure with an umbrella "
    "walks right to left, camera tracks with them",
    "harbour": "Wide static shot of a harbour at dawn, boats rocking gently, gulls crossing the sky",
    "fireworks": "Fireworks over a black lake, bursts mirrored in the water, "
    "silhouettes of people along the shore",
    "pendulum": "A heavy iron pendulum swings in front of a brick wall, hard side light, long moving shadow",
    "ball": "A red ball rolls left to right behind a white column, is hidden, and "
    "comes out on the other side",
    "pour": "Coffee poured into a glass on a counter by a window, steam rising, "
    "macro, shallow depth of field",
    "desert": "Aerial over dunes at noon, crane up to reveal a caravan on the ridge, heat haze",
    "workshop": "Welding sparks in a dark workshop, bright arc, handheld camera",
    "bottle": "Perfume bottle on black marble, camera orbits a quarter turn, rim light",
    "train": "A person walks left on a platform while a train passes right to left "
    "behind them, late afternoon",
    "snow-loop": "Snow falling past a lit cabin window at night, seamless loop",
}
_SECONDS, _RATE, _SEED = 5, 24, 7
_MOMENTS = (0.12, 0.5, 0.88)
_WIDE, _TALL, _GAP, _LABEL = 400, 225, 4, 22
_MOST_BYTES = 500_000

Pixels = NDArray[np.uint8]


def spec_of(brief: str, *, width: int = 960, height: int = 540) -> ShotSpec:
    plan = plan_shot(brief, duration_seconds=Fraction(_SECONDS))
    return ShotSpec(plan, _SEED, width, height, Fraction(_RATE), _SECONDS * _RATE, "draft", plan.loop)


def viewer() -> PyOpenColorIO.CPUProcessor:
    config = PyOpenColorIO.Config.CreateFromFile("ocio://cg-config-latest")
    return config.getProcessor(
        "ACEScg", "sRGB - Display", "ACES 2.0 - SDR 100 nits (Rec.709)", PyOpenColorIO.TRANSFORM_DIR_FORWARD
    ).getDefaultCPUProcessor()


def shown(frame: NDArray[np.float32], view: PyOpenColorIO.CPUProcessor) -> Pixels:
    picture = np.ascontiguousarray(frame).copy()
    view.applyRGB(picture)
    return np.asarray(np.clip(picture, 0.0, 1.0) * 255.0 + 0.5, np.uint8)


def strip(brief: str, view: PyOpenColorIO.CPUProcessor) -> list[Image.Image]:
    shot = bake(spec_of(brief))
    pictures = []
    for moment in _MOMENTS:
        frame = next(iter(shot.frames(int(moment * shot.spec.frame_count), 1)))
        picture = Image.fromarray(shown(frame, view))
        pictures.append(picture.resize((_WIDE, _TALL), Image.Resampling.LANCZOS))
    return pictures


def sheet() -> Image.Image:
    """Two briefs to a row, three moments each."""
    view = viewer()
    columns, rows = 2, -(-len(BRIEFS) // 2)
    block_wide, block_tall = 3 * (_WIDE + _GAP), _TALL + _LABEL + _GAP
    page = Image.new("RGB", (columns * block_wide + 3 * _GAP, rows * block_tall + _GAP), (18, 19, 22))
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(14)
    for number, (name, brief) in enumerate(BRIEFS.items()):
        left = _GAP + (number % columns) * (block_wide + _GAP)
        top = _GAP + (number // columns) * block_tall
        line = f"{name}   {brief}"
        draw.text((left + 2, top + 2), line[:170], fill=(214, 216, 220), font=font)
        for place, picture in enumerate(strip(brief, view)):
            page.paste(picture, (left + place * (_WIDE + _GAP), top + _LABEL))
    return page


def compressed(page: Image.Image) -> bytes:
    """The best JPEG that stays under the limit."""
    for quality in range(92, 40, -4):
        held = io.BytesIO()
        page.save(held, "JPEG", quality=quality, optimize=True, progressive=True)
        if held.tell() <= _MOST_BYTES:
            return held.getvalue()
    raise ValueError("the sheet does not fit its limit")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("docs/images/briefs.jpg"))
    out = parser.parse_args().out
    out.parent.mkdir(parents=True, exist_ok=True)
    data = compressed(sheet())
    out.write_bytes(data)
    print(f"{out}: {len(data) / 1000:.0f} kB")


if __name__ == "__main__":
    main()
