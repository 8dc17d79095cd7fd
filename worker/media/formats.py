"""The table of movie formats: what each is made of. A new format is a new row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from plugin_backend.domain.sequence import ColourSpace

_SDR_SPACES: Final = frozenset({ColourSpace.REC709, ColourSpace.P3_D65})
_DISPLAY_SPACES: Final = _SDR_SPACES | {ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG}


class MovieFormat(StrEnum):
    """The movies we write: deliveries by their names in the contract; `proxy` plays in the panel."""

    H264 = "h264"
    PRORES_422_HQ = "prores-422-hq"
    PRORES_4444 = "prores-4444"
    DNXHR_HQX = "dnxhr-hqx"
    HEVC_HDR10 = "hevc-hdr10"
    HEVC_HLG = "hevc-hlg"
    HEVC_MAIN12 = "hevc-main12"
    PROXY = "proxy"


class PixelLayout(StrEnum):
    """How a format stores its samples, by FFmpeg's name."""

    YUV420P8 = "yuv420p"
    YUV420P10 = "yuv420p10le"
    YUV420P12 = "yuv420p12le"
    YUV422P10 = "yuv422p10le"
    YUV444P10 = "yuv444p10le"


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
    codec_tag: str | None = None  # where the container would choose another

    @property
    def sound_codec(self) -> str:
        """How sound lies beside the picture: untouched for editors, small for players."""
        return "pcm_s24le" if self.container == "mov" else "aac"

    @property
    def suffix(self) -> str:
        """The file name's ending, with its dot."""
        return f".{self.container}"


# No B-frames: every frame decodes in the order it shows, which is what scrubbing wants, and x264 makes the
# same bytes of the same frames every time (with B-frames and macroblock trees it does not).
_X264: Final = "bframes=0:open-gop=0:scenecut=0:info=0"

# The same for x265, and one frame at a time: its rows are shared out, so that the bytes stay the same.
_X265: Final = "bframes=0:open-gop=0:scenecut=0:info=0:frame-threads=1:pools=2:log-level=none"


def _hevc(layout: PixelLayout, spaces: frozenset[ColourSpace], *, bit_depth: int) -> MovieSpec:
    profile = "main10" if bit_depth == 10 else "main12"
    return MovieSpec(
        encoder="libx265",
        layout=layout,
        container="mp4",
        media_type="video/mp4",
        bit_depth=bit_depth,
        colour_spaces=spaces,
        options={"preset": "veryfast", "crf": "14", "profile": profile, "x265-params": _X265},
        compressor_name=f"HEVC Main {bit_depth}",
        key_frame_seconds=1,
        codec_tag="hvc1",
    )


def _intermediate(
    name: str, encoder: str, options: Mapping[str, str], layout: PixelLayout, *, codec_tag: str | None = None
) -> MovieSpec:
    """What editors cut with: every frame by itself, ten bits."""
    return MovieSpec(
        encoder=encoder,
        layout=layout,
        container="mov",
        media_type="video/quicktime",
        bit_depth=10,
        colour_spaces=_DISPLAY_SPACES,
        options=options,
        compressor_name=name,
        codec_tag=codec_tag,
    )


def _h264(*, preset: str, crf: str) -> MovieSpec:
    return MovieSpec(
        encoder="libx264",
        layout=PixelLayout.YUV420P8,
        container="mp4",
        media_type="video/mp4",
        bit_depth=8,
        colour_spaces=_SDR_SPACES,
        options={"preset": preset, "crf": crf, "profile": "high", "x264-params": _X264},
        compressor_name="H.264",
        key_frame_seconds=1,
    )


def _prores(name: str, profile: str, layout: PixelLayout, *, codec_tag: str | None = None) -> MovieSpec:
    options = {"profile": profile, "vendor": "apl0"}
    return _intermediate(f"Apple ProRes {name}", "prores_aw", options, layout, codec_tag=codec_tag)


MOVIE_FORMATS: Final[Mapping[MovieFormat, MovieSpec]] = {
    MovieFormat.PRORES_422_HQ: _prores("422 HQ", "3", PixelLayout.YUV422P10),
    MovieFormat.PRORES_4444: _prores("4444", "4", PixelLayout.YUV444P10, codec_tag="ap4h"),
    MovieFormat.DNXHR_HQX: _intermediate(
        "Avid DNxHR HQX", "dnxhd", {"profile": "dnxhr_hqx"}, PixelLayout.YUV422P10
    ),
    MovieFormat.HEVC_HDR10: _hevc(PixelLayout.YUV420P10, frozenset({ColourSpace.REC2100_PQ}), bit_depth=10),
    MovieFormat.HEVC_HLG: _hevc(PixelLayout.YUV420P10, frozenset({ColourSpace.REC2100_HLG}), bit_depth=10),
    MovieFormat.HEVC_MAIN12: _hevc(PixelLayout.YUV420P12, _DISPLAY_SPACES, bit_depth=12),
    MovieFormat.H264: _h264(preset="fast", crf="16"),
    MovieFormat.PROXY: _h264(preset="veryfast", crf="21"),
}
