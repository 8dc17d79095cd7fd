"""What Luma's Dream Machine API takes in a body, and how it refuses the rest."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tests.fakes.luma_matrix import RefusedError

__all__ = ["RefusedError"]

Body = Mapping[str, Any]
Check = Callable[[Body], None]

CONCEPTS: Final = (
    "aerial_drone",
    "bolt_cam",
    "crane_down",
    "crane_up",
    "dolly_zoom",
    "handheld",
    "orbit_left",
    "orbit_right",
    "pan_left",
    "pan_right",
    "pull_out",
    "push_in",
    "static",
    "tilt_down",
    "tilt_up",
    "zoom_in",
    "zoom_out",
)
_MODELS = ("ray-2", "ray-flash-2")
_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")
_RESOLUTIONS = ("540p", "720p", "1080p", "4k")
_MODES = tuple(f"{word}_{n}" for word in ("adhere", "flex", "reimagine") for n in (1, 2, 3))
_PLACES = {"grid_position_x", "grid_position_y", "x_start", "x_end", "y_start", "y_end"}
_PLACES |= {"resized_width", "resized_height"}
_VIDEO = {"model", "prompt", "aspect_ratio", "duration", "resolution", "loop", "keyframes", "concepts"}
_MODIFY = {"model", "prompt", "media", "mode", "first_frame"}
_REFRAME = {"model", "prompt", "media", "aspect_ratio", "first_frame"} | _PLACES


def check_video(body: Body) -> None:
    """A new clip."""
    _only(body, _VIDEO, kind="video")
    _one_of(body, "model", _MODELS, required=True)
    _one_of(body, "aspect_ratio", _RATIOS)
    _one_of(body, "duration", ("5s", "9s"))
    _one_of(body, "resolution", _RESOLUTIONS)
    if not body.get("prompt") and not body.get("keyframes"):
        raise RefusedError("Prompt is required", status=400)
    for concept in body.get("concepts") or ():
        if concept.get("key") not in CONCEPTS:
            raise RefusedError(f"Unknown concept {concept.get('key')!r}", status=400)
    for name, frame in _frames(body):
        _check_frame(name, frame)


def check_modify(body: Body) -> None:
    """A clip from a clip."""
    _only(body, _MODIFY, kind="modify_video", required=True)
    _one_of(body, "model", _MODELS, required=True)
    _one_of(body, "mode", _MODES, required=True)
    _media(body)


def check_reframe(body: Body) -> None:
    """A clip in another shape."""
    _only(body, _REFRAME, kind="reframe_video", required=True)
    _one_of(body, "model", _MODELS, required=True)
    _one_of(body, "aspect_ratio", _RATIOS, required=True)
    _media(body)


def check_upscale(body: Body) -> None:
    """A finished clip, larger."""
    _only(body, {"resolution"}, kind="upscale_video")
    _one_of(body, "resolution", _RESOLUTIONS)


def check_audio(body: Body) -> None:
    """A finished clip with sound."""
    _only(body, {"prompt", "negative_prompt"}, kind="add_audio")


def generations_named(body: Body) -> Iterator[str]:
    """The ids of generations that its frames name."""
    return (str(frame["id"]) for _, frame in _frames(body) if frame["type"] == "generation")


def addresses(body: Body) -> Iterator[str]:
    """Every address of an input."""
    yield from (str(frame["url"]) for _, frame in _frames(body) if frame["type"] == "image")
    yield from (str(body[name]["url"]) for name in ("media", "first_frame") if body.get(name))


def _frames(body: Body) -> Iterator[tuple[str, Body]]:
    keyframes = body.get("keyframes") or {}
    return ((name, frame) for name, frame in keyframes.items() if frame is not None)


def _check_frame(name: str, frame: Body) -> None:
    if name not in ("frame0", "frame1"):
        raise _placed(("keyframes", name), "Extra inputs are not permitted", "extra_forbidden")
    needed = {"image": "url", "generation": "id"}.get(str(frame.get("type")))
    if needed is None:
        raise _placed(("keyframes", name, "type"), "Input should be 'image' or 'generation'", "literal_error")
    if not frame.get(needed):
        raise _placed(("keyframes", name, needed), "Field required", "missing")


def _media(body: Body) -> None:
    if not (body.get("media") or {}).get("url"):
        raise _placed(("media", "url"), "Field required", "missing")


def _only(body: Body, known: set[str], *, kind: str, required: bool = False) -> None:
    for name in body.keys() - known - {"callback_url", "generation_type"}:
        raise _placed((name,), "Extra inputs are not permitted", "extra_forbidden")
    _one_of(body, "generation_type", (kind,), required=required)


def _one_of(body: Body, name: str, choices: tuple[str, ...], *, required: bool = False) -> None:
    value = body.get(name)
    if value is None and required:
        raise _placed((name,), "Field required", "missing")
    if value is not None and value not in choices:
        raise _placed((name,), f"Input should be one of {', '.join(choices)}", "literal_error")


def _placed(place: tuple[str, ...], words: str, kind: str) -> RefusedError:
    return RefusedError(words, listed=[{"type": kind, "loc": ["body", *place], "msg": words, "input": None}])
