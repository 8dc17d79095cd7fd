"""The inner loops: compositing, drawing and finishing, compiled once and cached beside the source."""

import math

import cv2
import numpy as np
from numba import njit

from worker.animatic.ink import Floats

cv2.setNumThreads(1)  # one render process per core: threads would only fight each other
jit = njit(cache=True, fastmath=True, nogil=True)


@jit
def over(  # noqa: PLR0917 - compiled code takes no keywords
    frame: Floats, patch: Floats, left: int, top: int, gain: float, opacity: float
) -> None:
    """Lay a premultiplied RGBA patch over a picture; zero alpha adds light, `gain` scales it."""
    light = np.float32(gain * opacity)
    cover = np.float32(opacity)
    one = np.float32(1.0)
    for j in range(patch.shape[0]):
        for i in range(patch.shape[1]):
            keep = one - cover * patch[j, i, 3]
            x = left + i
            y = top + j
            frame[y, x, 0] = patch[j, i, 0] * light + frame[y, x, 0] * keep
            frame[y, x, 1] = patch[j, i, 1] * light + frame[y, x, 1] * keep
            frame[y, x, 2] = patch[j, i, 2] * light + frame[y, x, 2] * keep
            if frame.shape[2] == 4:
                frame[y, x, 3] = cover * patch[j, i, 3] + frame[y, x, 3] * keep


@jit
def paste(frame: Floats, patch: Floats, left: int, top: int) -> None:
    """Lay an opaque RGBA patch over a picture."""
    for j in range(patch.shape[0]):
        for i in range(patch.shape[1]):
            frame[top + j, left + i, 0] = patch[j, i, 0]
            frame[top + j, left + i, 1] = patch[j, i, 1]
            frame[top + j, left + i, 2] = patch[j, i, 2]


@jit
def veil(frame: Floats, wide: Floats, first: int, factor: int) -> None:
    """Lay a premultiplied RGBA picture over one with `factor` times its rows; `first`: where it begins."""
    one = np.float32(1.0)
    tall = wide.shape[0]
    for y in range(first * factor, min((first + tall) * factor, frame.shape[0])):
        v = min(max((y + 0.5) / factor - 0.5 - first, 0.0), tall - 1.001)
        v0 = int(v)
        share = np.float32(v - v0)
        rest = one - share
        upper = wide[v0]
        lower = wide[min(v0 + 1, tall - 1)]
        line = frame[y]
        for x in range(line.shape[0]):
            keep = one - upper[x, 3] * rest - lower[x, 3] * share
            line[x, 0] = upper[x, 0] * rest + lower[x, 0] * share + line[x, 0] * keep
            line[x, 1] = upper[x, 1] * rest + lower[x, 1] * share + line[x, 1] * keep
            line[x, 2] = upper[x, 2] * rest + lower[x, 2] * share + line[x, 2] * keep


@jit
def stencil(canvas: Floats, mask: Floats, left: int, top: int, tint: Floats) -> None:
    """Lay a colour (premultiplied by its own alpha, tint[3]) over an RGBA canvas through a mask."""
    for j in range(mask.shape[0]):
        for i in range(mask.shape[1]):
            share = mask[j, i]
            if share > 0.0:
                keep = np.float32(1.0) - share * tint[3]
                for c in range(4):
                    canvas[top + j, left + i, c] = share * tint[c] + canvas[top + j, left + i, c] * keep


@jit
def multiply(canvas: Floats, field: Floats, low: float, high: float) -> None:
    """Scale a canvas's light by a field of 0..1, remapped to low..high."""
    for j in range(field.shape[0]):
        for i in range(field.shape[1]):
            factor = np.float32(low + (high - low) * field[j, i])
            canvas[j, i, 0] *= factor
            canvas[j, i, 1] *= factor
            canvas[j, i, 2] *= factor


@jit
def capsules(frame: Floats, rows: Floats) -> None:
    """Draw tapered capsules: x0 y0 r0 x1 y1 r1 in pixels, premultiplied r g b a, softness in pixels."""
    height, width, channels = frame.shape
    for n in range(rows.shape[0]):
        x0, y0, r0, x1, y1, r1, red, green, blue, alpha, soft = rows[n]
        thin = min(1.0, (max(r0, r1) + 0.25) / 0.75)  # what is thinner than a pixel gets fainter, not thinner
        r0 = max(r0, 0.5)
        r1 = max(r1, 0.5)
        edge = max(soft, 1.0)
        reach = max(r0, r1) + edge
        top = max(0, math.floor(min(y0, y1) - reach))
        bottom = min(height, math.ceil(max(y0, y1) + reach) + 1)
        left = max(0, math.floor(min(x0, x1) - reach))
        right = min(width, math.ceil(max(x0, x1) + reach) + 1)
        ax = x1 - x0
        ay = y1 - y0
        inverse = 1.0 / max(ax * ax + ay * ay, 1e-9)
        for j in range(top, bottom):
            for i in range(left, right):
                along = min(1.0, max(0.0, ((i - x0) * ax + (j - y0) * ay) * inverse))
                dx = i - x0 - along * ax
                dy = j - y0 - along * ay
                cover = 0.5 - (math.sqrt(dx * dx + dy * dy) - (r0 + (r1 - r0) * along)) / edge
                if cover <= 0.0:
                    continue
                cover = min(1.0, cover)
                cover = np.float32(cover * cover * (3.0 - 2.0 * cover) * thin)
                keep = np.float32(1.0) - cover * alpha
                frame[j, i, 0] = red * cover + frame[j, i, 0] * keep
                frame[j, i, 1] = green * cover + frame[j, i, 1] * keep
                frame[j, i, 2] = blue * cover + frame[j, i, 2] * keep
                if channels == 4:
                    frame[j, i, 3] = cover * alpha + frame[j, i, 3] * keep


@jit
def shrink(frame: Floats, small: Floats, factor: int, top: int) -> None:
    """Mean of factor x factor blocks, from row `top` on."""
    height, width, _ = frame.shape
    sums = np.empty(3 * width, np.float32)
    for j in range(small.shape[0]):
        y0 = min(top + j * factor, height - 1)
        y1 = min(y0 + factor, height)
        sums[:] = np.float32(0.0)
        for y in range(y0, y1):  # whole rows first: neighbours in memory are added many at a time
            row = frame[y].reshape(3 * width)
            for k in range(3 * width):
                sums[k] += row[k]
        for i in range(small.shape[1]):
            x0 = min(i * factor, width - 1)
            x1 = min(x0 + factor, width)
            red = np.float32(0.0)
            green = np.float32(0.0)
            blue = np.float32(0.0)
            for x in range(x0, x1):
                red += sums[3 * x]
                green += sums[3 * x + 1]
                blue += sums[3 * x + 2]
            share = np.float32(1.0 / ((y1 - y0) * (x1 - x0)))
            small[j, i, 0] = red * share
            small[j, i, 1] = green * share
            small[j, i, 2] = blue * share


@jit
def finish(  # noqa: PLR0917 - compiled code takes no keywords
    frame: Floats, glow: Floats, grain: Floats, fall: Floats, shift: int, row: int, amount: float
) -> None:
    """Glow (few rows, every column), vignette (what the lens loses across, then down) and grain."""
    height, width, _ = frame.shape
    wide = 3 * width
    tall = glow.shape[0]
    strength, floor = np.float32(amount), np.float32(0.004)
    one, zero = np.float32(1.0), np.float32(0.0)
    light = np.empty(wide, np.float32)
    for j in range(height):
        v = min(max((j + 0.5) * tall / height - 0.5, 0.0), tall - 1.001)
        v0 = int(v)
        share = np.float32(v - v0)
        rest = one - share
        picture = frame[j].reshape(wide)
        upper = glow[v0].reshape(wide)
        lower = glow[v0 + 1].reshape(wide)
        edge = one - fall[wide + j]
        for k in range(wide):
            light[k] = (picture[k] + upper[k] * rest + lower[k] * share) * (edge - fall[k])
        specks = grain[(row + j) % grain.shape[0]]
        for i in range(width):
            speck = specks[shift + i] * strength
            k = 3 * i
            # One speck for the three layers, weaker in the highlights as on film.
            rough = one + speck / (one + light[k] + light[k + 1] + light[k + 2])
            lift = speck * floor
            picture[k] = max(light[k] * rough + lift, zero)
            picture[k + 1] = max(light[k + 1] * rough + lift, zero)
            picture[k + 2] = max(light[k + 2] * rough + lift, zero)


@jit
def shimmer(  # noqa: PLR0917 - compiled code takes no keywords
    frame: Floats, source: Floats, top: int, time: float, reach: float, power: float
) -> None:
    """Heat haze: bend the rows of `source` (a copy of part of the frame) sideways and up."""
    rows, width, _ = source.shape
    cells = width // 8 + 2
    bends = np.empty((cells, 2), np.float32)
    eighth = np.float32(0.125)
    for j in range(rows):
        fade = math.sin(math.pi * (j + 0.5) / rows) * power
        y = j / reach
        for k in range(cells):  # the air bends smoothly: every eighth pixel is enough
            x = k * 8 / reach
            bends[k, 0] = math.sin(y * 61.0 + time * 9.0 + 3.0 * math.sin(x * 7.0 + time * 2.1)) * fade
            bends[k, 1] = (
                math.sin(y * 43.0 - time * 11.0 + 2.0 * math.sin(x * 11.0 - time * 2.7)) * fade * 0.6
            )
        for i in range(width):
            k = i >> 3
            f = np.float32(i & 7) * eighth
            u = np.float32(i) + bends[k, 0] + (bends[k + 1, 0] - bends[k, 0]) * f
            v = np.float32(j) + bends[k, 1] + (bends[k + 1, 1] - bends[k, 1]) * f
            u = min(max(u, np.float32(0.0)), np.float32(width) - np.float32(1.01))
            v = min(max(v, np.float32(0.0)), np.float32(rows) - np.float32(1.01))
            u0 = int(u)
            v0 = int(v)
            fu = u - np.float32(u0)
            fv = v - np.float32(v0)
            for c in range(3):
                upper = source[v0, u0, c] + (source[v0, u0 + 1, c] - source[v0, u0, c]) * fu
                lower = source[v0 + 1, u0, c] + (source[v0 + 1, u0 + 1, c] - source[v0 + 1, u0, c]) * fu
                frame[top + j, i, c] = upper + (lower - upper) * fv
