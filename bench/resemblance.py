"""How well what moves in two takes is told to be the same thing, or another.

    python -m bench.resemblance [--seeds 2]

Ten subjects of the embedded engine, filmed in two places and lights by three cameras, with noise. Beside the
measure stands its floor: only the palettes of the two takes compared. Of a pair of the same and a pair of
different subjects, how often does the same look more alike? Guessing is right in half. It hangs on the light.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

from bench.stack import surroundings
from bench.truth_clips import HEIGHT, WIDTH, pictures
from plugin_backend.domain.direction.drift import ALIKE_LIGHT, Palette, PaletteColour, distance
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.resemblance import resemblance
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, small_frame

_SUBJECTS: Final = (
    *("a red boat", "a white boat", "a black dog", "a white horse", "a woman in a yellow coat"),
    *("a man", "a blue car", "a red car", "a train", "a green bird"),
)
_PLACES: Final = ("on a street at noon", "by a forest at dusk")
_CAMERAS: Final = (
    "to the right, static camera",
    "to the right, camera pans left",
    "to the left, slow push in",
)
_RATE: Final = Fraction(12)
_FRAMES: Final = 24


@dataclass(frozen=True, slots=True)
class Seen:
    """One clip, as the director saw it."""

    subject: str
    signature: str
    palette: Palette


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2)
    seeds: int = parser.parse_args().seeds
    print(surroundings())
    clips = [each for each in _clips(seeds) if each.signature]
    pairs = [(one, other) for one, other in combinations(clips, 2)]
    alike = [pair for pair in pairs if distance(pair[0].palette, pair[1].palette) <= ALIKE_LIGHT]
    made = len(_SUBJECTS) * len(_PLACES) * len(_CAMERAS) * seeds
    print(f"{len(clips)} of {made} clips have something that moves by itself")
    for name, some in (("of like light: compared", alike), ("of any light: not compared", pairs)):
        print(f"{name:28} {_told(some)}")


def _clips(seeds: int) -> Iterator[Seen]:
    for subject in _SUBJECTS:
        for place in _PLACES:
            for number, camera in enumerate(_CAMERAS):
                for seed in range(seeds):
                    yield _seen(subject, f"{subject} moves {camera}, {place}", seed=10 * number + seed)


def _seen(subject: str, brief: str, *, seed: int) -> Seen:
    plan = plan_shot(brief, duration_seconds=_FRAMES / _RATE)
    shot = bake(ShotSpec(plan, seed, WIDTH, HEIGHT, _RATE, _FRAMES))
    frames = (small_frame(at, picture) for at, picture in enumerate(pictures(shot, noise=1.5, seed=seed)))
    found = evaluate(frames, (), facts=ClipFacts(frame_rate=_RATE, frame_count=_FRAMES))
    palette = tuple(PaletteColour(code, share) for code, share in found.palette)
    return Seen(subject, found.subject, palette)


def _told(pairs: list[tuple[Seen, Seen]]) -> str:
    same = [pair for pair in pairs if pair[0].subject == pair[1].subject]
    other = [pair for pair in pairs if pair[0].subject != pair[1].subject]
    ours = _right([_alike(each) for each in same], [_alike(each) for each in other])
    floor = _right([-_apart(each) for each in same], [-_apart(each) for each in other])
    least = min(map(_alike, same))
    told_apart = sum(_alike(each) < least for each in other) / len(other)
    return (
        f"{len(same)} and {len(other)} pairs: right {ours:.1%}, palettes alone {floor:.1%}; "
        f"below the least of the same ({least:.2f}) are {told_apart:.0%} of the different"
    )


def _right(same: list[float], other: list[float]) -> float:
    return sum(a > b for a in same for b in other) / (len(same) * len(other))


def _alike(pair: tuple[Seen, Seen]) -> float:
    found = resemblance(pair[0].signature, pair[1].signature)
    assert found is not None
    return found


def _apart(pair: tuple[Seen, Seen]) -> float:
    return distance(pair[0].palette, pair[1].palette)


if __name__ == "__main__":
    main()
