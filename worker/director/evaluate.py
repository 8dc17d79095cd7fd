"""A take measured from its pixels: what the camera did, how far directives were followed, what is wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, assert_never

import numpy as np

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.evaluation import Adherence, Defect, DefectKind, Evaluation
from plugin_backend.domain.direction.terms import Move
from worker.director.camera import CameraWatch
from worker.director.camera_adherence import CameraJudge
from worker.director.faults import Asked, PictureFaults
from worker.director.frames import ClipFacts, SmallFrame
from worker.director.moves import Travel, travel, word
from worker.director.picture import PictureWatch
from worker.director.standing import not_measured
from worker.director.thresholds import THRESHOLDS, limit

_MOVING: Final = {DirectiveKind.CAMERA, DirectiveKind.SUBJECT}


def evaluate(
    clip: Iterable[SmallFrame],
    directives: tuple[Directive, ...],
    *,
    facts: ClipFacts,
    on_frame: Callable[[SmallFrame], None] | None = None,
) -> Evaluation:
    """Measure a take in one pass over its frames; `on_frame` is told of each after it was taken in."""
    watch = _Watch(facts, directives)
    for frame in clip:
        watch.add(frame)
        if on_frame is not None:
            on_frame(frame)
    return watch.evaluation()


@dataclass(slots=True)
class _Watch:
    """Everything that watches the frames go by."""

    facts: ClipFacts
    directives: tuple[Directive, ...]
    picture: PictureWatch = field(default_factory=PictureWatch)
    camera: CameraWatch = field(init=False)

    def __post_init__(self) -> None:
        self.camera = CameraWatch(self.facts.frame_rate)

    def add(self, frame: SmallFrame) -> None:
        """Take in the next frame."""
        self.picture.add(frame)
        self.camera.add(frame)

    def evaluation(self) -> Evaluation:
        """What all that comes to."""
        faults = PictureFaults(self.picture, self.facts, self._asked())
        self._forget_pairs_across(faults.cuts())
        whole = travel(self.camera.motions, aspect=self._aspect)
        defects = (*faults.all(), *self._shake(whole))
        adherence = tuple(self._judged(each) for each in self.directives)
        return Evaluation(
            adherence=adherence,
            defects=defects,
            camera=self.camera.samples(),
            move=word(whole, self.camera.drift),
            figures=self._figures(whole),
            not_measured=tuple(
                f"{each.says.rstrip('.')}: {judged.says}"
                for each, judged in zip(self.directives, adherence, strict=True)
                if judged.score is None
            ),
        )

    @property
    def _aspect(self) -> float:
        first = self.picture.first
        return 16 / 9 if first is None else first.luma.shape[1] / first.luma.shape[0]

    def _forget_pairs_across(self, cuts: list[int]) -> None:
        """No camera goes from one picture to another."""
        moments = [float(cut / self.facts.frame_rate) for cut in cuts]
        self.camera.motions[:] = [
            each
            for each in self.camera.motions
            if not any(abs(each.at_seconds - moment) <= each.seconds for moment in moments)
        ]

    def _judged(self, directive: Directive) -> Adherence:
        match directive.kind:
            case DirectiveKind.CAMERA:
                asked = tuple(each for each in self.directives if each.kind is DirectiveKind.CAMERA)
                judge = CameraJudge(
                    self.camera.motions, self.camera.drift, asked, self.facts.seconds, self._aspect
                )
                return judge.judge(directive)
            case DirectiveKind.SHOT:
                return not_measured(directive, "Size, angle and lens of a shot are not measured.")
            case DirectiveKind.AVOID:
                return not_measured(directive, "What must not be seen is not looked for.")
            case (
                DirectiveKind.SUBJECT
                | DirectiveKind.PLACE
                | DirectiveKind.KEEP
                | DirectiveKind.LIGHT
                | DirectiveKind.ORDER
            ):
                return not_measured(directive, "This is not measured yet.")
            case _:
                assert_never(directive.kind)

    def _asked(self) -> Asked:
        terms = {term for each in self.directives for term in each.terms}
        moving = [each for each in self.directives if each.kind in _MOVING and each.move is not Move.STATIC]
        return Asked(
            motion=bool(moving),
            dark=bool(terms & {"night", "black", "dusk", "moon"}),
            bright=bool(terms & {"white", "snow"}),
            shaken=any(each.move is Move.HANDHELD for each in self.directives),
            flashes=bool(terms & {"fireworks", "arc", "storm"}),
        )

    def _shake(self, whole: Travel) -> tuple[Defect, ...]:
        if self._asked().shaken or not whole.is_measured or whole.shake < limit("shake"):
            return ()
        measured = whole.shake / limit("shake")
        return (
            Defect(
                kind=DefectKind.SHAKE,
                severity=round(min(1.0, 0.2 + 0.1 * measured), 3),
                at_seconds=(),
                measured=round(whole.shake, 5),
                limit=limit("shake"),
                unit=THRESHOLDS["shake"].unit,
                says=f"The camera shakes by {1000 * whole.shake:.1f} thousandths of the width.",
            ),
        )

    def _figures(self, whole: Travel) -> dict[str, float | None]:
        picture, seen = self.picture, whole.is_measured
        told = {
            "camera_x_widths_per_second": whole.x,
            "camera_y_heights_per_second": whole.y,
            "camera_zoom_ln_per_second": whole.zoom,
            "camera_roll_degrees_per_second": whole.roll,
            "camera_peak_widths_per_second": whole.peak,
            "camera_shake_widths": whole.shake,
            "parallax_share": whole.parallax,
        }
        detail = [each.detail for each in picture.looks if each.detail is not None]
        return {
            **{name: round(value, 5) if seen else None for name, value in told.items()},
            "camera_confidence": round(whole.confidence, 3),
            "brightness_codes": round(float(np.mean(picture.series("brightness"))), 2),
            "clipped_share": round(float(np.median(picture.series("clipped"))), 4),
            "crushed_share": round(float(np.median(picture.series("crushed"))), 4),
            "softness_octaves": round(float(np.median(detail)), 3) if detail else None,
        }
