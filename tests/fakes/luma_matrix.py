"""Which combinations of a `ray-3.2` request Luma Agents takes, and how it words the others."""

from collections.abc import Mapping
from typing import Any

_TOP = {"prompt", "model", "type", "aspect_ratio", "source", "video", "user_id", "web_search", "image_ref"}
_TOP |= {"output_format", "style", "layering"}
_VIDEO = {"resolution", "duration", "hdr", "exr_export", "loop", "start_frame", "end_frame", "keyframes"}
_VIDEO |= {"keyframe_indexes", "edit", "source_position"}
_EDIT = {"auto_controls", "strength", "controls", "keyframes", "keyframe_indexes"}
_TYPES = ("video", "video_edit", "video_reframe")
_RATIOS = ("9:16", "3:4", "1:1", "4:3", "16:9", "21:9")
_STRENGTHS = tuple(f"{word}_{n}" for word in ("adhere", "flex", "reimagine") for n in (1, 2, 3))
_REFERENCES = ("url", "data", "generation_id", "file_id")
MOST_KEYFRAMES = 64

Body = Mapping[str, Any]


class RefusedError(Exception):
    """A refusal: its status, and `detail` as a sentence or as a list of places."""

    def __init__(self, words: str, *, status: int = 422, listed: list[dict[str, Any]] | None = None) -> None:
        self.status = status
        self.listed = listed
        super().__init__(words)


def check(body: Body, *, hdr_access: bool) -> None:
    """RefusedError for what the server would not take; inputs are looked into later."""
    _shape(body)
    video = body.get("video") or {}
    for wrong, words in _combinations(body, video):
        if wrong:
            raise RefusedError(words)
    _keyframes(video, frames=_grid(video))
    if video.get("edit") is not None:
        _edit(video["edit"], video)
    if video.get("hdr") and not hdr_access:
        raise RefusedError("HDR is not enabled for this account.", status=403)


def references(body: Body) -> list[tuple[str, Mapping[str, Any]]]:
    """Every ImageRef with its place, `source` first."""
    video = body.get("video") or {}
    edit = video.get("edit") or {}
    found = [("source", body.get("source"))]
    found += [(f"video.{name}", video.get(name)) for name in ("start_frame", "end_frame")]
    found += [(f"video.keyframes.{n}", each) for n, each in enumerate(video.get("keyframes") or ())]
    found += [(f"video.edit.keyframes.{n}", each) for n, each in enumerate(edit.get("keyframes") or ())]
    return [(place, each) for place, each in found if each is not None]


def _shape(body: Body) -> None:
    _only(body, _TOP, "body")
    video = body.get("video")
    if video is not None and not isinstance(video, dict):
        raise _placed(["body", "video"], "Input should be a valid dictionary", "dict_type")
    prompt = body.get("prompt")
    if prompt is None:
        raise _placed(["body", "prompt"], "Field required", "missing")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= 6000:
        raise _placed(["body", "prompt"], "String should have 1 to 6000 characters", "string_length")
    _one_of(body, "type", _TYPES, "body", required=True)
    _one_of(body, "model", ("ray-3.2",), "body", required=True)
    _one_of(body, "aspect_ratio", _RATIOS, "body")
    _video_shape(video or {})
    for place, reference in references(body):
        _reference(place, reference, is_movie=place == "source")


def _video_shape(video: Body) -> None:
    _only(video, _VIDEO, "body", "video")
    _one_of(video, "resolution", ("360p", "540p", "720p", "1080p"), "body", "video")
    _one_of(video, "duration", ("5s", "10s"), "body", "video")
    for name in ("hdr", "exr_export", "loop"):
        if not isinstance(video.get(name, False) or False, bool):
            raise _placed(["body", "video", name], "Input should be a valid boolean", "bool_type")


def _combinations(body: Body, video: Body) -> list[tuple[bool, str]]:
    kind, hdr, loop = body["type"], bool(video.get("hdr")), bool(video.get("loop"))
    ends = [video[name] for name in ("start_frame", "end_frame") if video.get(name)]
    long, keyframes = video.get("duration") == "10s", bool(video.get("keyframes"))
    upright = body.get("aspect_ratio") in ("9:16", "3:4")
    extends = any("generation_id" in end for end in ends)
    resolution = video.get("resolution", "720p")
    return [
        (hdr and resolution not in ("720p", "1080p"), "hdr requires resolution 720p or 1080p"),
        (hdr and kind == "video_reframe", "hdr is not supported for video_reframe"),
        (hdr and kind == "video" and long and not keyframes, "hdr supports 10s only with keyframes"),
        (hdr and extends, "video extension is SDR only"),
        (extends and len(ends) > 1, "video extension takes one generation_id as the only frame"),
        (bool(video.get("exr_export")) and not hdr, "exr_export requires hdr=true"),
        (loop and kind != "video", "loop is only valid for type=video"),
        (loop and long, "loop is not supported with duration=10s"),
        (loop and hdr, "loop is not supported with hdr=true"),
        (loop and bool(video.get("end_frame")), "loop is not supported with end_frame"),
        (bool(ends) and long, "start_frame and end_frame are not supported with duration=10s"),
        (keyframes and (bool(ends) or loop), "keyframes cannot be used with start_frame, end_frame or loop"),
        (keyframes and kind != "video", "keyframes are only valid for type=video"),
        (bool(ends) and kind == "video_reframe", "frames are not supported for video_reframe"),
        (kind == "video" and body.get("source") is not None, "source is not supported for type=video"),
        (kind != "video" and body.get("source") is None, f"source is required for type={kind}"),
        (video.get("edit") is not None and kind != "video_edit", "edit is only valid for type=video_edit"),
        (
            video.get("source_position") is not None and kind != "video_reframe",
            "source_position is only valid for type=video_reframe",
        ),
        (
            kind == "video_reframe" and resolution == "1080p" and upright,
            "video_reframe at 1080p for this aspect ratio is coming soon",
        ),
        (_out_of_canvas(video.get("source_position")), "w_norm and h_norm must be above 0 and up to 2.0"),
    ]


def _out_of_canvas(position: Body | None) -> bool:
    if position is None:
        return False
    if not {"x_norm", "y_norm", "w_norm", "h_norm"} <= position.keys():
        return True
    return not all(0 < float(position[side]) <= 2 for side in ("w_norm", "h_norm"))


def _grid(video: Body) -> int:
    return 240 if video.get("duration") == "10s" else 120


def _keyframes(video: Body, *, frames: int | None) -> None:
    keyframes, indexes = video.get("keyframes"), video.get("keyframe_indexes")
    if keyframes is None and indexes is None:
        return
    if not keyframes or not 1 <= len(keyframes) <= MOST_KEYFRAMES:
        raise RefusedError("keyframes takes 1 to 64 images")
    if indexes is None or len(indexes) != len(keyframes):
        raise RefusedError("keyframe_indexes must match keyframes in length")
    if len(set(indexes)) != len(indexes) or any(not isinstance(n, int) or n < 0 for n in indexes):
        raise RefusedError("keyframe_indexes must be unique and non-negative")
    if frames is not None and max(indexes) > frames:
        raise RefusedError(f"keyframe_indexes must be within 0..{frames}")


def _edit(edit: Body, video: Body) -> None:
    _only(edit, _EDIT, "body", "video", "edit")
    _one_of(edit, "strength", _STRENGTHS, "body", "video", "edit")
    _keyframes(edit, frames=None)
    if edit.get("keyframes") and video.get("start_frame"):
        raise RefusedError("edit.keyframes cannot be used with start_frame")


def _reference(place: str, reference: Any, *, is_movie: bool) -> None:
    at = ["body", *place.split(".")]
    named = [name for name in _REFERENCES if reference.get(name) is not None]
    if len(named) != 1:
        raise _placed(at, "Provide exactly one of url, data, generation_id, file_id", "value_error")
    media_type = reference.get("media_type")
    if named[0] == "data" and media_type is None:
        raise _placed([*at, "media_type"], "media_type is required with data", "value_error")
    if is_movie and named[0] in ("url", "data") and not str(media_type).startswith("video/"):
        raise _placed([*at, "media_type"], "media_type must be video/*", "value_error")


def _only(found: Body, known: set[str], *place: str) -> None:
    for name in found:
        if name not in known:
            raise _placed([*place, name], "Extra inputs are not permitted", "extra_forbidden")


def _one_of(found: Body, name: str, choices: tuple[str, ...], *place: str, required: bool = False) -> None:
    value = found.get(name)
    if value is None and required:
        raise _placed([*place, name], "Field required", "missing")
    if value is not None and value not in choices:
        listed = ", ".join(f"'{choice}'" for choice in choices)
        raise _placed([*place, name], f"Input should be {listed}", "literal_error")


def _placed(place: list[str], words: str, kind: str) -> RefusedError:
    return RefusedError(words, listed=[{"type": kind, "loc": place, "msg": words}])
