"""Adobe Firefly Video: jobs are followed and cancelled at the addresses it names, on a host of their own.

A reference holds both: the status address, `#`, the cancel address. Ours is sent there only while they are
Adobe's. It takes no duration and no callback, and lists nothing.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from plugin_backend.domain.delivering.picture_size import picture_size
from plugin_backend.domain.making.seeds import LARGEST_SENT
from plugin_backend.outbound import Origin
from worker.providers.desk import Desk, InputRefusedError, TurnedDownError, sent
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, Finished, InputFile, Progress, Running, Shot, Stopped
from worker.providers.upstream import Complaint, NoForgetting, NoListing, addresses, broken, movie, reference
from worker.providers.wording import controls_of, prompt_of

_LOOK_AGAIN: Final = 15.0  # four requests a minute is all that an organisation has by default
_UPLOAD_SECONDS: Final = 30.0
_KEPT_SECONDS: Final = 3600.0
_ADOBE: Final = ".adobe.io"

_SLUGS: Final[Mapping[str, str]] = {
    "prompt_unsafe": "moderated",
    "input_media_unsafe": "moderated",
    "output_media_unsafe": "moderated",
    "reference_image_unsafe_error": "moderated",
    "language_not_supported": "invalid-input",
    "validation_error": "invalid-input",
    "bad_request": "invalid-input",
    "input_media_indecipherable": "invalid-input",
    "job_timeout": "timed-out",
    "timeout_error": "timed-out",
}
_FINAL: Final = frozenset({"moderated", "invalid-input"})

Json = dict[str, Any]


class Firefly(NoListing, NoForgetting):
    """`POST /v3/videos/generate`, then what its answer names."""

    name = "adobe-firefly"
    label = "Adobe Firefly"

    def __init__(self, base_url: str) -> None:
        self._origin = Origin.of(base_url)

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call; pictures are uploaded first, for it fetches from few hosts only."""
        brief = shot.request.brief
        width, height = picture_size(brief.resolution, brief.aspect_ratio)
        body: Json = {
            "prompt": prompt_of(shot),
            "sizes": [{"width": width, "height": height}],
            "seeds": [shot.seed & LARGEST_SENT],
        }
        conditions = _conditions(shot, desk)
        if conditions:
            body["image"] = {"conditions": conditions}
        motion = controls_of(shot).camera
        if motion is not None:
            body["videoSettings"] = {"cameraMotion": motion}
        # Echoed for their support; it finds nothing again, for nothing is listed.
        headers = {"x-request-id": shot.token}
        return Call(method="POST", url="v3/videos/generate", json=body, headers=headers)

    def accepted(self, answer: Answer) -> str | None:
        status = next(iter(addresses(answer.body.get("statusUrl"))), None)
        cancel = next(iter(addresses(answer.body.get("cancelUrl"))), "")
        if status is None or not self._is_adobes(status):
            return None
        return reference(f"{status}#{cancel if self._is_adobes(cancel) else ''}")

    def complaint(self, answer: Answer) -> Complaint:
        code = str(answer.body.get("error_code") or "")
        return Complaint(words=answer.words(_said(answer.body)), slug=_SLUGS.get(code))

    def look(self, ref: str) -> Call:
        return Call(method="GET", url=ref.partition("#")[0], signed=True)

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        """Some ends come as an HTTP status, the others as a state; a state nobody knows is still running."""
        del ref
        if not answer.is_ok:
            return _ended(answer)
        match answer.body.get("status"):
            case "succeeded":
                return _finished(answer)
            case "failed":
                return _failed(answer)
            case "canceled" | "cancelled":
                return Stopped(charged=None)
            case _:
                return Running(_share(answer.body.get("progress")), look_again_seconds=_LOOK_AGAIN)

    def stop(self, ref: str) -> Call | None:
        cancel = ref.partition("#")[2]
        return Call(method="PUT", url=cancel, signed=True) if cancel else None

    def stopped(self, answer: Answer) -> Stopped | None:
        """It does not say whether what was begun is billed; one that cannot be stopped any more goes on."""
        return Stopped(charged=None) if answer.is_ok or answer.status == 499 else None

    def _is_adobes(self, url: str) -> bool:
        """Whether our token may be sent there."""
        if not url:
            return False
        parts = urlsplit(url)
        is_elsewhere = parts.scheme == "https" and (parts.hostname or "").endswith(_ADOBE)
        return is_elsewhere or Origin.of(url) == self._origin


def _conditions(shot: Shot, desk: Desk) -> list[Json]:
    """Pictures by their place in the clip, 0 to 1."""
    promotion = shot.promotion or {}
    if promotion.get("method") == "keyframes":
        keys = promotion.get("frames") or {}
        given = [(InputFile(key=keys[n], media_type="image/png"), at) for n, at in _ENDS if keys.get(n)]
    else:
        brief = shot.request.brief
        given = [
            (shot.inputs[frame.asset_id], float(frame.at_seconds / brief.duration_seconds))
            for frame in brief.keyframes
        ]
    return [
        {"source": {"uploadId": _uploaded(desk, file)}, "placement": {"position": position}}
        for file, position in given
    ]


_ENDS: Final = (("first", 0.0), ("last", 1.0))


def _uploaded(desk: Desk, file: InputFile) -> str:
    key = sent(file).key
    upload_id = desk.uploads.find(key)
    if upload_id is None:
        body = desk.stream(file)
        if body.media_type not in ("image/jpeg", "image/png", "image/webp"):
            raise InputRefusedError("Adobe Firefly takes pictures only: JPEG, PNG or WebP.")
        call = Call(method="POST", url="v2/storage/image", body=body)
        answer = desk.ask(call, seconds=_UPLOAD_SECONDS)
        images = answer.body.get("images")
        first = images[0] if isinstance(images, list) and images else None
        upload_id = reference(first.get("id")) if isinstance(first, Mapping) else None
        if upload_id is None:
            raise TurnedDownError(answer)
        desk.uploads.keep(key, upload_id, seconds=_KEPT_SECONDS)
    return upload_id


def _said(body: Mapping[str, Any]) -> Any:
    """The message, and the fields it is about; never the stack trace that comes along."""
    listed = body.get("validation_errors")
    places = [
        f"{'.'.join(map(str, each.get('loc', ())))}: {each.get('msg')}"
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, Mapping)
    ]
    return "; ".join(filter(None, [str(body.get("message") or body.get("error_code") or ""), *places]))


def _share(given: Any) -> float | None:
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return min(1.0, max(0.0, given / 100)) if is_number else None


def _finished(answer: Answer) -> Progress:
    result = answer.body.get("result")
    outputs = result.get("outputs") if isinstance(result, Mapping) else None
    listed = outputs if isinstance(outputs, list) else []
    videos = [each.get("video") for each in listed if isinstance(each, Mapping)]
    found = [url for video in videos if isinstance(video, Mapping) for url in addresses(video.get("url"))]
    if not found:
        detail = "Adobe Firefly finished without a result."
        return Broken("provider-failed", detail, request_id=answer.request_id)
    return Finished({"files": [movie(found[0])]})


def _ended(answer: Answer) -> Progress | None:
    match answer.status:
        case 410:
            return broken("Adobe Firefly", answer, slug="timed-out", said=_said(answer.body), retryable=True)
        case 451:
            return broken("Adobe Firefly", answer, slug="moderated", said=_said(answer.body))
        case 499:
            return Stopped(charged=None)
        case _:
            return None


def _failed(answer: Answer) -> Broken:
    slug = _SLUGS.get(str(answer.body.get("error_code")), "provider-failed")
    said = _said(answer.body)
    return broken("Adobe Firefly", answer, slug=slug, said=said or None, retryable=slug not in _FINAL)
