"""A movie's frame: display-encoded samples, converted no further than what is made of them asks."""

from dataclasses import dataclass
from typing import Self

import av
import numpy as np

from plugin_backend.domain.delivering.delivery_formats import SDR_SPACES
from plugin_backend.domain.delivering.placing import Placement
from plugin_backend.domain.sequence import ColourSpace
from worker.media.colour import SceneTransform, colour_tags, display_transform, expansion, scene_transform
from worker.media.formats import PixelLayout
from worker.media.kernels import Rgb16
from worker.media.light import shown_luminance
from worker.media.measure import Tally, tally_light
from worker.media.smoothing import smoothed
from worker.media.sources.placing import placed_shown, resized_rgb
from worker.media.sources.protocol import Coded, Light
from worker.media.sources.tags import Tags
from worker.media.yuv import Planes, Samples, laid, relaid, to_rgb16

_LAYOUTS = {
    PixelLayout.YUV420P8: (8, True),
    PixelLayout.YUV420P10: (10, True),
    PixelLayout.YUV420P12: (12, True),
    PixelLayout.YUV422P10: (10, False),
}


@dataclass(frozen=True, slots=True)
class PlacedDisplay:
    """A `PlacedFrame` of a display's picture."""

    rgb: Rgb16
    space: ColourSpace
    untouched: Planes | None = None
    """The samples it came as, where they are not scaled: in their place on black, or those that are seen."""

    def shown(self, space: ColourSpace) -> Rgb16:
        """As it is in its own space; else by way of the light that ACES 2.0 shows so."""
        return _converted(self.rgb, self.space, space)

    def sized(self, width: int, height: int) -> Rgb16:
        """Scaled as it is encoded."""
        small = resized_rgb(self.rgb, width=width, height=height)
        return _converted(small, self.space, ColourSpace.REC709)

    def light(self) -> Light:
        """The ACEScg that ACES 2.0 shows as this picture: a display's white stands for very bright light."""
        return Light(_way_back(self.space, ColourSpace.ACESCG).apply(self.rgb), ColourSpace.ACESCG)

    def coded(self, space: ColourSpace, layout: PixelLayout) -> Coded | None:
        """Its samples, when only their layout changes."""
        planes = self.untouched
        if planes is None or layout not in _LAYOUTS or space is not self.space or planes.full_range:
            return None
        if planes.luma_weights != colour_tags(space).luma_weights:
            return None
        depth, halved_down = _LAYOUTS[layout]
        return Coded(relaid(planes, depth=depth, halved_down=halved_down))

    def tally(self, shown: Rgb16) -> Tally:
        """Measured as its display shows it."""
        luminance, peak = shown_luminance(self.rgb, space=self.space)
        return tally_light(luminance, peak, shown=shown)


@dataclass(frozen=True, slots=True)
class HeldDisplay:
    """A `SourceFrame` of a display's picture, converted to RGB; its samples are kept with it."""

    rgb: Rgb16
    space: ColourSpace
    planes: Planes | None

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedDisplay:
        """Placed, and its samples with it where they are not scaled."""
        planes, shown = self.planes, placed_shown(self.rgb, placement, width=width, height=height)
        if planes is None or (placement.width, placement.height) != (planes.width, planes.height):
            return PlacedDisplay(shown, self.space)
        untouched = laid(planes, left=placement.left, top=placement.top, width=width, height=height)
        return PlacedDisplay(shown, self.space, untouched)

    def held(self) -> Self:
        """It is."""
        return self


@dataclass(frozen=True, slots=True)
class MovieFrame:
    """A `SourceFrame` decoded from a movie; converting it is put off until it is placed."""

    frame: av.VideoFrame
    tags: Tags
    space: ColourSpace
    expands: bool = False
    """Whether more will be made of its range: then steps of its few bits are smoothed first."""

    def placed(self, placement: Placement, *, width: int, height: int) -> PlacedDisplay:
        """Converted to RGB and placed; the samples are kept with it where they are not scaled."""
        return self.held().placed(placement, width=width, height=height)

    def held(self) -> HeldDisplay:
        """Converted to RGB."""
        planes = None if self.frame.format.is_rgb else planes_of(self.frame, self.tags, self.space)
        drawn = planes if planes is None or not self.expands else smoothed(planes)
        rgb = _rgb(self.frame) if drawn is None else to_rgb16(drawn)
        return HeldDisplay(rgb, self.space, planes)

    def whole(self) -> PlacedDisplay:
        """At its own size."""
        held = self.held()
        return PlacedDisplay(held.rgb, held.space, held.planes)


def planes_of(frame: av.VideoFrame, tags: Tags, space: ColourSpace) -> Planes:
    """A decoded frame's samples where they lie; ValueError for what is no planar YCbCr of 8 to 16 bits."""
    form = frame.format
    depth = form.components[0].bits
    if not form.is_planar or form.is_big_endian or not 8 <= depth <= 16 or not _is_halved_at_most(frame):
        raise ValueError(f"Its pixels are {form.name}, which are not read here.")
    return Planes(
        y=_samples(frame, 0, depth=depth),
        u=_samples(frame, 1, depth=depth),
        v=_samples(frame, 2, depth=depth),
        width=frame.width,
        height=frame.height,
        depth=depth,
        halved_across=form.components[1].width < frame.width,
        halved_down=form.components[1].height < frame.height,
        full_range=tags.is_full_range,
        luma_weights=tags.luma_weights(space),
    )


def _is_halved_at_most(frame: av.VideoFrame) -> bool:
    half = ((frame.width + 1) // 2, (frame.height + 1) // 2)
    return all(
        each.width in (frame.width, half[0]) and each.height in (frame.height, half[1])
        for each in frame.format.components
    )


def _samples(frame: av.VideoFrame, number: int, *, depth: int) -> Samples:
    """A plane's memory as rows, padding included."""
    plane = frame.planes[number]
    samples: Samples
    if depth == 8:
        samples = np.frombuffer(memoryview(plane), dtype=np.uint8)
    else:
        samples = np.frombuffer(memoryview(plane), dtype=np.uint16)
    stride = plane.line_size // samples.itemsize
    return samples[: stride * plane.height].reshape(plane.height, stride)


def _rgb(frame: av.VideoFrame) -> Rgb16:
    return np.ascontiguousarray(frame.to_ndarray(format="rgb48le"), dtype=np.uint16)


def _converted(rgb: Rgb16, found: ColourSpace, wanted: ColourSpace) -> Rgb16:
    if found is wanted:
        return rgb
    return display_transform(wanted).apply(_way_back(found, wanted).apply(rgb))


def _way_back(found: ColourSpace, wanted: ColourSpace) -> SceneTransform:
    """The light of a picture; of an SDR one that becomes more than SDR, its range expanded."""
    expands = found in SDR_SPACES and wanted not in SDR_SPACES
    return expansion(found) if expands else scene_transform(found)
