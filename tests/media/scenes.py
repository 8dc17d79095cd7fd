"""Pictures to film: a rising sun over a drifting ridge, scene-linear, with highlights and a little grain."""

import numpy as np

from worker.media.kernels import Picture, Rgb16

SUN = 45.0


def sunrise(frame: int, *, height: int = 90, width: int = 160) -> Picture:
    y, x = (axis.astype(np.float32) for axis in np.mgrid[0:height, 0:width])
    x, y, time = x / width, y / height, frame / 48
    sky = np.stack([0.2 + 1.2 * y**3, 0.3 + 0.5 * y**2, 0.8 - 0.5 * y], axis=-1)
    away = np.hypot((x - 0.3 - 0.2 * time) * width / height, y - 0.4 + 0.2 * time)[..., None]
    lit = sky + np.exp(-away * 6) * np.array([2.0, 1.1, 0.4]) + (away < 0.06) * np.array([SUN, 30.0, 15.0])
    ridge = 0.7 + 0.05 * np.sin((x * 3 + time) * 6.28)
    picture = np.where((y > ridge)[..., None], np.array([0.03, 0.04, 0.06]), lit)
    grain = np.random.default_rng(frame).normal(0, 0.004, picture.shape)
    return np.maximum(picture + grain, 0).astype(np.float32)


def noise16(frame: int, *, height: int = 90, width: int = 160) -> Rgb16:
    """Frames that are told apart by their brightness, and are hard to compress."""
    noise = np.random.default_rng(frame).integers(0, 8192, (height, width, 3))
    return (noise + 600 * frame).astype(np.uint16)
