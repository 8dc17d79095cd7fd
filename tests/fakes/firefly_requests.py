"""What Firefly Video takes in a body, and how it refuses the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_FIELDS = {"prompt", "negativePrompt", "sizes", "seeds", "bitRateFactor", "image", "videoSettings"}
_SIZES: Final = {
    *((1920, 1080), (1280, 720), (960, 540)),
    *((1080, 1920), (720, 1280), (540, 960)),
    *((1080, 1080), (720, 720), (540, 540)),
}
_MOTIONS = ("pan left", "pan right", "zoom in", "zoom out", "tilt up", "tilt down", "locked down", "handheld")
_SETTINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "cameraMotion": tuple(f"camera {motion}" for motion in _MOTIONS),
    "promptStyle": (
        "anime",
        "3d",
        "fantasy",
        "cinematic",
        "claymation",
        "line art",
        "stop motion",
        "2d",
        "vector art",
        "black and white",
    ),
    "shotAngle": ("aerial shot", "eye_level shot", "high angle shot", "low angle shot", "top-down shot"),
    "shotSize": ("close-up shot", "extreme close-up", "medium shot", "long shot", "extreme long shot"),
}
_KINDS = ("url", "uploadId", "creativeCloudFileId")

Body = Mapping[str, Any]


class InvalidError(Exception):
    """A refusal: its HTTP status, its code, and where in the body."""

    def __init__(
        self,
        words: str,
        *,
        status: int = 400,
        code: str = "validation_error",
        listed: list[dict[str, Any]] | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.listed = listed
        super().__init__(words)


@dataclass(frozen=True, slots=True)
class Source:
    """A picture as the body names it."""

    url: str | None
    upload_id: str | None


def check(body: Body) -> None:
    """InvalidError for what it does not take."""
    for name in sorted(body.keys() - _FIELDS):
        raise _at([name], "Extra fields not permitted")
    if not body.get("prompt") and not body.get("image"):
        raise _at(["prompt"], "Field required")
    for n, size in enumerate(body.get("sizes") or ()):
        if (size.get("width"), size.get("height")) not in _SIZES:
            raise _at(["sizes", n], "Unsupported size")
    seeds = body.get("seeds")
    if seeds is not None and len(seeds) != 1:
        raise _at(["seeds"], "Exactly one seed is supported")
    if not 0 <= body.get("bitRateFactor", 18) <= 63:
        raise _at(["bitRateFactor"], "Must be between 0 and 63")
    _check_settings(body.get("videoSettings") or {})
    _check_conditions((body.get("image") or {}).get("conditions") or ())


def sources(body: Body) -> Sequence[Source]:
    """The pictures it names."""
    conditions = (body.get("image") or {}).get("conditions") or ()
    given = [condition["source"] for condition in conditions]
    return [Source(each.get("url"), each.get("uploadId")) for each in given]


def _check_settings(settings: Body) -> None:
    for name, value in settings.items():
        if value not in _SETTINGS.get(name, ()):
            raise _at(["videoSettings", name], "Not a permitted value")


def _check_conditions(conditions: Sequence[Body]) -> None:
    for n, condition in enumerate(conditions):
        source, position = condition.get("source") or {}, (condition.get("placement") or {}).get("position")
        if len([kind for kind in _KINDS if source.get(kind)]) != 1:
            raise _at(["image", "conditions", n, "source"], "Give one of url, uploadId, creativeCloudFileId")
        if not isinstance(position, int | float) or not 0 <= position <= 1:
            raise _at(["image", "conditions", n, "placement", "position"], "Must be between 0 and 1")


def _at(place: Sequence[str | int], words: str) -> InvalidError:
    listed = {"loc": ["body", *place], "msg": words, "type": "value_error"}
    return InvalidError("Invalid request parameters", listed=[listed])
