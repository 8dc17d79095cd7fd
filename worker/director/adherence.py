"""Every directive against what was watched; what cannot be measured says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from plugin_backend.domain.direction.directives import Directive, DirectiveKind
from plugin_backend.domain.direction.evaluation import Adherence
from plugin_backend.domain.direction.telling import sentence
from plugin_backend.domain.direction.terms import Move
from worker.director.camera import CameraWatch
from worker.director.camera_adherence import CameraJudge
from worker.director.keeping import KeepWatch
from worker.director.light_adherence import Light, judge_light
from worker.director.movers import LEAST_AREA, Movers
from worker.director.moves import Travel, travel, word
from worker.director.order import judge_avoided, judge_order
from worker.director.standing import not_measured
from worker.director.subject_adherence import judge_heading, judge_path, judge_place
from worker.director.subjects import SubjectWatch


@dataclass(frozen=True, slots=True)
class Judges:
    """All that was watched of a take, and the directives it is held against."""

    directives: tuple[Directive, ...]
    camera: CameraWatch
    whole: Travel
    seconds: float
    light: Light
    movers: Movers
    subjects: Mapping[str, SubjectWatch]
    kept: Mapping[str, KeepWatch]

    def judge(self, directive: Directive) -> Adherence:  # noqa: PLR0911 - one per kind
        """One directive."""
        match directive.kind:
            case DirectiveKind.CAMERA:
                return self._camera.judge(directive)
            case DirectiveKind.SUBJECT:
                return self._subject(directive)
            case DirectiveKind.PLACE:
                return judge_place(directive, self.subjects.get(directive.id))
            case DirectiveKind.KEEP:
                kept = self.kept.get(directive.id)
                says = sentence("kept.no-outline")
                return not_measured(directive, says) if kept is None else kept.judge()
            case DirectiveKind.LIGHT:
                return judge_light(directive, self.light)
            case DirectiveKind.ORDER:
                return judge_order(directive, self.directives, self._onsets())
            case DirectiveKind.AVOID:
                move = word(self.whole, self.camera.drift)
                return judge_avoided(directive, move=move, shaken=self.whole.is_shaken)
            case DirectiveKind.SHOT:
                return not_measured(directive, sentence("shot.not-looked-at"))
            case _:
                assert_never(directive.kind)

    @property
    def _camera(self) -> CameraJudge:
        asked = tuple(each for each in self.directives if each.kind is DirectiveKind.CAMERA)
        return CameraJudge(self.camera.motions, self.camera.drift, asked, self.seconds, self.whole.aspect)

    def _subject(self, directive: Directive) -> Adherence:
        watch = self.subjects.get(directive.id)
        if watch is not None and watch.sights:
            return judge_path(directive, watch, aspect=self.whole.aspect)
        start, end = float(directive.from_seconds), float(directive.to_seconds)
        near = [each for each in self.camera.motions if start <= each.at_seconds <= end]
        during = travel(near, aspect=self.whole.aspect)
        return judge_heading(directive, self.movers, parallax=during.parallax, camera_speed=during.speed)

    def _onsets(self) -> dict[str, float | None]:
        """When each directive's motion began, by its id."""
        found: dict[str, float | None] = {}
        for each in self.directives:
            if each.kind is DirectiveKind.CAMERA and each.move is not Move.STATIC:
                found[each.id] = self._camera.onset(each)
            elif each.kind is DirectiveKind.SUBJECT:
                found[each.id] = self._subject_onset(each)
        return found

    def _subject_onset(self, directive: Directive) -> float | None:
        watch = self.subjects.get(directive.id)
        if watch is not None:
            return watch.onset
        others = [each for each in self.directives if each.kind is DirectiveKind.SUBJECT]
        if len(others) > 1:
            return None  # something moves, but not which of them
        return next((each[0] for each in self.movers.moments if each[3] >= 4 * LEAST_AREA), None)
