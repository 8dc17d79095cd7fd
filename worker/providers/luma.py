"""Luma Agents API (`ray-3.2`): text, frames, keyframes, loop, extend, edit, reframe, HDR and EXR.

It lists nothing, cancels nothing and calls nobody back: an answer that is lost stays lost. Its addresses live
an hour; asking again gives fresh ones.
"""

import base64
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from plugin_backend.domain.brief import Brief, DynamicRange, Keyframe, Operation
from worker.providers import luma_files
from worker.providers.desk import Desk, InputRefusedError, sent
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, Finished, InputFile, Progress, Shot
from worker.providers.upstream import (
    Complaint,
    NoForgetting,
    NoListing,
    NoStopping,
    addresses,
    broken,
    by_state,
    is_moderation,
    reference,
)
from worker.providers.wording import prompt_of

GRID: Final = 24
"""Frames a second of the grid that keyframes are pinned to, whatever the sequence's rate."""

_MOST_KEYFRAMES: Final = 64
_MOST_INLINE: Final = 12 << 20  # of pictures that travel inside the call; more are uploaded first
_LOOK_AGAIN: Final = 3.0

_SLUGS: Final[Mapping[str, tuple[str, bool]]] = {  # their failure code: our slug, worth another try
    "content_moderated": ("moderated", False),
    "generation_failed": ("provider-failed", True),
    "budget_exhausted": ("provider-failed", False),
    "output_not_found": ("provider-failed", True),
    "image_too_large": ("invalid-input", False),
    "unsupported_format": ("invalid-input", False),
    "corrupt_input": ("invalid-input", False),
    "invalid_request": ("invalid-input", False),
    "rate_limited": ("provider-failed", True),
}

Json = dict[str, Any]


class Luma(NoListing, NoStopping, NoForgetting):
    """`POST /generations`, `GET /generations/{id}`."""

    name = "luma"
    label = "Luma"

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call; pictures go inside it, or are uploaded first when there are many."""
        body: Json = {
            "model": shot.request.brief.model,
            "prompt": prompt_of(shot),
            "user_id": shot.owner_id,
            **_kind(shot, _Media(shot, desk)),
        }
        # They echo it and keep it for their support; it finds nothing again, for nothing is listed.
        return Call(method="POST", url="generations", json=body, headers={"X-Request-Id": shot.token})

    def accepted(self, answer: Answer) -> str | None:
        return reference(answer.body.get("id"))

    def complaint(self, answer: Answer) -> Complaint:
        code = answer.body.get("failure_code") or answer.body.get("code")
        words = answer.words(_detail(answer.body))
        slug = "moderated" if code == "content_moderated" or is_moderation(words) else None
        return Complaint(words=words, slug=slug)

    def look(self, ref: str) -> Call:
        return Call(method="GET", url=f"generations/{ref}")

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        del ref
        return by_state(answer, finished=_finished, failed=_failed, look_again_seconds=_LOOK_AGAIN)


class _Media:
    """References to what the shot is given, in the shape the API takes."""

    def __init__(self, shot: Shot, desk: Desk) -> None:
        self._shot = shot
        self._desk = desk
        pictures = [shot.inputs[frame.asset_id] for frame in shot.request.brief.keyframes]
        is_much = sum(map(desk.size, pictures)) > _MOST_INLINE
        self._ids = luma_files.uploaded(desk, pictures if is_much else (), user_id=shot.owner_id)

    def frame(self, frame: Keyframe) -> Json:
        return self.picture(self._shot.inputs[frame.asset_id])

    def picture(self, file: InputFile) -> Json:
        file_id = self._ids.get(sent(file).key)
        if file_id is not None:
            return {"file_id": file_id}
        part = self._desk.attachment(file, most=_MOST_INLINE)
        return {"data": base64.b64encode(part.content).decode(), "media_type": part.media_type}

    def source(self) -> Json:
        """The film that is edited or reframed: its own by id, any other as an uploaded file."""
        continued = self._shot.continued
        if continued is not None and continued.provider_ref is not None:
            return {"generation_id": continued.provider_ref}
        draft = (self._shot.promotion or {}).get("draft_ref")
        if draft is not None:
            return {"generation_id": draft}
        if continued is None or continued.file is None:
            raise InputRefusedError("There is no film to work on.")
        (file_id,) = luma_files.uploaded(self._desk, [continued.file], user_id=self._shot.owner_id).values()
        return {"file_id": file_id}


def _kind(shot: Shot, media: _Media) -> Json:
    """The type of call and its options; the constraint matrix was checked before any money was held."""
    brief = shot.request.brief
    operation = Operation.EDIT if _is_edit_of_draft(shot) else brief.operation
    match operation:
        case Operation.GENERATE:
            video = {**_picture(brief), "duration": _duration(brief), **_frames(shot, media)}
            return {"type": "video", "aspect_ratio": brief.aspect_ratio, "video": video}
        case Operation.EXTEND:
            video = {**_picture(brief), "duration": _duration(brief), "start_frame": _before(shot)}
            return {"type": "video", "video": video}
        case Operation.EDIT:
            video = {**_picture(brief), "edit": _edit(shot, media)}
            return {"type": "video_edit", "source": media.source(), "video": video}
        case Operation.REFRAME:
            video = {"resolution": brief.resolution.value}
            return {
                "type": "video_reframe",
                "source": media.source(),
                "aspect_ratio": brief.aspect_ratio,
                "video": video,
            }


def _is_edit_of_draft(shot: Shot) -> bool:
    return (shot.promotion or {}).get("method") == "edit-source"


def _picture(brief: Brief) -> Json:
    is_hdr = brief.dynamic_range is DynamicRange.HDR
    options: Json = {"resolution": brief.resolution.value}
    return options | ({"hdr": True} if is_hdr else {}) | ({"exr_export": True} if brief.exr else {})


def _duration(brief: Brief) -> str:
    return f"{brief.duration_seconds}s"


def _frames(shot: Shot, media: _Media) -> Json:
    """A first and a last frame of a short shot by name; anything else on the grid."""
    brief = shot.request.brief
    promoted = _promoted_frames(shot)
    if promoted:
        return _pinned([(index, media.picture(file)) for index, file in promoted])
    if brief.loop:
        first = brief.first_frame
        return {"loop": True} | ({} if first is None else {"start_frame": media.frame(first)})
    if brief.inner_keyframes or (brief.keyframes and brief.duration_seconds > 5):
        return _on_grid(brief.keyframes, media)
    named = {"start_frame": brief.first_frame, "end_frame": brief.last_frame}
    return {name: media.frame(frame) for name, frame in named.items() if frame is not None}


def _promoted_frames(shot: Shot) -> Sequence[tuple[int, InputFile]]:
    """The draft's own first and last frame, where the master is made through them."""
    promotion = shot.promotion or {}
    if promotion.get("method") != "keyframes":
        return ()
    frames = promotion.get("frames") or {}
    last = _index(shot.request.brief.duration_seconds)
    return [
        (index, InputFile(key=frames[name], media_type="image/png"))
        for name, index in (("first", 0), ("last", last))
        if frames.get(name) is not None
    ]


def _on_grid(frames: Sequence[Keyframe], media: _Media) -> Json:
    return _pinned([(_index(frame.at_seconds), media.frame(frame)) for frame in frames])


def _pinned(pins: Sequence[tuple[int, Json]]) -> Json:
    indexes = [index for index, _ in pins]
    if len(set(indexes)) < len(indexes):
        raise InputRefusedError(f"Two keyframes fall on the same frame at {GRID} frames a second.")
    if len(indexes) > _MOST_KEYFRAMES:
        raise InputRefusedError(f"Luma takes {_MOST_KEYFRAMES} keyframes; there are {len(indexes)}.")
    return {"keyframes": [picture for _, picture in pins], "keyframe_indexes": indexes}


def _index(at_seconds: Fraction) -> int:
    return round(at_seconds * GRID)


def _before(shot: Shot) -> Json:
    """What an extension goes on from: only a generation of its own, named by its id."""
    continued = shot.continued
    if continued is None or continued.provider_ref is None:
        raise InputRefusedError(
            "Luma extends its own shots only; give the last frame as a first frame instead."
        )
    return {"generation_id": continued.provider_ref}


def _edit(shot: Shot, media: _Media) -> Json:
    """A master keeps as close to its draft as the model can; else the model finds its own controls."""
    how: Json = {"strength": "adhere_1"} if _is_edit_of_draft(shot) else {"auto_controls": True}
    frames = shot.request.brief.keyframes
    return how | (_on_grid(frames, media) if frames else {})


def _finished(answer: Answer) -> Progress:
    outputs = answer.body.get("output")
    files = (
        [_file(each) for each in outputs if isinstance(each, Mapping)] if isinstance(outputs, list) else []
    )
    found = [file for file in files if file is not None]
    if not any(file["role"] in ("movie", "exr") for file in found):
        detail = "Luma finished without a result."
        return Broken("provider-failed", detail, retryable=True, request_id=answer.request_id)
    return Finished({"files": found})


def _file(output: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """One output. How EXR is named and packed is not published: its type, else its address, tells."""
    url = next(iter(addresses(output.get("url"))), None)
    if url is None:
        return None
    kind = f"{output.get('type')} {url.partition('?')[0]}".lower()
    if "exr" in kind or kind.endswith(".zip"):
        return {"role": "exr", "media_type": "application/zip", "url": url}
    if kind.startswith("image"):
        return {"role": "poster", "media_type": "image/jpeg", "url": url}
    return {"role": "movie", "media_type": "video/mp4", "url": url}


def _failed(answer: Answer) -> Broken:
    code = answer.body.get("failure_code")
    slug, retryable = _SLUGS.get(str(code), ("provider-failed", True))
    said = answer.body.get("failure_reason") or code
    return broken("Luma", answer, slug=slug, said=said, retryable=retryable)


def _detail(body: Mapping[str, Any]) -> Any:
    """`detail` is a sentence, or a list of objects that each say where and what."""
    detail = body.get("detail", body.get("failure_reason"))
    if not isinstance(detail, list):
        return detail
    return "; ".join(_placed(each) if isinstance(each, Mapping) else str(each) for each in detail)


def _placed(problem: Mapping[str, Any]) -> str:
    place = problem.get("loc")
    where = ".".join(str(each) for each in place if each != "body") if isinstance(place, list) else ""
    return f"{where}: {problem.get('msg', problem)}" if where else str(problem.get("msg", problem))
