"""The files of a delivery, decided: how large each is, in which colour space, and what it is called."""

from collections.abc import Iterator
from collections.abc import Sequence as Several
from dataclasses import replace
from fractions import Fraction
from typing import Final

from plugin_backend.domain.delivering.conform_plan import (
    Decision,
    OutputRole,
    OutputSpec,
    PlannedOutput,
    SourceFacts,
)
from plugin_backend.domain.delivering.delivery_formats import (
    DELIVERY_FORMATS,
    HDR_SPACES,
    SCENE_SPACES,
    SDR_SPACES,
)
from plugin_backend.domain.delivering.placing import Fit, Placement, Position, Size, even, place
from plugin_backend.domain.sequence import Sequence

_PROXY_WIDTH: Final = 1280
_TRIM_WIDTH: Final = 1920  # beside an HDR movie the proxy is its SDR trim


def plan_outputs(
    outputs: Several[OutputSpec],
    source: SourceFacts,
    sequence: Sequence,
    *,
    name_stem: str,
    numbers: Several[int] | None,
    position: Position | None,
) -> tuple[tuple[PlannedOutput, ...], tuple[Decision, ...]]:
    """Each of them in the order asked for, and what was decided about them.

    `numbers` are those of the first frames of the runs in a list: a movie is made of each.
    """
    planned: list[PlannedOutput] = []
    decisions: list[Decision] = []
    for output in outputs:
        size, placement, why = _frame_of(output, outputs, source, sequence, position=position)
        made = PlannedOutput(
            output.role,
            output.format,
            *size,
            colour_space=DELIVERY_FORMATS[output.format].colour_in(sequence.colour_space),
            name=_name(output, name_stem),
            exr_profile=output.exr_profile or next(iter(DELIVERY_FORMATS[output.format].exr_profiles), None),
            shape=output.shape,
            placement=placement,
        )
        if numbers is None or not output.is_movie:
            planned.append(made)
        else:
            planned += [
                replace(made, run=run, name=_name(output, name_stem, f"{number:07d}"))
                for run, number in enumerate(numbers)
            ]
        decisions += [*why, _explain_colour(made, sequence, source=source)]
    return tuple(planned), tuple(dict.fromkeys(decisions))  # shapes are alike in colour


def _frame_of(
    output: OutputSpec,
    outputs: Several[OutputSpec],
    source: SourceFacts,
    sequence: Sequence,
    *,
    position: Position | None,
) -> tuple[Size, Placement | None, Iterator[Decision]]:
    """How large it is, and where the picture lies in a frame of its own."""
    given = (sequence.width, sequence.height)
    if output.shape is not None:
        size = output.shape.size_in(given)
        placement, why = place(
            (source.width, source.height), size, fit=Fit.FILL, position=position or Position()
        )
        return size, placement, iter((Decision(f"size of {output.shape}", Fit.FILL, why),))
    if output.role is OutputRole.PROXY:
        spaces = (DELIVERY_FORMATS[each.format].colour_in(sequence.colour_space) for each in outputs)
        has_trim = any(space in HDR_SPACES for space in spaces)
        return _proxy_size(sequence, widest=_TRIM_WIDTH if has_trim else _PROXY_WIDTH), None, iter(())
    return given, None, iter(())


def _name(output: OutputSpec, *marks: str) -> str:
    facts = DELIVERY_FORMATS[output.format]
    shape = () if output.shape is None else (output.shape.mark,)
    stem = "_".join((*marks, *shape, *(("proxy",) if output.role is OutputRole.PROXY else ())))
    return f"{stem}{facts.suffix}" if facts.is_movie else f"{stem}.{{frame:07d}}{facts.suffix}"


def _explain_colour(output: PlannedOutput, sequence: Sequence, *, source: SourceFacts) -> Decision:
    wanted, given = sequence.colour_space, output.colour_space
    if source.space is given:
        reason = "As the take was made: its values are not converted."
    elif source.space in SDR_SPACES and given not in SDR_SPACES:
        reason = (
            f"The take is {source.space}, which ends at white: ACES 2.0 turned round makes light of it that "
            "looks as it did, white at 16 times diffuse white (about 700 cd/m2 in HDR); nothing was seen "
            "above that white."
        )
    elif given in SCENE_SPACES:
        reason = f"Frames of {output.format} are scene-linear {given} whatever the sequence shows."
    elif given is wanted:
        reason = "As the sequence."
    elif wanted in SCENE_SPACES:
        reason = (
            f"A movie shows a display's picture; the sequence's {wanted} is scene-linear, so this one is SDR."
        )
    elif wanted in HDR_SPACES and given in SDR_SPACES:
        reason = f"Eight bits would band in {wanted}, so this file is SDR, tone-mapped by ACES 2.0."
    else:
        reason = f"{output.format} is {given} whatever the sequence shows."
    return Decision(f"colour of the {output.role} {output.format}", given, reason)


def _proxy_size(sequence: Sequence, *, widest: int) -> tuple[int, int]:
    divisor = 1
    while max(sequence.width, sequence.height) / divisor > widest:
        divisor *= 2  # halves, quarters: players and editors scale those back without a seam
    return even(Fraction(sequence.width, divisor)), even(Fraction(sequence.height, divisor))
