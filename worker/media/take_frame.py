"""One frame of a take as a picture of its own: what the next shot begins with."""

from fractions import Fraction
from typing import Any, Final

import cv2

from plugin_backend.domain.delivering.conform_plan import SourceFacts
from plugin_backend.domain.delivering.placing import Fit, Position, place
from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.operations import OperationContext, OperationError
from worker.media.sources.opening import open_source

_PNG_EFFORT: Final = 3


def take_frame(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """Write frame number `frame` of `source` (with its `facts`) to `key`: Rec. 709, eight bits, PNG.

    Gives `key`, `width` and `height`.
    """
    given = arguments["facts"]
    width, height = given["width"], given["height"]
    facts = SourceFacts(
        frame_rate=Fraction(given["frame_rate"]),
        frame_count=given["frame_count"],
        width=width,
        height=height,
        space=ColourSpace(arguments["source"]["colour_space"]),
    )
    context.progress(0, 1)
    opened = open_source(arguments["source"], facts=facts, storage=context.storage, expands=False)
    frame = next(iter(opened.frames([arguments["frame"]])))
    placement, _ = place((width, height), (width, height), fit=Fit.FIT, position=Position())
    shown = kernels.rgb16_to_rgb8(frame.placed(placement, width=width, height=height).sized(width, height))
    done, data = cv2.imencode(
        ".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, _PNG_EFFORT]
    )
    if not done:
        raise OperationError("internal", "The last frame could not be written.")
    context.storage.put_bytes(arguments["key"], data.tobytes())
    context.progress(1, 1)
    return {"key": arguments["key"], "width": width, "height": height}
