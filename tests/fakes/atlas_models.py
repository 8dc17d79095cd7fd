"""The video models of Atlas Cloud's list, each with its own field names, as its public nodes send them.

Where no source names a field (Ray3's, and the last frame of Seedance), both likely spellings are taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fakes.pictures import Picture, picture

Values = tuple[Any, ...]


class FieldError(Exception):
    """A body that the model's schema refuses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasModel:
    """One model: what its body may hold, and what it makes and costs."""

    id: str
    required: tuple[str, ...] = ("prompt",)
    optional: tuple[str, ...] = ()
    choices: Mapping[str, Values] = field(default_factory=dict)
    seconds: int = 5
    resolution: str = "1080p"
    """Where the body does not choose one."""
    usd: float
    """A second of it; with `flat`, a clip of it."""
    flat: bool = False
    audio_field: str | None = None
    audio: bool = False
    """Whether it makes sound unless it is told not to."""
    retired: bool = False

    def check(self, body: Mapping[str, Any]) -> None:
        """FieldError for what is missing, unknown or out of its values."""
        known = {"model", "webhook_url", *self.required, *self.optional, *self.choices}
        if missing := [name for name in self.required if not body.get(name)]:
            raise FieldError(f"{missing[0]} is required")
        if unknown := sorted(body.keys() - known):
            raise FieldError(f"unknown field: {unknown[0]}")
        for name, values in self.choices.items():
            if name in body and not _among(body[name], values):
                raise FieldError(f"{name} must be one of {', '.join(map(str, values))}")

    def makes(self, body: Mapping[str, Any]) -> Picture:
        """The movie a body asks for."""
        seconds = float(body.get("duration") or self.seconds)
        aspect = str(body.get("aspect_ratio") or body.get("ratio") or "16:9")
        resolution = str(body.get("resolution") or self.resolution)
        sound = bool(body.get(self.audio_field, self.audio)) if self.audio_field else False
        shape = aspect if ":" in aspect else "16:9"
        return picture(resolution, shape, max(1.0, seconds), audio=sound)

    def costs(self, body: Mapping[str, Any]) -> float:
        """In US dollars."""
        seconds = float(body.get("duration") or self.seconds)
        return self.usd if self.flat else round(self.usd * seconds, 4)


def _among(value: Any, values: Values) -> bool:
    """Exactly: where a schema lists numbers, a string of one is refused."""
    return any(value == each and type(value) is type(each) for each in values)


_SHAPES: Final = ("16:9", "9:16", "1:1")
_VEO: Final = {
    "aspect_ratio": ("16:9", "9:16"),
    "resolution": ("720p", "1080p"),
    "duration": (4, 6, 8),
    "generate_audio": (True, False),
}
_KLING: Final = {"duration": (5, 10), "sound": (True, False)}
_SEEDANCE: Final = {
    "resolution": ("480p", "720p", "1080p-SR"),
    "duration": tuple(range(4, 16)),
    "ratio": (*_SHAPES, "4:3", "3:4", "21:9", "adaptive"),
    "generate_audio": (True, False),
}
_VIDU: Final = {
    "resolution": ("540p", "720p", "1080p"),
    "duration": tuple(range(1, 17)),
    "generate_audio": (True, False),
    "bgm": (True, False),
    "movement_amplitude": ("auto", "small", "medium", "large"),
}
_VIDU_SHAPES: Final = {"aspect_ratio": (*_SHAPES, "4:3", "3:4"), "style": ("general", "anime")}
_HAILUO: Final = {"enable_prompt_expansion": (True, False)}
_IMAGE: Final = ("image",)
_PROMPT_AND_IMAGE: Final = ("prompt", "image")


def _veo(kind: str, *, required: tuple[str, ...], **choices: Values) -> AtlasModel:
    return AtlasModel(
        id=f"google/veo3.1/{kind}",
        required=required,
        optional=("negative_prompt", "seed", "last_image"),
        choices={**_VEO, **choices},
        seconds=8,
        resolution="720p",
        usd=0.40,
        audio_field="generate_audio",
        audio=True,
    )


def _kling(version: str, *, resolution: str, usd: float) -> tuple[AtlasModel, AtlasModel]:
    name, optional = f"kwaivgi/kling-{version}", ("negative_prompt", "cfg_scale")
    common: dict[str, Any] = {"resolution": resolution, "usd": usd, "audio_field": "sound"}
    return (
        AtlasModel(
            id=f"{name}/text-to-video",
            optional=optional,
            choices={**_KLING, "aspect_ratio": _SHAPES},
            **common,
        ),
        AtlasModel(
            id=f"{name}/image-to-video",
            required=_PROMPT_AND_IMAGE,
            optional=(*optional, "end_image"),
            choices=_KLING,
            **common,
        ),
    )


def _seedance(
    kind: str, *, required: tuple[str, ...], optional: tuple[str, ...], **choices: Values
) -> AtlasModel:
    return AtlasModel(
        id=f"bytedance/seedance-2.0/{kind}",
        required=required,
        optional=("seed", *optional),
        choices={**_SEEDANCE, **choices},
        resolution="720p",
        usd=0.2419,
        audio_field="generate_audio",
        audio=True,
    )


def _vidu(kind: str, *, required: tuple[str, ...], **choices: Values) -> AtlasModel:
    return AtlasModel(
        id=f"vidu/{kind}",
        required=required,
        optional=("seed",),
        choices={**_VIDU, **choices},
        resolution="720p",
        usd=0.06,
        audio_field="generate_audio",
        audio=True,
    )


def _hailuo(
    kind: str, *, resolution: str, durations: Values, usd: float, required: tuple[str, ...] = ("prompt",)
) -> AtlasModel:
    return AtlasModel(
        id=f"minimax/hailuo-02/{kind}",
        required=required,
        choices={**_HAILUO, "duration": durations},
        seconds=6,
        resolution=resolution,
        usd=usd,
        flat=True,
    )


_ALL: Final = (
    AtlasModel(
        id="luma/ray-3/text-to-video",
        choices={"duration": (5, 10, "5", "10"), "aspect_ratio": ("16:9", "9:16"), "resolution": ("1080p",)},
        usd=0.10,
    ),
    _veo("text-to-video", required=("prompt",)),
    _veo("image-to-video", required=_PROMPT_AND_IMAGE),
    _veo("reference-to-video", required=("prompt", "images")),
    *_kling("v3.0-pro", resolution="1080p", usd=0.095),
    *_kling("v3.0-std", resolution="720p", usd=0.071),
    *_kling("v2.6-pro", resolution="1080p", usd=0.07),
    _seedance("text-to-video", required=("prompt",), optional=("web_search",), resolution=("480p", "720p")),
    _seedance("image-to-video", required=_IMAGE, optional=("prompt", "last_image", "end_image")),
    _seedance(
        "reference-to-video",
        required=("prompt",),
        optional=("images", "videos", "audios", "reference_images", "reference_videos", "reference_audios"),
    ),
    _hailuo("t2v-standard", resolution="720p", durations=(6, 10), usd=0.28),
    _hailuo("t2v-pro", resolution="1080p", durations=(6,), usd=0.49),
    _hailuo("standard", resolution="720p", durations=(6, 10), usd=0.28, required=_PROMPT_AND_IMAGE),
    _hailuo("i2v-pro", resolution="1080p", durations=(6,), usd=0.49, required=_PROMPT_AND_IMAGE),
    _vidu("q3/text-to-video", required=("prompt",), **_VIDU_SHAPES),
    _vidu("q3/image-to-video", required=_PROMPT_AND_IMAGE),
    _vidu("q3-pro/text-to-video", required=("prompt",), **_VIDU_SHAPES),
    _vidu("q3-pro/image-to-video", required=_PROMPT_AND_IMAGE),
    _vidu("q3-pro/start-end-to-video", required=("prompt", "image", "end_image")),
    AtlasModel(id="openai/sora-2/text-to-video", usd=0.10, retired=True),
    AtlasModel(id="luma/ray-2-t2v", usd=0.10, retired=True),
)
MODELS: Final[Mapping[str, AtlasModel]] = {model.id: model for model in _ALL}
