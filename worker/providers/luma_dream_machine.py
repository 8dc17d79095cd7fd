"""Luma Dream Machine API (`ray-2`, `ray-flash-2`): frames, loop, extend, concepts, upscale, sound, and more.

Its listing echoes our callback address, token and all, so an attempt whose answer was lost is found again. It
takes pictures and films by address only. There is no cancelling: DELETE removes what was made, and is not
known to stop or to save anything, so it is sent for who is forgotten only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from plugin_backend.domain.brief import Brief, Operation, Resolution
from plugin_backend.domain.making.additions import Addition
from worker.providers.concepts import Concepts
from worker.providers.desk import Desk, InputRefusedError
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, Finished, InputFile, Progress, Shot
from worker.providers.upstream import (
    Complaint,
    Listed,
    NoStopping,
    addresses,
    broken,
    by_state,
    is_moderation,
    moment,
    movie,
    reference,
)
from worker.providers.wording import controls_of, prompt_of

_VIDEO: Final = "generations/video"
_PAGE: Final = 100
_OVERLAP: Final = 10  # new generations push others to the next page; deleted ones pull them to the one before
_LOOK_AGAIN: Final = 3.0
_NOT_THERE: Final = (404, 410)
_MODE: Final = "flex_2"  # the middle of nine steps from `adhere_1` to `reimagine_3`
_FAITHFUL_MODE: Final = "adhere_1"

Json = dict[str, Any]


class LumaDreamMachine(NoStopping):
    """`POST /generations/video` and its kin, `GET /generations/{id}`, `GET /generations`."""

    name = "luma-dream-machine"
    label = "Luma Dream Machine"

    def __init__(self) -> None:
        self._concepts = Concepts()

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call: a new film, or something done to one that it made before."""
        if not shot.callback_url:
            raise InputRefusedError("There is no address for a callback, by which it would be found again.")
        path, body = _work(shot, desk)
        if path == _VIDEO:
            concept = self._concepts.of(controls_of(shot).concepts, desk)
            body |= {} if concept is None else {"concepts": [{"key": concept}]}
        return Call(method="POST", url=path, json={**body, "callback_url": shot.callback_url})

    def accepted(self, answer: Answer) -> str | None:
        return reference(answer.body.get("id"))

    def complaint(self, answer: Answer) -> Complaint:
        words = answer.words(answer.body.get("detail", answer.body.get("failure_reason")))
        return Complaint(words=words, slug="moderated" if is_moderation(words) else None)

    def look(self, ref: str) -> Call:
        return Call(method="GET", url=f"generations/{ref}")

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        del ref
        return by_state(answer, finished=_finished, failed=_failed, look_again_seconds=_LOOK_AGAIN)

    def forget(self, ref: str) -> Call | None:
        return Call(method="DELETE", url=f"generations/{ref}")

    def forgotten(self, answer: Answer) -> bool:
        return answer.is_ok or answer.status in _NOT_THERE

    def page(self, number: int) -> Call | None:
        query = {"limit": _PAGE, "offset": number * (_PAGE - _OVERLAP)}
        return Call(method="GET", url="generations", query=query)

    def listed(self, answer: Answer) -> tuple[Sequence[Listed], bool]:
        given = answer.data if isinstance(answer.data, list) else answer.body.get("generations")
        lines = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
        found = [line for line in map(_listed, lines) if line is not None]
        has_more = answer.body.get("has_more")
        return found, has_more if isinstance(has_more, bool) else len(lines) == _PAGE


def _work(shot: Shot, desk: Desk) -> tuple[str, Json]:
    """Where the call goes and what it says, but for the callback."""
    promotion = shot.promotion or {}
    if shot.addition is Addition.AUDIO:
        body = {"generation_type": "add_audio", "prompt": prompt_of(shot)}
        return f"generations/{_before(shot)}/audio", body
    if shot.addition is Addition.UPSCALE:
        return _upscale(_before(shot), shot)
    if promotion.get("method") == "upscale" and promotion.get("draft_ref") is not None:
        return _upscale(promotion["draft_ref"], shot)
    return _film_call(shot, desk)


def _film_call(shot: Shot, desk: Desk) -> tuple[str, Json]:
    is_edit = (shot.promotion or {}).get("method") == "edit-source"
    match Operation.EDIT if is_edit else shot.request.brief.operation:
        case Operation.GENERATE:
            return _VIDEO, _video(shot, _frames(shot, desk))
        case Operation.EXTEND:
            return _VIDEO, _video(shot, {"frame0": {"type": "generation", "id": _before(shot)}})
        case Operation.EDIT:
            return f"{_VIDEO}/modify", _modify(shot, desk)
        case Operation.REFRAME:
            return f"{_VIDEO}/reframe", _reframe(shot, desk)


def _video(shot: Shot, frames: Json) -> Json:
    brief = shot.request.brief
    body: Json = {
        "generation_type": "video",
        "model": brief.model,
        "prompt": prompt_of(shot),
        "aspect_ratio": brief.aspect_ratio,
        "duration": f"{brief.duration_seconds}s",
        "resolution": _resolution(brief),
    }
    return body | ({"loop": True} if brief.loop else {}) | ({"keyframes": frames} if frames else {})


def _frames(shot: Shot, desk: Desk) -> Json:
    """First and last, by address; the draft's own where the master is made through them."""
    promotion = shot.promotion or {}
    if promotion.get("method") == "keyframes":
        keys = promotion.get("frames") or {}
        given = {"frame0": keys.get("first"), "frame1": keys.get("last")}
        files = {name: InputFile(key=key, media_type="image/png") for name, key in given.items() if key}
    else:
        brief = shot.request.brief
        frames = {"frame0": brief.first_frame, "frame1": brief.last_frame}
        files = {name: shot.inputs[frame.asset_id] for name, frame in frames.items() if frame is not None}
    return {name: {"type": "image", "url": desk.link(file)} for name, file in files.items()}


def _modify(shot: Shot, desk: Desk) -> Json:
    is_draft = (shot.promotion or {}).get("method") == "edit-source"
    first = shot.request.brief.first_frame
    return {
        "generation_type": "modify_video",
        "model": shot.request.brief.model,
        "prompt": prompt_of(shot),
        "mode": _FAITHFUL_MODE if is_draft else _MODE,
        "media": {"url": _film(shot, desk)},
    } | ({} if first is None else {"first_frame": {"url": desk.link(shot.inputs[first.asset_id])}})


def _reframe(shot: Shot, desk: Desk) -> Json:
    return {
        "generation_type": "reframe_video",
        "model": shot.request.brief.model,
        "prompt": prompt_of(shot),
        "aspect_ratio": shot.request.brief.aspect_ratio,
        "media": {"url": _film(shot, desk)},
    }


def _upscale(ref: str, shot: Shot) -> tuple[str, Json]:
    body = {"generation_type": "upscale_video", "resolution": _resolution(shot.request.brief)}
    return f"generations/{ref}/upscale", body


def _resolution(brief: Brief) -> str:
    return "4k" if brief.resolution is Resolution.P2160 else brief.resolution.value


def _before(shot: Shot) -> str:
    continued = shot.continued
    if continued is None or continued.provider_ref is None:
        raise InputRefusedError("Luma Dream Machine goes on from its own shots only.")
    return continued.provider_ref


def _film(shot: Shot, desk: Desk) -> str:
    if shot.continued is None or shot.continued.file is None:
        raise InputRefusedError("There is no film to work on.")
    return desk.link(shot.continued.file)


def _finished(answer: Answer) -> Progress:
    assets = answer.body.get("assets")
    video = addresses(assets.get("video")) if isinstance(assets, Mapping) else ()
    if not video:
        detail = "Luma Dream Machine finished without a result."
        return Broken("provider-failed", detail, retryable=True, request_id=answer.request_id)
    return Finished({"files": [movie(video[0])]})


def _failed(answer: Answer) -> Broken:
    """It gives no code, only a sentence. One about fetching our address is no moderation."""
    said = answer.words(answer.body.get("failure_reason"))
    is_final = is_moderation(said)
    slug = "moderated" if is_final else "provider-failed"
    return broken("Luma Dream Machine", answer, slug=slug, said=said, retryable=not is_final)


def _listed(line: Mapping[str, Any]) -> Listed | None:
    ref, request = reference(line.get("id")), line.get("request")
    if ref is None:
        return None
    echoed = request.get("callback_url") if isinstance(request, Mapping) else None
    return Listed(ref=ref, marks=str(echoed), created_at=moment(line.get("created_at")))
