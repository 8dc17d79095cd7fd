"""How many pixels a resolution and an aspect ratio come to."""

from fractions import Fraction

from plugin_backend.domain.brief import Resolution


def picture_size(resolution: Resolution, aspect_ratio: str) -> tuple[int, int]:
    """Width and height: the resolution is the shorter side, the longer one even."""
    across, _, down = aspect_ratio.partition(":")
    shape = Fraction(int(across), int(down))
    if shape >= 1:
        return _even(resolution.lines * shape), resolution.lines
    return resolution.lines, _even(resolution.lines / shape)


def _even(side: Fraction) -> int:
    return round(side / 2) * 2
