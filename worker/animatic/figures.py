"""People, animals and birds as jointed capsules, posed at a phase of their gait."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from worker.animatic.canvas import stroke
from worker.animatic.ink import Colour, Floats

Row = tuple[float, ...]
Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cloth:
    """How a figure is coloured: body, legs, skin, and the light along its edge."""

    coat: Colour
    legs: Colour
    skin: Colour
    rim: Colour = (0.0, 0.0, 0.0)
    rim_side: float = 1.0


def walker(
    foot: tuple[float, float],
    tall: float,
    phase: float,
    heading: float,
    cloth: Cloth,
    *,
    arm_up: bool = False,
) -> list[Row]:
    """A walking person; `phase` in turns of the gait, `heading` -1 to the left."""
    x, ground = foot
    swing = 2.0 * math.pi * phase
    bob = 0.012 * math.cos(2.0 * swing)
    hip = (x, ground - (0.5 + bob) * tall)
    chest = (x + heading * 0.012 * tall, ground - (0.79 + bob) * tall)
    head = (chest[0] + heading * 0.02 * tall, ground - (0.925 + bob) * tall)
    rows: list[Row] = []
    for side in (1.0, 0.0):  # the far limbs first
        rows += _leg(hip, tall, swing + math.pi * side, heading=heading, colour=cloth.legs, ground=ground)
    rows += _arm(chest, tall, swing, heading, cloth.coat, up=False)
    rows += _torso(hip, chest, tall, cloth)
    rows += _head(chest, head, tall, heading, cloth)
    rows += _arm(chest, tall, swing + math.pi, heading, cloth.coat, up=arm_up)
    return rows


def _torso(hip: Spot, chest: Spot, tall: float, cloth: Cloth) -> list[Row]:
    x, y = chest
    back = (hip[0], hip[1] + 0.06 * tall, 0.085 * tall, x, y + 0.02 * tall, 0.078 * tall)
    shoulders = (x - 0.015 * tall, y, 0.062 * tall, x + 0.015 * tall, y, 0.062 * tall)
    return _lit([back, shoulders], cloth.coat, cloth, tall)


def _head(chest: Spot, head: Spot, tall: float, heading: float, cloth: Cloth) -> list[Row]:
    neck = (*chest, 0.03 * tall, *head, 0.03 * tall)
    face = (*head, 0.058 * tall, head[0], head[1] - 0.02 * tall, 0.056 * tall)
    hair = (head[0] - heading * 0.012 * tall, head[1] - 0.03 * tall)
    nape = (hair[0] - heading * 0.018 * tall, hair[1] + 0.035 * tall)
    rows = _lit([neck], cloth.skin, cloth, tall) + _lit([face], cloth.skin, cloth, tall)
    return [*rows, stroke((*hair, 0.054 * tall), (*nape, 0.042 * tall), cloth.legs)]


def _lit(parts: Sequence[Row], colour: Colour, cloth: Cloth, tall: float) -> list[Row]:
    """Body parts with a bright edge: the same shape in the rim's colour underneath, shifted to the light."""
    rows: list[Row] = []
    shift = 0.011 * tall * cloth.rim_side
    if max(cloth.rim) > 0:
        rows += [
            stroke((a + shift, b - 0.004 * tall, c), (d + shift, e - 0.004 * tall, f), cloth.rim)
            for a, b, c, d, e, f in parts
        ]
    rows += [stroke((a, b, c), (d, e, f), colour) for a, b, c, d, e, f in parts]
    return rows


def _leg(
    hip: tuple[float, float], tall: float, swing: float, *, heading: float, colour: Colour, ground: float
) -> list[Row]:
    thigh = 0.48 * math.sin(swing)
    bend = 0.12 + 0.75 * max(0.0, math.cos(swing)) * (0.6 + 0.4 * math.sin(swing))
    knee = (hip[0] + heading * 0.26 * tall * math.sin(thigh), hip[1] + 0.25 * tall * math.cos(thigh))
    shin = thigh - bend
    ankle = (
        knee[0] + heading * 0.24 * tall * math.sin(shin),
        min(knee[1] + 0.24 * tall * math.cos(shin), ground - 0.015 * tall),
    )
    toe = (ankle[0] + heading * 0.07 * tall, min(ankle[1] + 0.012 * tall, ground))
    return [
        stroke((*hip, 0.062 * tall), (*knee, 0.044 * tall), colour),
        stroke((*knee, 0.044 * tall), (*ankle, 0.028 * tall), colour),
        stroke((*ankle, 0.026 * tall), (*toe, 0.018 * tall), colour),
    ]


def _arm(
    chest: tuple[float, float], tall: float, swing: float, heading: float, colour: Colour, *, up: bool
) -> list[Row]:
    if up:  # holding something overhead
        elbow = (chest[0] + heading * 0.09 * tall, chest[1] + 0.13 * tall)
        hand = (chest[0] + heading * 0.13 * tall, chest[1] - 0.01 * tall)
    else:
        angle = 0.5 * math.sin(swing)
        elbow = (chest[0] + heading * 0.16 * tall * math.sin(angle), chest[1] + 0.17 * tall * math.cos(angle))
        fore = angle + 0.35
        hand = (elbow[0] + heading * 0.15 * tall * math.sin(fore), elbow[1] + 0.15 * tall * math.cos(fore))
    return [
        stroke((chest[0], chest[1] + 0.01 * tall, 0.036 * tall), (*elbow, 0.03 * tall), colour),
        stroke((*elbow, 0.03 * tall), (*hand, 0.021 * tall), colour),
    ]


def beast(
    foot: tuple[float, float],
    tall: float,
    phase: float,
    *,
    heading: float,
    colour: Colour,
    neck: float = 0.5,
    hump: bool = False,
) -> list[Row]:
    """A four-legged animal; a long neck and a hump make it a camel, a short neck a dog."""
    x, ground = foot
    back = ground - (0.62 if hump else 0.6) * tall
    reach = heading * 0.46 * tall  # from the middle of the back to the shoulder
    rows: list[Row] = []
    for number, place in enumerate((-0.8, -0.6, 0.62, 0.82)):
        turn = 0.38 * math.sin(2.0 * math.pi * phase + math.pi * (number % 2) + 0.6 * (number // 2))
        top = (x + place * reach * 0.9, back + 0.06 * tall)
        rows += _hind(top, tall, turn, heading=heading, colour=colour, ground=ground)
    rows.append(stroke((x - reach * 0.75, back, 0.125 * tall), (x + reach * 0.7, back, 0.115 * tall), colour))
    if hump:
        high, size = back - 0.1 * tall, 0.12 * tall
        rows.append(stroke((x - 0.04 * tall, high, size), (x + 0.04 * tall, high, size), colour))
    shoulder = (x + reach * 0.85, back)
    crest = (x + reach * 0.95 + heading * (0.25 * neck + 0.1) * tall, back - 0.55 * tall * neck)
    muzzle = (crest[0] + heading * 0.16 * tall, crest[1] + 0.05 * tall)
    tail = (x - reach * 0.85 - heading * 0.12 * tall, back + 0.16 * tall)
    rows.append(stroke((*shoulder, 0.085 * tall), (*crest, 0.05 * tall), colour))
    rows.append(stroke((*crest, 0.06 * tall), (*muzzle, 0.034 * tall), colour))
    rows.append(stroke((x - reach * 0.85, back - 0.03 * tall, 0.02 * tall), (*tail, 0.012 * tall), colour))
    return rows


def _hind(top: Spot, tall: float, turn: float, *, heading: float, colour: Colour, ground: float) -> list[Row]:
    """An animal's leg: it bends the other way than a person's."""
    knee = (top[0] + heading * 0.28 * tall * math.sin(turn), top[1] + 0.28 * tall * math.cos(turn))
    end = (knee[0] + heading * 0.26 * tall * math.sin(turn - 0.25), ground - 0.01 * tall)
    return [
        stroke((*top, 0.055 * tall), (*knee, 0.032 * tall), colour),
        stroke((*knee, 0.03 * tall), (*end, 0.022 * tall), colour),
    ]


def gull(
    centre: tuple[float, float], span: float, beat: float, colour: Colour, tilt: float = 0.0
) -> list[Row]:
    """A bird on the wing; `beat` in turns of the wing."""
    x, y = centre
    lift = math.sin(2.0 * math.pi * beat)
    rows = [stroke((x - 0.08 * span, y + 0.01 * span, 0.02 * span), (x + 0.1 * span, y, 0.03 * span), colour)]
    for side in (-1.0, 1.0):
        joint = (x + side * 0.24 * span, y - (0.13 + 0.09 * lift) * span + side * tilt * span)
        tip = (x + side * 0.5 * span, y + (0.02 - 0.2 * lift) * span + side * 2 * tilt * span)
        rows.append(stroke((x, y, 0.03 * span), (*joint, 0.022 * span), colour))
        rows.append(stroke((*joint, 0.022 * span), (*tip, 0.004 * span), colour))
    return rows


def mirrored(rows: list[Row], ground: float, squash: float, opacity: float) -> list[Row]:
    """The same capsules upside down below the ground line, fainter."""
    flipped = np.array(rows, np.float32)
    flipped[:, (1, 4)] = ground + (ground - flipped[:, (1, 4)]) * squash
    flipped[:, 6:10] *= opacity
    flipped[:, 10] += 0.004
    return [tuple(row) for row in flipped.tolist()]


def stacked(*groups: list[Row]) -> Floats:
    """Rows for a Strokes item."""
    rows = [row for group in groups for row in group]
    return np.array(rows, np.float32).reshape(-1, 11)
