"""Faults that show in the motion, the colours and the ends of a take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.direction.directives import Directive
from plugin_backend.domain.direction.evaluation import Defect, DefectKind
from worker.director.asked import asked_of
from worker.director.colour_cast import Colours
from worker.director.moves import Travel
from worker.director.picture import correlation
from worker.director.subjects import SubjectWatch
from worker.director.thresholds import THRESHOLDS, limit

_AT_WORST: Final = 0.75  # of drift: two frames alone do not make a take useless
_WARM: Final = {"warm", "golden", "sepia"}


@dataclass(frozen=True, slots=True)
class OtherFaults:
    """Finds them in what was watched."""

    directives: tuple[Directive, ...]
    whole: Travel
    colours: Colours
    likeness: float | None
    subjects: Mapping[str, SubjectWatch]

    def all(self) -> tuple[Defect, ...]:
        """Every fault, each kind at most once."""
        found = (self._shake(), self._cast(), self._drift())
        return tuple(each for each in found if each is not None)

    def _shake(self) -> Defect | None:
        measured = self.whole.shake
        if asked_of(self.directives).shaken or not self.whole.is_measured or measured < limit("shake"):
            return None
        says = f"The camera shakes by {1000 * measured:.1f} thousandths of the width."
        return _fault(DefectKind.SHAKE, measured, 0.2 + 0.1 * measured / limit("shake"), says)

    def _cast(self) -> Defect | None:
        """The whole picture leans to a colour that nothing asked for, against those that were."""
        terms = {term for each in self.directives for term in each.terms}
        codes = tuple(sorted(term for term in terms if term.startswith("#")))
        measured = self.colours.cast_against(codes)
        if terms & _WARM:
            measured = max(measured, -self.colours.blue_yellow)
        if "cold" in terms:
            measured = max(measured, self.colours.blue_yellow)
        if "monochrome" in terms:
            measured = max(measured, self.colours.chroma)
        if measured < limit("cast"):
            return None
        says = f"The picture leans by {measured:.0f} CIELAB units to a colour against the asked ones."
        return _fault(DefectKind.CAST, measured, 0.3 + 0.1 * measured / limit("cast"), says)

    def _drift(self) -> Defect | None:
        whole = None if asked_of(self.directives).flashes else self.likeness  # a burst is like nothing before
        identities = map(_identity, self.subjects.values())
        found = [each for each in (whole, *identities) if each is not None]
        if not found or min(found) > limit("drift"):
            return None
        measured = min(found)
        what = "the picture" if measured == whole else "the marked subject"
        says = f"At the end {what} is only {100 * max(0.0, measured):.0f} % like at the beginning."
        severity = min(_AT_WORST, 0.5 + limit("drift") - measured)
        return _fault(DefectKind.DRIFT, measured, severity, says)


def _identity(watch: SubjectWatch) -> float | None:
    """How much a marked subject still looks as at first; None where it was not followed to the end."""
    if watch.first_look is None or watch.last_look is None or not watch.sights[-1].seen:
        return None
    return correlation(watch.first_look, watch.last_look)


def _fault(kind: DefectKind, measured: float, severity: float, says: str) -> Defect:
    threshold = THRESHOLDS[kind.value]
    return Defect(
        kind=kind,
        severity=round(min(1.0, severity), 3),
        at_seconds=(),
        measured=round(measured, 5),
        limit=threshold.limit,
        unit=threshold.unit,
        says=says,
    )
