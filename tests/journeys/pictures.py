"""Photographs of nowhere, for those who supply a frame."""

import io

import numpy as np
from PIL import Image


def photograph(*, seed: int = 1, width: int = 640, height: int = 360) -> bytes:
    """A picture with a sky, a ground and things in it: no two seeds alike."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / height
    horizon = rng.uniform(0.4, 0.6)
    sky, ground = rng.uniform(90, 230, 3), rng.uniform(30, 110, 3)
    picture = np.where(
        (y < horizon)[..., None], sky * (0.6 + 0.4 * y[..., None]), ground * (0.5 + y[..., None])
    )
    for _ in range(6):
        cx, cy, r = rng.uniform(0, 1.7), rng.uniform(0.3, 0.8), rng.uniform(0.04, 0.15)
        picture[(x - cx) ** 2 + (y - cy) ** 2 < r**2] = rng.uniform(0, 255, 3)
    out = io.BytesIO()
    Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=92)
    return out.getvalue()
