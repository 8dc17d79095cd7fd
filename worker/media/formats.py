"""The table of movie formats: what each is made of. A new format is a new row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin_backend.domain.sequence import ColourSpace

_SDR_SPACES: Final = frozenset({ColourSpace.REC709, ColourSpace.P3_D65})
_DISPLAY_SPACES: Final = _SDR_SPACES | {ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG}


class MovieFormat(StrEnum):
    """The movies we write: `h264` and `prores-422-hq` are delivered, `proxy` plays in the panel."""

    H264 = "h264"
    PRORES_422_HQ = "prores-422-hq"
    PROXY = "proxy"


class PixelLayout(StrEnum):
    """How a format stores its samples, by FFmpeg's name."""

    YUV420P8 = "yuv420p"
    YUV422P10 = "yuv422p10le"


@dataclass(frozen=True, slots=True)
class MovieSpec:
    """One row of the table of formats."""

    encoder: str
    layout: PixelLayout
    container: str  # FFmpeg's muxer: mov or mp4
    media_type: str
    bit_depth: int
    colour_spaces: frozenset[ColourSpace]
    options: Mapping[str, str]
    compressor_name: str  # what players show as the codec
    key_frame_seconds: int = 0  # 0: every frame is one

    @property
    def suffix(self) -> str:
        """The file name's ending, with its dot."""
        return f".{self.container}"


# No B-frames: every frame decodes in the order it shows, which is what scrubbing wants, and x264 makes the
# same bytes of the same frames every time (with B-frames and macroblock trees it does not).
_X264: Final = "bframes=0:open-gop=0:scenecut=0:info=0"

MOVIE_FORMATS: Final[Mapping[MovieFormat, MovieSpec]] = {
    MovieFormat.PRORES_422_HQ: MovieSpec(
        encoder="prores_aw",
        layout=PixelLayout.YUV422P10,
        container="mov",
        media_type="video/quicktime",
        bit_depth=10,
        colour_spaces=_DISPLAY_SPACES,
        options={"profile": "3", "vendor": "apl0"},
        compressor_name="Apple ProRes 422 HQ",
    ),
    MovieFormat.H264: MovieSpec(
        encoder="libx264",
        layout=PixelLayout.YUV420P8,
        container="mp4",
        media_type="video/mp4",
        bit_depth=8,
        colour_spaces=_SDR_SPACES,
        options={"preset": "fast", "crf": "16", "profile": "high", "x264-params": _X264},
        compressor_name="H.264",
        key_frame_seconds=1,
    ),
    MovieFormat.PROXY: MovieSpec(
        encoder="libx264",
        layout=PixelLayout.YUV420P8,
        container="mp4",
        media_type="video/mp4",
        bit_depth=8,
        colour_spaces=_SDR_SPACES,
        options={"preset": "veryfast", "crf": "21", "profile": "high", "x264-params": _X264},
        compressor_name="H.264",
        key_frame_seconds=1,
    ),
}
