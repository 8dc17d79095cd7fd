"""The page's pictures, as addresses that hold their own bytes."""

import base64
from typing import Final

import cv2
import numpy as np

from plugin_backend.domain.sequence import ColourSpace
from worker.media.report_page.charts import Tick
from worker.media.scopes import Waveform

_BRIGHT_SHARE: Final = 99.7  # per cent of the counts that are not over the top
_TINT: Final = (0.45, 1.0, 0.62)
_SIZE: Final = (768, 256)
_NITS: Final = (0.1, 1, 10, 100, 203, 1000, 4000, 10_000)


def data_address(data: bytes, media_type: str) -> str:
    """A picture as part of the page."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def waveform_picture(found: Waveform) -> str:
    """Denser is brighter, by its logarithm, as a scope's trace glows."""
    density = np.log1p(found.counts[::-1].astype(np.float32))
    lit = density[density > 0]
    top = float(np.percentile(lit, _BRIGHT_SHARE)) if lit.size else 1.0
    glow = np.clip(density / max(top, 1e-6), 0, 1)
    large = cv2.resize(glow, _SIZE, interpolation=cv2.INTER_LINEAR)[..., None] * np.array(_TINT, np.float32)
    done, data = cv2.imencode(".png", np.ascontiguousarray((large[..., ::-1] * 255).astype(np.uint8)))
    assert done, "eight bits and three channels are what PNG takes"
    return data_address(data.tobytes(), "image/png")


def waveform_ticks(space: ColourSpace) -> tuple[Tick, ...]:
    """Levels of the signal; in PQ the light that they stand for."""
    if space is not ColourSpace.REC2100_PQ:
        return tuple(Tick(100.0 - level, f"{level} %") for level in range(0, 101, 25))
    return tuple(Tick(round(100 * (1 - _pq(nits)), 2), f"{nits:,g}") for nits in _NITS)


def _pq(nits: float) -> float:
    """The signal of SMPTE ST 2084 for so much light."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10_000) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)
