"""Faults that a person would reject a take for, found in its figures over time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from plugin_backend.domain.direction.evaluation import Defect, DefectKind
from worker.director.asked import Asked
from worker.director.frames import ClipFacts
from worker.director.picture import PictureWatch, Series
from worker.director.thresholds import THRESHOLDS, limit

_AROUND: Final = 5  # frames to either side that say what is usual
_STILL_CODES: Final = 0.4  # of the part that changed most: a frame that merely repeats
_AT_MOST_TOLD: Final = 20
_SOFT_AT_MOST: Final = 0.3  # many a picture is meant to be: it never sends a take back alone
_BRIDGED: Final = 4  # frames that stand on either side of a key frame


@dataclass(frozen=True, slots=True)
class PictureFaults:
    """Finds them in what was watched."""

    watched: PictureWatch
    facts: ClipFacts
    asked: Asked

    def all(self) -> tuple[Defect, ...]:
        """Every fault, each kind at most once."""
        cuts = self.cuts()
        found = (
            self._black(),
            *self._repeats(),
            self._cut(cuts),
            self._flicker(cuts),
            self._jump(cuts),
            self._ends("clipped", wanted=self.asked.bright),
            self._ends("crushed", wanted=self.asked.dark),
            self._soft(),
            self._seam(),
        )
        return tuple(each for each in found if each is not None)

    def cuts(self) -> list[int]:
        """Frames that begin another shot."""
        unlike, followed = self.watched.series("unlike"), self.watched.series("followed")
        return [
            number
            for number in range(1, len(unlike))
            if unlike[number] > limit("cut")
            and followed[number] < 0.5
            and unlike[number] > 3 * _usual(unlike, number)
        ]

    def _black(self) -> Defect | None:
        light = self.watched.series("light") / 255
        frames = np.flatnonzero(light < limit("black"))
        if not len(frames) or self.asked.black:
            return None
        share = len(frames) / len(light)
        return self._fault(
            DefectKind.BLACK,
            float(light.min()),
            min(1.0, 0.5 + share),
            frames,
            f"{len(frames)} of {len(light)} frames are black.",
        )

    def _repeats(self) -> tuple[Defect | None, ...]:
        still = self.watched.series("most_change")[1:] < _STILL_CODES
        if still.all():
            return (self._all_still() if self.asked.motion else None,)
        runs = [run for run in _bridged(_runs(still)) if self._stands_out(run)]
        longest = max((len(run) for run in runs), default=0)
        held = [run for run in runs if len(run) / self.facts.frame_rate >= limit("frozen")]
        singles = [frame for run in runs if run not in held for frame in run]
        return self._frozen(held, longest), self._duplicates(singles)

    def _all_still(self) -> Defect:
        return self._fault(
            DefectKind.FROZEN, self.facts.seconds, 1.0, [0], "Nothing moves from the first frame to the last."
        )

    def _stands_out(self, run: Sequence[int]) -> bool:
        """Whether the picture moves before and after: one that stands still by itself is no fault."""
        change = self.watched.series("change")[1:]
        near = [*range(max(0, run[0] - _AROUND), run[0]), *range(run[-1] + 1, run[-1] + 1 + _AROUND)]
        moving = [change[each] for each in near if each < len(change)]
        still = 6 * float(change[list(run)].mean()) + 0.2
        return bool(moving) and (float(np.median(moving)) > still or _stops_dead(change, run[0]))

    def _frozen(self, runs: list[list[int]], longest: int) -> Defect | None:
        if not runs or self.asked.stops:
            return None
        seconds = float(longest / self.facts.frame_rate)
        return self._fault(
            DefectKind.FROZEN,
            seconds,
            min(1.0, 0.4 + seconds / self.facts.seconds),
            [run[0] for run in runs],
            f"The picture stands still for {seconds:.2f} s while the rest of the take moves.",
        )

    def _duplicates(self, frames: list[int]) -> Defect | None:
        share = len(frames) / max(1, len(self.watched.looks) - 1)
        if share < limit("duplicate"):
            return None
        return self._fault(
            DefectKind.DUPLICATE,
            share,
            min(1.0, 0.3 + share),
            [frame + 1 for frame in frames],
            f"{100 * share:.0f} % of the frames only repeat the one before: the motion judders.",
        )

    def _cut(self, cuts: list[int]) -> Defect | None:
        if not cuts or self.asked.cuts:
            return None
        return self._fault(
            DefectKind.CUT,
            float(self.watched.series("unlike")[cuts].max()),
            0.9,
            cuts,
            "The shot cuts to another picture." if len(cuts) == 1 else f"The shot is cut {len(cuts)} times.",
        )

    def _flicker(self, cuts: Iterable[int]) -> Defect | None:
        parts = np.array([each.parts for each in self.watched.looks])
        if len(parts) < 6 or self.asked.flashes:
            return None
        off = np.abs(parts[1:-1] - (parts[:-2] + parts[2:]) / 2)
        keep = _apart_from(len(off), [cut - 1 for cut in cuts], reach=1)
        measured = float(np.median(np.sort(off[keep], axis=0)[len(off[keep]) // 4 :].mean(axis=0)))
        if measured < limit("flicker"):
            return None
        return self._fault(
            DefectKind.FLICKER,
            measured,
            _beyond(measured, "flicker"),
            [int(np.argmax(off.mean(axis=1))) + 1],
            f"The brightness flickers by {measured:.1f} codes of 255 from frame to frame.",
        )

    def _jump(self, cuts: Iterable[int]) -> Defect | None:
        bright = self.watched.series("brightness")
        if len(bright) < 2 * _AROUND or self.asked.flashes:
            return None
        steps = [_step(bright, number) for number in range(len(bright))]
        for cut in cuts:
            for near in range(max(0, cut - _AROUND), min(len(steps), cut + _AROUND + 1)):
                steps[near] = 0.0
        worst = int(np.argmax(steps))
        if steps[worst] < limit("exposure-jump"):
            return None
        return self._fault(
            DefectKind.EXPOSURE_JUMP,
            steps[worst],
            _beyond(steps[worst], "exposure-jump"),
            [worst],
            f"The exposure jumps by {100 * steps[worst]:.0f} % at once.",
        )

    def _ends(self, name: str, *, wanted: bool) -> Defect | None:
        share = self.watched.series(name)
        measured = float(np.median(share))
        if wanted or measured < limit(name):
            return None
        what = "blown out to white" if name == "clipped" else "sunk into black"
        return self._fault(
            DefectKind(name),
            measured,
            _beyond(measured, name),
            [int(np.argmax(share))],
            f"{100 * measured:.0f} % of the picture is {what}.",
        )

    def _soft(self) -> Defect | None:
        detail = [each.detail for each in self.watched.looks if each.detail is not None]
        if not detail or self.asked.soft or float(np.median(detail)) < limit("soft"):
            return None
        measured = float(np.median(detail))
        return self._fault(
            DefectKind.SOFT,
            measured,
            min(_SOFT_AT_MOST, _beyond(measured, "soft")),
            [0],
            f"The picture is soft: its finest structure is {measured:.1f} octaves weaker than it should be.",
        )

    def _seam(self) -> Defect | None:
        first, last = self.watched.first, self.watched.last
        if not self.facts.loop or first is None or last is None or len(self.watched.looks) < 3:
            return None
        seam = float(np.abs(first.luma.astype(np.float32) - last.luma).mean())
        usual = float(np.percentile(self.watched.series("change")[1:], 90))
        measured = seam / max(usual, 0.5)
        if measured < limit("loop-seam"):
            return None
        return self._fault(
            DefectKind.LOOP_SEAM,
            measured,
            _beyond(measured, "loop-seam"),
            [len(self.watched.looks) - 1],
            f"The loop does not close: its seam is {measured:.1f} times a usual step.",
        )

    def _fault(
        self, kind: DefectKind, measured: float, severity: float, frames: Iterable[int], says: str
    ) -> Defect:
        threshold = THRESHOLDS[kind.value]
        return Defect(
            kind=kind,
            severity=round(severity, 3),
            at_seconds=_moments(frames, self.facts.frame_rate),
            measured=round(measured, 4),
            limit=threshold.limit,
            unit=threshold.unit,
            says=says,
        )


def _moments(frames: Iterable[int], rate: Fraction) -> tuple[float, ...]:
    return tuple(round(float(int(frame) / rate), 3) for frame in frames)[:_AT_MOST_TOLD]


def _beyond(measured: float, name: str) -> float:
    """From 0.5 at the limit to 0.8 at twice it."""
    return float(min(1.0, 0.5 + 0.3 * (measured / limit(name) - 1)))


def _usual(series: Series, at: int) -> float:
    near = np.r_[series[max(1, at - _AROUND) : at], series[at + 1 : at + 1 + _AROUND]]
    return float(np.median(near)) if len(near) else 0.0


def _runs(marked: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in np.flatnonzero(marked):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(int(number))
        else:
            runs.append([int(number)])
    return runs


def _apart_from(
    count: int, frames: Iterable[int], *, reach: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    keep = np.ones(count, np.bool_)
    for frame in frames:
        keep[max(0, frame - reach) : frame + reach + 1] = False
    return keep


def _step(bright: Series, at: int) -> float:
    """How far the brightness goes over within two frames and stays, as a share; steady change is none."""
    if at < 3 or at > len(bright) - 3:
        return 0.0
    before, after = bright[max(0, at - _AROUND) : at], bright[at + 1 : at + 1 + _AROUND]
    gap = abs(float(np.median(after)) - float(np.median(before)))
    drift = max(float(np.ptp(before)), float(np.ptp(after)))
    return max(0.0, gap - 1.5 * drift) / max(float(np.median(np.r_[before, after])), 16.0)


def _stops_dead(change: Series, first: int) -> bool:
    """Whether it moves at full speed until then: an encoder goes on for some frames to refine what stands."""
    usual = float(np.percentile(change, 90))
    while first and change[first - 1] < 0.15 * usual:
        first -= 1
    before = change[max(0, first - _AROUND) : first]
    return len(before) > 0 and float(np.median(before)) > max(0.2, 0.5 * usual)


def _bridged(runs: Sequence[list[int]]) -> list[list[int]]:
    """Runs of some length with one frame between them are one: an encoder's key frame redraws what stands."""
    joined: list[list[int]] = []
    for run in runs:
        before = joined[-1] if joined else []
        if before and run[0] - before[-1] == 2 and min(len(before), len(run)) >= _BRIDGED:
            joined[-1] = [*before, run[0] - 1, *run]
        else:
            joined.append(run)
    return joined
