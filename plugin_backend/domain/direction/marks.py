"""From marks on a frame to directives: every mark becomes at least one, whatever else was marked."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, assert_never

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool, Point
from plugin_backend.domain.brief import Brief
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, Relation
from plugin_backend.domain.direction.drawing import (
    fewer,
    is_inside,
    middle_of,
    place_in_words,
    side_of,
    way_in_words,
)
from plugin_backend.domain.direction.drawn import Drawn, speed_in_words
from plugin_backend.domain.direction.marked_camera import camera_directives
from plugin_backend.domain.direction.reading import words_of

_STAYS: Final = frozenset({"keep", "stay", "stays", "still", "hold", "freeze", "unchanged", "static"})
_FRAMES: Final = frozenset({"frame", "framing", "reframe", "crop"})

_WHO: Final = {
    AnnotationTarget.SUBJECT: "subject",
    AnnotationTarget.FOREGROUND: "foreground",
    AnnotationTarget.BACKGROUND: "background",
    AnnotationTarget.LIGHT: "light",
    AnnotationTarget.WEATHER: "weather",
}
_LAYERS: Final = {"foreground": Relation.IN_FRONT, "background": Relation.BEHIND}


def directives_of_marks(
    annotations: Sequence[Annotation], *, duration: Fraction, aspect: float
) -> tuple[Directive, ...]:
    """One or more directives a mark, in order; `aspect` is the frame's width over its height.

    Their ids are `mark-1`, `mark-2`, ...; the legs of a bent camera path are `mark-1.1`, `mark-1.2`, ...
    """
    found: list[Directive] = []
    for index, mark in enumerate(annotations):
        until = duration if mark.to_seconds is None else min(mark.to_seconds, duration)
        found += _directives(Drawn(mark, index, max(until, mark.from_seconds), aspect))
    return _with_regions(found)


def directives_of_brief(brief: Brief) -> tuple[Directive, ...]:
    """What was drawn on a brief's frames."""
    wide, high = (int(side) for side in brief.aspect_ratio.split(":"))
    return directives_of_marks(brief.annotations, duration=brief.duration_seconds, aspect=wide / high)


def _directives(drawn: Drawn) -> list[Directive]:
    mark = drawn.mark
    said = frozenset(words_of(mark.note))
    is_outline = mark.tool is AnnotationTool.OUTLINE
    if is_outline and said & _STAYS and mark.target is not AnnotationTarget.CAMERA:
        return [_kept(drawn)]
    if is_outline and said & _FRAMES:
        return list(camera_directives(drawn))
    match mark.target:
        case AnnotationTarget.CAMERA:
            return list(camera_directives(drawn))
        case AnnotationTarget.LIGHT:
            return [_light(drawn)]
        case AnnotationTarget.SUBJECT | AnnotationTarget.FOREGROUND | AnnotationTarget.BACKGROUND:
            return [_thing(drawn)]
        case AnnotationTarget.WEATHER:
            return [_weather(drawn)]
        case _:
            assert_never(mark.target)


def _thing(drawn: Drawn) -> Directive:
    """What was drawn for the subject, or for what lies before or behind it."""
    mark = drawn.mark
    about = _WHO[mark.target]
    match mark.tool:
        case AnnotationTool.ARROW | AnnotationTool.PATH:
            return _moved(drawn, about)
        case AnnotationTool.OUTLINE if mark.target is not AnnotationTarget.SUBJECT:
            return _kept(drawn)
        case AnnotationTool.OUTLINE | AnnotationTool.POINT:
            return _placed(drawn, about)
        case AnnotationTool.TEXT:
            kind = DirectiveKind.SUBJECT if about == "subject" else DirectiveKind.PLACE
            return drawn.directive(
                kind,
                drawn.noted(f"the {about}"),
                about=about,
                path=mark.points[:1],
                relation=_LAYERS.get(about),
            )
        case _:
            assert_never(mark.tool)


def _moved(drawn: Drawn, about: str) -> Directive:
    vector = drawn.rate(drawn.travel)
    way = way_in_words(drawn.travel, aspect=drawn.aspect)
    start, end = (place_in_words(drawn.mark.points[n]) for n in (0, -1))
    stretch = f" from the {start} to the {end}" if start != end else ""
    says = f"The {about} moves {way}{stretch}{speed_in_words(vector)}."
    is_arrow = drawn.mark.tool is AnnotationTool.ARROW
    path = (drawn.mark.points[0], drawn.mark.points[-1]) if is_arrow else drawn.mark.points
    return drawn.directive(DirectiveKind.SUBJECT, says, about=about, vector=vector, path=fewer(path))


def _placed(drawn: Drawn, about: str) -> Directive:
    middle = middle_of(drawn.mark.points)
    is_region = drawn.mark.tool is AnnotationTool.OUTLINE
    doing = "fills the outline" if is_region else "stands"
    says = f"The {about} {doing} at the {place_in_words(middle)} of the frame."
    return drawn.directive(
        DirectiveKind.PLACE,
        says,
        about=about,
        relation=_LAYERS.get(about) or side_of(middle),
        path=() if is_region else drawn.mark.points[:1],
        region=drawn.mark.points if is_region else (),
    )


def _kept(drawn: Drawn) -> Directive:
    about = _WHO.get(drawn.mark.target, "picture")
    place = place_in_words(middle_of(drawn.mark.points))
    says = f"What is outlined at the {place} ({about}) stays as it is."
    return drawn.directive(DirectiveKind.KEEP, says, about=about, region=drawn.mark.points)


def _light(drawn: Drawn) -> Directive:
    mark = drawn.mark
    source = middle_of(mark.points) if mark.tool is AnnotationTool.OUTLINE else mark.points[0]
    side = place_in_words(source)
    match mark.tool:
        case AnnotationTool.ARROW:
            way = way_in_words(drawn.travel, aspect=drawn.aspect)
            says = f"The light comes from the {side} and falls {way}"
        case AnnotationTool.PATH:
            says = f"The light moves from the {side} to the {place_in_words(mark.points[-1])}"
        case AnnotationTool.OUTLINE:
            says = f"The light falls on the outlined part at the {side}"
        case AnnotationTool.POINT:
            says = f"The light comes from the {side}"
        case AnnotationTool.TEXT:
            return drawn.directive(
                DirectiveKind.LIGHT, drawn.noted("the light"), about="light", path=mark.points[:1]
            )
        case _:
            assert_never(mark.tool)
    is_region = mark.tool is AnnotationTool.OUTLINE
    return drawn.directive(
        DirectiveKind.LIGHT,
        f"{says}.",
        about="light",
        relation=side_of(source),
        path=() if is_region else mark.points,
        region=mark.points if is_region else (),
    )


def _weather(drawn: Drawn) -> Directive:
    mark, place = drawn.mark, place_in_words(middle_of(drawn.mark.points))
    match mark.tool:
        case AnnotationTool.ARROW | AnnotationTool.PATH:
            return _moved(drawn, "weather")
        case AnnotationTool.OUTLINE | AnnotationTool.POINT:
            says = f"The weather shows at the {place} of the frame."
        case AnnotationTool.TEXT:
            says = drawn.noted("the weather")
        case _:
            assert_never(mark.tool)
    is_region = mark.tool is AnnotationTool.OUTLINE
    return drawn.directive(
        DirectiveKind.PLACE,
        says,
        about="weather",
        path=() if is_region else mark.points[:1],
        region=mark.points if is_region else (),
    )


def _with_regions(found: Sequence[Directive]) -> tuple[Directive, ...]:
    """A stroke for the subject that begins in an outline of it is about what is outlined."""
    outlines = [each.region for each in found if each.kind is DirectiveKind.PLACE and each.region]
    return tuple(_outlined(each, outlines) for each in found)


def _outlined(directive: Directive, outlines: Sequence[tuple[Point, ...]]) -> Directive:
    if directive.kind is not DirectiveKind.SUBJECT or not directive.path or directive.about != "subject":
        return directive
    start = directive.path[0]
    region = next((each for each in outlines if is_inside(start, each)), ())
    return replace(directive, region=region)
