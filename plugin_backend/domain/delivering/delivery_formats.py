"""The formats a delivery is written as: what each file is, and which colours it can hold. A row a format."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin_backend.domain.sequence import ColourSpace

SDR_SPACES: Final = (ColourSpace.REC709, ColourSpace.P3_D65)
HDR_SPACES: Final = (ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG)
SCENE_SPACES: Final = (ColourSpace.ACESCG, ColourSpace.ACES2065_1)


class DeliveryFormat(StrEnum):
    """What a delivered file can be."""

    PRORES_422_HQ = "prores-422-hq"
    PRORES_4444 = "prores-4444"
    HEVC_HDR10 = "hevc-hdr10"
    HEVC_HLG = "hevc-hlg"
    HEVC_MAIN12 = "hevc-main12"
    H264 = "h264"
    EXR_ACES = "exr-aces"
    EXR_ACESCG = "exr-acescg"
    DNXHR_HQX = "dnxhr-hqx"
    PNG = "png"
    TIFF = "tiff"


class ExrProfile(StrEnum):
    """How frames of light are stored: compressed in one of EXR's ways, or as SMPTE's ACES container."""

    PIZ = "piz"  # lossless: what is written where nothing is said
    ZIP = "zip"  # lossless, 16 rows at a time
    ZIPS = "zips"  # lossless, a row at a time
    DWAA = "dwaa"  # lossy, 32 rows at a time
    DWAB = "dwab"  # lossy, 256 rows at a time
    ST2065_4 = "st2065-4"  # the ACES image container: uncompressed, ACES2065-1, nothing foreign in its header


@dataclass(frozen=True, slots=True)
class FormatFacts:
    """One row of the table."""

    suffix: str
    spaces: tuple[ColourSpace, ...]
    """Those it can hold; the first is written where the sequence's is not among them."""
    cost: int
    """Milliseconds of one core for a frame of 1080p."""
    is_movie: bool = True
    smallest: tuple[int, int] = (2, 2)
    is_still: bool = False
    """For programs that edit pictures: frames without a movie or sound beside them."""
    exr_profiles: tuple[ExrProfile, ...] = ()
    """Those its frames are stored in; the first where nothing is said."""

    def colour_in(self, space: ColourSpace) -> ColourSpace:
        """The space of the file in a sequence of that one."""
        return space if space in self.spaces else self.spaces[0]


_COMPRESSED: Final = tuple(each for each in ExrProfile if each is not ExrProfile.ST2065_4)

EXR_COSTS: Final[Mapping[ExrProfile, int]] = {
    ExrProfile.PIZ: 75,
    ExrProfile.ZIP: 155,
    ExrProfile.ZIPS: 140,
    ExrProfile.DWAA: 235,
    ExrProfile.DWAB: 225,
    ExrProfile.ST2065_4: 25,
}
"""Milliseconds of one core for a frame of 1080p, instead of the format's own."""

DELIVERY_FORMATS: Final[Mapping[DeliveryFormat, FormatFacts]] = {
    DeliveryFormat.PRORES_422_HQ: FormatFacts(".mov", SDR_SPACES + HDR_SPACES, cost=75),
    DeliveryFormat.PRORES_4444: FormatFacts(".mov", SDR_SPACES + HDR_SPACES, cost=105),
    DeliveryFormat.DNXHR_HQX: FormatFacts(".mov", SDR_SPACES + HDR_SPACES, cost=115, smallest=(256, 120)),
    DeliveryFormat.HEVC_HDR10: FormatFacts(".mp4", (ColourSpace.REC2100_PQ,), cost=170, smallest=(64, 64)),
    DeliveryFormat.HEVC_HLG: FormatFacts(".mp4", (ColourSpace.REC2100_HLG,), cost=170, smallest=(64, 64)),
    DeliveryFormat.HEVC_MAIN12: FormatFacts(".mp4", HDR_SPACES + SDR_SPACES, cost=190, smallest=(64, 64)),
    DeliveryFormat.H264: FormatFacts(".mp4", SDR_SPACES, cost=100),
    DeliveryFormat.EXR_ACES: FormatFacts(
        ".exr", (ColourSpace.ACES2065_1,), cost=75, is_movie=False, exr_profiles=tuple(ExrProfile)
    ),
    DeliveryFormat.EXR_ACESCG: FormatFacts(
        ".exr", (ColourSpace.ACESCG,), cost=75, is_movie=False, exr_profiles=_COMPRESSED
    ),
    DeliveryFormat.PNG: FormatFacts(".png", SDR_SPACES + HDR_SPACES, cost=400, is_movie=False, is_still=True),
    DeliveryFormat.TIFF: FormatFacts(".tif", SDR_SPACES, cost=400, is_movie=False, is_still=True),
}
