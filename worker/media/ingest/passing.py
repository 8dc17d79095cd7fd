"""The one pass over a take's frames: proxy, stills, first and last frame, measures; each frame is met once.

Threads convert and measure frames ahead of the one that writes the proxy; a few frames are in memory whatever
the take's length.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import cv2

from plugin_backend.domain.sequence import ColourSpace
from worker.media import kernels
from worker.media.kernels import Rgb16
from worker.media.measure import Measures, Tally
from worker.media.operations import OperationContext
from worker.media.proxy import PassFacts, ProxyPass, proxy_size
from worker.media.sources.protocol import PlacedFrame
from worker.media.stills import contact_sheet, poster

_PNG_EFFORT: Final = 4
_HDR_ABOVE_STOPS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Converted:
    """A frame with what is made of it before it is known where it goes."""

    placed: PlacedFrame
    shown: Rgb16  # at the proxy's size
    tally: Tally


class Pass:
    """Makes the light files of a take in a folder."""

    def __init__(
        self, folder: Path, *, rate: Fraction, width: int, height: int, frames: int, context: OperationContext
    ) -> None:
        """`frames` is how many are expected: stills are chosen by it, and progress is told by it."""
        self._folder = folder
        self._rate = rate
        self._full = (width, height)
        self._size = proxy_size(width, height)
        self._frames = frames
        self._context = context
        self._count = 0

    def convert(self, placed: PlacedFrame) -> Converted:
        """What may be done in any thread."""
        shown = placed.sized(*self._size)
        return Converted(placed, shown, placed.tally(shown))

    def run(self, frames: Iterable[Converted]) -> PassFacts:
        """Take in every frame; leaves `picture.mp4` and the two PNG files, and gives what was measured."""
        last: Converted | None = None
        with ProxyPass(
            self._folder / "picture.mp4",
            rate=self._rate,
            width=self._size[0],
            height=self._size[1],
            clip_frames=self._frames,
            is_segment=True,
        ) as proxy:
            for last in frames:
                if self._count == 0:
                    self._save_png(last, "first_frame.png")
                proxy.write_shown(last.shown, tally=last.tally)
                self._count += 1
                self._context.progress(self._count, self._frames + 1)
        assert last is not None, "a take has frames"
        self._save_png(last, "last_frame.png")
        return proxy.facts

    def save_stills(self, facts: PassFacts, *, title: str) -> Measures:
        """Leave `poster.jpg` and `contact_sheet.jpg`; the measures."""
        (self._folder / "poster.jpg").write_bytes(poster(facts.stills).jpeg)
        sheet = contact_sheet(facts.stills, title=title, frame_count=self._count, rate=self._rate)
        (self._folder / "contact_sheet.jpg").write_bytes(sheet)
        return facts.tally.measures(self._rate)

    def _save_png(self, frame: Converted, name: str) -> None:
        """A frame at its own size, as Rec. 709 in eight bits: what providers take as a key frame."""
        rgb = kernels.rgb16_to_rgb8(frame.placed.sized(*self._full))
        options = [cv2.IMWRITE_PNG_COMPRESSION, _PNG_EFFORT]
        done, data = cv2.imencode(".png", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)
        if not done:
            raise ValueError(f"{name} could not be written.")
        (self._folder / name).write_bytes(data.tobytes())


def dynamic_range(measures: Measures, *, space: ColourSpace) -> str:
    """What the light itself says: `hdr` only where some of it goes well above diffuse white."""
    is_display_sdr = space in (ColourSpace.REC709, ColourSpace.P3_D65)
    return "hdr" if not is_display_sdr and measures.luminance_peak_stops > _HDR_ABOVE_STOPS else "sdr"
