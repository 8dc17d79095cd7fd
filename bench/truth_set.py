"""How well the director measures a camera: clips whose camera is known, and what was said of them.

    python -m bench.truth_set [--every 1] [--photograph a.jpg ...]

Animatic renders shots of many scenes, moves, speeds, noise and compression; each is encoded as H.264,
decoded and evaluated like any take. The truth is the rig's own motion: exact for what turns and zooms; for
what travels, what the middle half of the followed points truly does by their depth (bench/truth_clips.py).
Photographs given by `--photograph` are panned, tilted, zoomed and held by exact resampling, encoded and
evaluated likewise.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from bench.truth_clips import Asked, Layers, Rgb, Truth, encoded, noisy, pictures, shot_of, true_layers
from plugin_backend.domain.direction.evaluation import Evaluation
from plugin_backend.domain.direction.terms import Move
from worker.director.evaluate import evaluate
from worker.director.flow import FlowMeter
from worker.director.frames import ClipFacts, SmallFrame, small_frames
from worker.director.thresholds import limit

SCENES: Final = (
    "boats in a harbour at dawn",
    "mountains at dawn",
    "a city skyline at noon",
    "a meadow with a horse",
    "a train crosses a platform",
    "desert dunes with camels",
    "the coast with cliffs",
    "a pine forest",
    "a brick wall with a pendulum",
    "a neon street in the rain at night",
    "a white gallery with a column",
    "espresso on a counter",
)
SPEEDS: Final = (0.45, 0.6, 0.9)
NOISES: Final = (0.0, 2.0, 4.0)
QUALITIES: Final = (18, 23, 28, 33)
RATES: Final = (12, 24)
_STILLS: Final = 8  # more static shots of each scene
_PHOTO: Final = (320, 180)
_REACH: Final = 0.29 * float(np.hypot(1, 9 / 16))


Strengths = tuple[float, float, float]  # right, down and inward: widths a second of a typical point


@dataclass(frozen=True, slots=True)
class Result:
    """One clip: what its camera does, the truth as widths a second, and what was said."""

    what: str
    move: Move
    truth: Truth
    low: Truth
    high: Truth
    seen: Evaluation

    @property
    def true_strengths(self) -> Strengths:
        return _strengths(self.truth)

    @property
    def strengths(self) -> Strengths:
        figures = self.seen.figures
        x, y, zoom = (
            figures[name] or 0.0
            for name in (
                "camera_x_widths_per_second",
                "camera_y_heights_per_second",
                "camera_zoom_ln_per_second",
            )
        )
        return x, y * 9 / 16, zoom * _REACH

    @property
    def is_still(self) -> bool:
        return self.move is Move.STATIC

    @property
    def is_directed(self) -> bool:
        """Whether the picture shows that it moves at all: far layers hardly do when a camera travels."""
        return self.move.other_way is not None and max(map(abs, self.true_strengths)) >= 1.5 * limit("static")

    @property
    def direction_right(self) -> bool:
        """Called by its name, or the strongest part of its motion is the true one's and goes its way."""
        if self.seen.move == self.move.value:
            return True
        true, seen = self.true_strengths, self.strengths
        axis = int(np.argmax(np.abs(true)))
        return int(np.argmax(np.abs(seen))) == axis and seen[axis] * true[axis] > 0

    @property
    def speed_off(self) -> float:
        """How far the speed along the true strongest part is off, as a share of it.

        Of a camera that travels: beside what the middle half of the followed points truly does.
        """
        axis = int(np.argmax(np.abs(self.true_strengths)))
        true, seen = self.true_strengths[axis], self.strengths[axis]
        low, high = (_strengths(each)[axis] for each in (self.low, self.high))
        return max(0.0, low - seen, seen - high) / abs(true)


def _strengths(truth: Truth) -> Strengths:
    return truth.x, truth.y * 9 / 16, truth.zoom * _REACH


def animatic() -> Iterator[Asked]:
    """Every scene with every move, and more static shots; speeds, noise and compression in turn."""
    turn = count()
    for scene in SCENES:
        moves = [*Move] + [Move.STATIC] * _STILLS
        for move in moves:
            if move in {Move.ROLL_LEFT, Move.ROLL_RIGHT}:
                continue  # animatic's camera stands upright; photographs are rolled
            n = next(turn)
            yield Asked(
                scene, move, SPEEDS[n % 3], RATES[n % 2], NOISES[n // 2 % 3], QUALITIES[n // 5 % 4], seed=n
            )


def measured(asked: Asked) -> Result:
    """Rendered, encoded, decoded, evaluated, and its truth."""
    shot = shot_of(asked)
    movie = encoded(pictures(shot, noise=asked.noise, seed=asked.seed), rate=asked.rate, crf=asked.crf)
    layers = {moment: true_layers(shot, moment) for moment in moments_of(asked)}
    return scored(asked, list(small_frames(movie, threads=1)), layers)


def moments_of(asked: Asked) -> list[float]:
    """When the truth is taken."""
    return [asked.seconds * share for share in (0.15, 0.32, 0.5, 0.68, 0.85)]


def scored(asked: Asked, frames: list[SmallFrame], layers: Mapping[float, Layers]) -> Result:
    """The evaluation beside the truth of the points that can be followed at the moments."""
    facts = ClipFacts(frame_rate=Fraction(asked.rate), frame_count=len(frames))
    seen = evaluate(frames, (), facts=facts)
    truths = []
    for moment, truth in layers.items():
        first = min(len(frames) - 2, int(moment * asked.rate))
        field = FlowMeter().between(frames[first].luma, frames[first + 1].luma)
        truths.append(truth.seen(field.grid(field.trust).astype(np.float64)))
    low, middle, high = (_mean(each) for each in zip(*truths, strict=True))
    return Result(str(asked), asked.move, middle, low, high, seen)


def _mean(truths: Iterable[Truth]) -> Truth:
    x, y, zoom = np.mean([(each.x, each.y, each.zoom) for each in truths], axis=0)
    return Truth(float(x), float(y), float(zoom))


def panned(photograph: Path) -> Iterator[Result]:
    """The photograph under cameras that turn, zoom or stand, resampled exactly."""
    bgr = cv2.imread(str(photograph))
    if bgr is None:
        raise SystemExit(f"{photograph} is no picture.")
    picture: Rgb = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
    turn = count()
    for speed in (0.03, 0.06, 0.12, 0.2):
        for move, way in (
            (Move.PAN_RIGHT, (1, 0, 0)),
            (Move.PAN_LEFT, (-1, 0, 0)),
            (Move.TILT_UP, (0, -1, 0)),
            (Move.TILT_DOWN, (0, 1, 0)),
            (Move.ZOOM_IN, (0, 0, 2)),
            (Move.ZOOM_OUT, (0, 0, -2)),
            (Move.STATIC, (0, 0, 0)),
        ):
            n = next(turn)
            truth = Truth(*(float(speed * each) for each in way))
            rate, noise, crf = RATES[n % 2], NOISES[n // 2 % 3], QUALITIES[n // 3 % 4]
            frames = _under(picture, truth, rate=rate, noise=noise, seed=n)
            facts = ClipFacts(frame_rate=Fraction(rate), frame_count=2 * rate)
            seen = evaluate(small_frames(encoded(frames, rate=rate, crf=crf), threads=1), (), facts=facts)
            what = f"{move} of {photograph.name} at {speed}, {rate} fps, noise {noise}, crf {crf}"
            yield Result(what, move, truth, truth, truth, seen)


def _under(picture: Rgb, truth: Truth, *, rate: int, noise: float, seed: int) -> Iterator[Rgb]:
    """What a camera over the picture sees for two seconds; it stands over the middle half way."""
    width, height = _PHOTO
    scale = min(picture.shape[1] / width, picture.shape[0] / height) * 0.62
    columns, rows = np.meshgrid(np.arange(width) - width / 2 + 0.5, np.arange(height) - height / 2 + 0.5)
    chance = np.random.default_rng(seed)
    for number in range(2 * rate):
        time = (number - (2 * rate - 1) / 2) / rate
        closer = scale / np.exp(truth.zoom * time)
        x = picture.shape[1] / 2 + scale * truth.x * time * width + closer * columns
        y = picture.shape[0] / 2 + scale * truth.y * time * height + closer * rows
        small = cv2.remap(
            cv2.GaussianBlur(picture, (0, 0), 0.45 * scale) if scale > 1 else picture,
            x.astype(np.float32),
            y.astype(np.float32),
            cv2.INTER_CUBIC,
            borderMode=cv2.BORDER_REFLECT,
        )
        yield noisy(np.asarray(small, np.uint8), noise, chance)


def show(title: str, results: list[Result], *, verbose: bool) -> None:
    """The three figures, and which word was said of which move."""
    directed = [each for each in results if each.is_directed]
    still = [each for each in results if each.is_still]
    right = [each for each in directed if each.direction_right]
    near = [each for each in directed if each.speed_off <= 0.15]
    called = [each for each in still if each.seen.move == Move.STATIC.value]
    moving = sum(each.move.other_way is not None for each in results)
    print(f"{title}: {len(results)} clips, {moving} of them move; in {len(directed)} it shows")
    print(f"  direction right  {_share(len(right), len(directed))}")
    print(f"  speed within 15 % {_share(len(near), len(directed))}")
    print(f"  static is static {_share(len(called), len(still))}")
    for family, moves in _FAMILIES.items():
        kin = [each for each in directed if each.move in moves]
        if kin:
            off = float(np.median([each.speed_off for each in kin]))
            ok = sum(each.direction_right for each in kin)
            fast = sum(each.speed_off <= 0.15 for each in kin)
            print(
                f"    {family:12} {len(kin):4} direction {ok:4} speed {fast:4} median off {100 * off:.1f} %"
            )
    confusion(results)
    if verbose:
        for each in [*(r for r in directed if not r.direction_right or r.speed_off > 0.15), *still]:
            if each.is_still and each.seen.move == Move.STATIC.value:
                continue
            true, seen = (
                [round(part, 4) for part in parts] for parts in (each.true_strengths, each.strengths)
            )
            print(f"  ! {each.what}: true {true}, seen {seen}, called {each.seen.move}")


_FAMILIES: Final = {
    "pan": {Move.PAN_LEFT, Move.PAN_RIGHT},
    "tilt": {Move.TILT_UP, Move.TILT_DOWN},
    "zoom": {Move.ZOOM_IN, Move.ZOOM_OUT},
    "truck": {Move.TRUCK_LEFT, Move.TRUCK_RIGHT},
    "crane": {Move.CRANE_UP, Move.CRANE_DOWN},
    "dolly": {Move.DOLLY_IN, Move.DOLLY_OUT},
    "orbit": {Move.ORBIT_LEFT, Move.ORBIT_RIGHT},
}


def confusion(results: list[Result]) -> None:
    """Which word was said of which move, as a table for the documents."""
    said = sorted({each.seen.move for each in results})
    counts = Counter((each.move.value, each.seen.move) for each in results)
    print(f"| asked | {' | '.join(said)} |")
    print("|---" * (len(said) + 1) + "|")
    for move in sorted({each.move.value for each in results}):
        print(f"| {move} | {' | '.join(str(counts[move, word] or '') for word in said)} |")


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}, {100 * part / max(1, whole):.1f} %"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only each so manieth clip")
    parser.add_argument("--photograph", type=Path, nargs="*", default=[])
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    clips = list(animatic())[:: options.every]
    show("animatic", [measured(each) for each in clips], verbose=options.verbose)
    found = [each for path in options.photograph for each in panned(path)]
    if found:
        show("photographs", found, verbose=options.verbose)


if __name__ == "__main__":
    main()
