"""A take measured from its pixels: what the camera did, how far directives were followed, what is wrong."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation
from plugin_backend.domain.direction.telling import sentence
from worker.director.adherence import Judges
from worker.director.appearance import AppearanceWatch
from worker.director.asked import asked_of
from worker.director.camera import CameraWatch
from worker.director.colour_cast import ColourWatch
from worker.director.drifting import DriftWatch
from worker.director.faults import PictureFaults
from worker.director.frames import ClipFacts, SmallFrame
from worker.director.keeping import KeepWatch
from worker.director.light_adherence import Light, light_of
from worker.director.movers import Movers
from worker.director.moves import Travel, travel, word
from worker.director.other_faults import OtherFaults
from worker.director.palette import PaletteWatch
from worker.director.picture import PictureWatch
from worker.director.subjects import SubjectWatch, is_marked


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
    colour: ColourWatch = field(default_factory=ColourWatch)
    palette: PaletteWatch = field(default_factory=PaletteWatch)
    movers: Movers = field(default_factory=Movers)
    appearance: AppearanceWatch = field(default_factory=AppearanceWatch)
    ends: DriftWatch = field(default_factory=DriftWatch)
    camera: CameraWatch = field(init=False)
    subjects: dict[str, SubjectWatch] = field(init=False)
    kept: dict[str, KeepWatch] = field(init=False)

    def __post_init__(self) -> None:
        self.camera = CameraWatch(self.facts.frame_rate)
        self.subjects = {each.id: SubjectWatch(each) for each in self.directives if is_marked(each)}
        self.kept = {each.id: KeepWatch(each) for each in self.directives if each.kind is DirectiveKind.KEEP}

    def add(self, frame: SmallFrame) -> None:
        """Take in the next frame."""
        self.picture.add(frame)
        self.colour.add(frame)
        self.palette.add(frame)
        pair = self.camera.add(frame)
        if pair is not None:
            self.movers.add(pair)
            self.appearance.add(pair, frame)
            self.ends.add(pair)
            for subject in self.subjects.values():
                subject.add(pair)
            for kept in self.kept.values():
                kept.add(pair)

    def evaluation(self) -> Evaluation:
        """What all that comes to."""
        faults = PictureFaults(self.picture, self.facts, asked_of(self.directives))
        cuts = faults.cuts()
        self._forget_pairs_across(cuts)
        whole = travel(self.camera.motions, aspect=self._aspect)
        judges = self._judges(whole)
        adherence = tuple(judges.judge(each) for each in self.directives)
        others = OtherFaults(
            self.directives, whole, judges.light.colours, self._likeness(cuts), self.subjects
        )
        return Evaluation(
            adherence=adherence,
            defects=(*faults.all(), *others.all()),
            camera=self.camera.samples(),
            move=word(whole, self.camera.drift),
            figures=self._figures(whole, judges.light, self._likeness(cuts)),
            palette=self.palette.colours(),
            subject="" if cuts else self.appearance.signature(),
            not_measured=self._not_measured(adherence, whole, self._likeness(cuts)),
        )

    def _judges(self, whole: Travel) -> Judges:
        return Judges(
            directives=self.directives,
            camera=self.camera,
            whole=whole,
            seconds=self.facts.seconds,
            light=light_of(self.picture, self.colour.colours),
            movers=self.movers,
            subjects=self.subjects,
            kept=self.kept,
        )

    @property
    def _aspect(self) -> float:
        first = self.picture.first
        return 16 / 9 if first is None else first.luma.shape[1] / first.luma.shape[0]

    def _likeness(self, cuts: list[int]) -> float | None:
        return None if cuts else self.ends.likeness()

    def _forget_pairs_across(self, cuts: list[int]) -> None:
        """No camera goes from one picture to another."""
        moments = [float(cut / self.facts.frame_rate) for cut in cuts]
        self.camera.motions[:] = [
            each
            for each in self.camera.motions
            if not any(abs(each.at_seconds - moment) <= each.seconds for moment in moments)
        ]

    def _not_measured(
        self, adherence: tuple[Adherence, ...], whole: Travel, likeness: float | None
    ) -> tuple[str, ...]:
        said = [
            f"{each.says.rstrip('.')}: {judged.says}"
            for each, judged in zip(self.directives, adherence, strict=True)
            if judged.score is None
        ]
        if not whole.is_measured:
            said.append(sentence("take.no-motion"))
        if likeness is None:
            said.append(sentence("take.no-drift"))
        return tuple(said)

    def _figures(self, whole: Travel, light: Light, likeness: float | None) -> dict[str, float | None]:
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
            "brightness_codes": round(light.brightness, 2),
            "contrast_codes": round(light.spread, 2),
            "chroma_lab": round(light.colours.chroma, 2),
            "clipped_share": round(float(np.median(picture.series("clipped"))), 4),
            "crushed_share": round(float(np.median(picture.series("crushed"))), 4),
            "softness_octaves": round(float(np.median(detail)), 3) if detail else None,
            "likeness_of_both_ends": None if likeness is None else round(likeness, 3),
        }
