"""CometAPI's Luma route: the older Luma paths with answers of their own, behind a gateway's errors.

It takes a prompt, frames, a loop and a shape. Nothing is known of a listing, and DELETE is not known to stop
or to save anything; states that no page names mean that it goes on.
"""

from collections.abc import Mapping
from typing import Any, Final

from worker.providers.desk import Desk
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, Finished, InputFile, Progress, Shot
from worker.providers.upstream import (
    Complaint,
    NoListing,
    NoStopping,
    addresses,
    broken,
    by_state,
    is_moderation,
    movie,
    reference,
)
from worker.providers.wording import prompt_of

_GENERATIONS: Final = "dream-machine/v1/generations"
_LOOK_AGAIN: Final = 5.0

Json = dict[str, Any]


class Comet(NoListing, NoStopping):
    """`POST /dream-machine/v1/generations`, `GET /dream-machine/v1/generations/{id}`."""

    name = "comet"
    label = "CometAPI"

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call; pictures go by address."""
        brief = shot.request.brief
        body: Json = {"prompt": prompt_of(shot), "aspect_ratio": brief.aspect_ratio}
        if brief.loop:
            body["loop"] = True
        frames = _frames(shot, desk)
        if frames:
            body["keyframes"] = frames
        if shot.callback_url is not None:
            body["callback_url"] = shot.callback_url
        return Call(method="POST", url=_GENERATIONS, json=body)

    def accepted(self, answer: Answer) -> str | None:
        return reference(answer.body.get("id"))

    def complaint(self, answer: Answer) -> Complaint:
        error = answer.body.get("error")
        said = error.get("message") if isinstance(error, Mapping) else error
        words = answer.words(said or answer.body.get("message") or answer.body.get("failure_reason"))
        return Complaint(words=words, slug="moderated" if is_moderation(words) else None)

    def look(self, ref: str) -> Call:
        return Call(method="GET", url=f"{_GENERATIONS}/{ref}")

    def forget(self, ref: str) -> Call | None:
        return Call(method="DELETE", url=f"{_GENERATIONS}/{ref}")

    def forgotten(self, answer: Answer) -> bool:
        """Only a yes: no page of theirs says what a 404 means here."""
        return answer.is_ok

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        del ref
        return by_state(answer, finished=_finished, failed=_failed, look_again_seconds=_LOOK_AGAIN)


def _frames(shot: Shot, desk: Desk) -> Json:
    promotion = shot.promotion or {}
    if promotion.get("method") == "keyframes":
        keys = promotion.get("frames") or {}
        named = {"frame0": keys.get("first"), "frame1": keys.get("last")}
        files = {name: InputFile(key=key, media_type="image/png") for name, key in named.items() if key}
    else:
        brief = shot.request.brief
        frames = {"frame0": brief.first_frame, "frame1": brief.last_frame}
        files = {name: shot.inputs[frame.asset_id] for name, frame in frames.items() if frame is not None}
    return {name: {"type": "image", "url": desk.link(file)} for name, file in files.items()}


def _finished(answer: Answer) -> Progress:
    video = answer.body.get("video")
    video = video if isinstance(video, Mapping) else {}
    found = addresses(video.get("download_url")) or addresses(video.get("url"))
    if not found:
        detail = "CometAPI finished without a result."
        return Broken("provider-failed", detail, request_id=answer.request_id)
    return Finished({"files": [movie(found[0])]})


def _failed(answer: Answer) -> Broken:
    """A sentence at most. One about fetching our address is no moderation."""
    said = answer.words(answer.body.get("failure_reason") or answer.body.get("message"))
    is_final = is_moderation(said)
    slug = "moderated" if is_final else "provider-failed"
    return broken("CometAPI", answer, slug=slug, said=said or None, retryable=not is_final)
