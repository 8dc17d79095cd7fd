"""Atlas Cloud: many makers' models behind one route, each with field names of its own (`models.toml`).

It lists nothing and cancels nothing. Its webhook is a nudge like any other: what it says is never believed,
so its signature need not be. A fresh prediction may answer 400 or 404 for a while.
"""

from collections.abc import Mapping
from typing import Any, Final

from plugin_backend.domain.capabilities import facts
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.making.field_map import FieldMap, field_map_for
from plugin_backend.domain.making.seeds import LARGEST_SENT
from plugin_backend.domain.seconds import as_number
from worker.providers.desk import Desk, InputRefusedError, TurnedDownError, sent
from worker.providers.http import Answer, Call
from worker.providers.protocol import Broken, Finished, InputFile, Progress, Running, Shot
from worker.providers.upstream import (
    Complaint,
    NoForgetting,
    NoListing,
    NoStopping,
    addresses,
    broken,
    is_moderation,
    movie,
    reference,
)
from worker.providers.wording import prompt_of

_LOOK_AGAIN: Final = 3.0
_UPLOAD_SECONDS: Final = 30.0
_KEPT_SECONDS: Final = 1800.0  # uploads are cleared away "periodically"
_MOST_BYTES: Final = 20 << 20
_REFERENCES: Final = {"references": "image/", "sound_references": "audio/"}

Json = dict[str, Any]


class Atlas(NoListing, NoStopping, NoForgetting):
    """`POST /model/generateVideo`, `GET /model/prediction/{id}`, `POST /model/uploadMedia`."""

    name = "atlas"
    label = "Atlas Cloud"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def call(self, shot: Shot, desk: Desk) -> Call:
        """The one paid call, in the words of the model that makes the shot."""
        model = self._catalogue.model(shot.request.brief.model)
        way = field_map_for(model.upstream, facts(shot.request))
        if way is None:
            raise InputRefusedError(f"{model.label} has no way of making this on {self.label}.")
        body: Json = {"model": way.id, **way.fixed, **_fields(way, shot, desk)}
        if shot.callback_url is not None and _can_be_called(shot.callback_url, desk.http.base_url):
            body["webhook_url"] = shot.callback_url
        return Call(method="POST", url="model/generateVideo", json=body)

    def accepted(self, answer: Answer) -> str | None:
        return reference(_data(answer).get("id"))

    def complaint(self, answer: Answer) -> Complaint:
        """Three shapes: a sentence in `msg`, an `error` object, an `error` sentence in the data."""
        error = answer.body.get("error")
        said = error.get("message") if isinstance(error, Mapping) else error
        words = answer.words(answer.body.get("msg") or said or _data(answer).get("error"))
        return Complaint(words=words, slug="moderated" if is_moderation(words) else None)

    def look(self, ref: str) -> Call:
        return Call(method="GET", url=f"model/prediction/{ref}")

    def progress(self, ref: str, answer: Answer) -> Progress | None:
        """Failures come as successes of HTTP; a status nobody knows is still running."""
        del ref
        if not answer.is_ok:
            return None
        match _data(answer).get("status"):
            case "completed" | "succeeded":
                return _finished(answer)
            case "failed":
                return _failed(answer, slug="provider-failed")
            case "timeout":
                return _failed(answer, slug="timed-out")
            case _:
                return Running(look_again_seconds=_LOOK_AGAIN)


def _fields(way: FieldMap, shot: Shot, desk: Desk) -> Json:
    """What the model is told, under its own names; what it has no name for was refused before, or is moot."""
    brief = shot.request.brief
    frames = {"first_frame": _frame(shot, "first"), "last_frame": _frame(shot, "last")}
    plain: Json = {
        "prompt": prompt_of(shot),
        "duration_seconds": as_number(brief.duration_seconds),
        "resolution": brief.resolution.value,
        "aspect_ratio": brief.aspect_ratio,
        "audio": brief.audio,
        "seed": shot.seed & LARGEST_SENT,
    }
    given: Json = {name: _uploaded(desk, file) for name, file in frames.items() if file is not None}
    files = [shot.inputs[each.asset_id] for each in brief.references]
    for name, kind in _REFERENCES.items():
        chosen = [_uploaded(desk, file) for file in files if file.media_type.startswith(kind)]
        given |= {name: chosen} if chosen else {}
    known = plain | given
    return {theirs: _spelt(way, ours, known[ours]) for ours, theirs in way.send.items() if ours in known}


def _spelt(way: FieldMap, name: str, value: Any) -> Any:
    return way.values.get(name, {}).get(value, value) if isinstance(value, str) else value


def _frame(shot: Shot, place: str) -> InputFile | None:
    """The editor's frame, or the draft's own where the master is made through its frames."""
    promotion = shot.promotion or {}
    if promotion.get("method") == "keyframes":
        key = (promotion.get("frames") or {}).get(place)
        return None if key is None else InputFile(key=key, media_type="image/png")
    brief = shot.request.brief
    frame = brief.first_frame if place == "first" else brief.last_frame
    return None if frame is None else shot.inputs[frame.asset_id]


def _uploaded(desk: Desk, file: InputFile) -> str:
    """The address of a picture of ours on their side."""
    key = sent(file).key
    url = desk.uploads.find(key)
    if url is None:
        part = desk.attachment(file, most=_MOST_BYTES)
        call = Call(method="POST", url="model/uploadMedia", files={"file": part})
        answer = desk.ask(call, seconds=_UPLOAD_SECONDS)
        url = next(iter(addresses(_data(answer).get("download_url"))), None)
        if url is None:
            raise TurnedDownError(answer)
        desk.uploads.keep(key, url, seconds=_KEPT_SECONDS)
    return url


def _can_be_called(callback_url: str, base_url: str) -> bool:
    """They refuse a request whose webhook is no public address; only one that is as private may have it."""
    return callback_url.startswith("https://") or not base_url.startswith("https://")


def _data(answer: Answer) -> Mapping[str, Any]:
    data = answer.body.get("data")
    return data if isinstance(data, Mapping) else {}


def _finished(answer: Answer) -> Progress:
    """`outputs` is the rule; `output`, a sentence or a list, is seen too."""
    data = _data(answer)
    found = addresses(data.get("outputs")) or addresses(data.get("output"))
    if not found:
        # Some makers say so of what they moderated away: asking again would be paid again.
        detail = "Atlas Cloud finished without a result, as some models do with what moderation removed."
        return Broken("provider-failed", detail, request_id=answer.request_id)
    return Finished({"files": [movie(found[0])]})


def _failed(answer: Answer, *, slug: str) -> Broken:
    data = _data(answer)
    said = answer.words(data.get("error"))
    is_final = is_moderation(said)
    code = data.get("error_code")
    words = f"{said} (code {code})" if code else said
    return broken(
        "Atlas Cloud",
        answer,
        slug="moderated" if is_final else slug,
        said=words or None,
        retryable=not is_final,
    )
