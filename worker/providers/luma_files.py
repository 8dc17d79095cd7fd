"""Luma's Files API: small files inline, large ones to an address it names; used once it has read them."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from worker.providers.desk import Desk, InputRefusedError, NotReadyError, TurnedDownError, sent
from worker.providers.http import Answer, Call
from worker.providers.messages import Stream
from worker.providers.protocol import InputFile
from worker.providers.upstream import addresses, is_moderation, reference

_MOST_INLINE: Final = 8 << 20
_MOST_BYTES: Final = 200 << 20
_UPLOAD_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.25
_KEPT_SECONDS: Final = 3600.0
_TOGETHER: Final = 8


def uploaded(desk: Desk, files: Sequence[InputFile], *, user_id: str) -> Mapping[str, str]:
    """The ids of files of ours, by key, there and ready; `NotReadyError` when one is still being read.

    What was given once stays known for an hour, so that asking again goes on where this was.
    """
    until = time.monotonic() + desk.reading_seconds

    def one(file: InputFile) -> str:
        key = sent(file).key
        file_id = desk.uploads.find(key)
        if file_id is None:
            file_id = _upload(desk, file, user_id=user_id)
            desk.uploads.keep(key, file_id, seconds=_KEPT_SECONDS)
        return file_id

    with ThreadPoolExecutor(_TOGETHER) as pool:
        ids = dict(zip([sent(file).key for file in files], pool.map(one, files), strict=True))
        list(pool.map(lambda key: _await(desk, key, ids[key], until=until), ids))
    return ids


def _upload(desk: Desk, file: InputFile, *, user_id: str) -> str:
    if desk.size(file) > _MOST_INLINE:
        return _put(desk, file, user_id=user_id)
    part = desk.attachment(file, most=_MOST_INLINE)
    form = {
        "mime_type": part.media_type,
        "size_bytes": str(len(part.content)),
        "purpose": "input",
        "user_id": user_id,
    }
    call = Call(method="POST", url="files", form=form, files={"file": part})
    return _id(desk.ask(call, seconds=_UPLOAD_SECONDS))


def _put(desk: Desk, file: InputFile, *, user_id: str) -> str:
    """Announce it, put it where we are told, say that it is there."""
    body = desk.stream(file)
    if body.length > _MOST_BYTES:
        raise InputRefusedError(f"A film has {body.length >> 20} MB; Luma takes {_MOST_BYTES >> 20} MB.")
    announced = {
        "mime_type": body.media_type,
        "size_bytes": body.length,
        "purpose": "input",
        "user_id": user_id,
    }
    answer = desk.ask(Call(method="POST", url="files", json=announced))
    file_id = _id(answer)
    desk.ask(_envelope(answer, body), seconds=_UPLOAD_SECONDS)
    desk.ask(Call(method="POST", url=f"files/{file_id}/complete"))
    return file_id


def _envelope(answer: Answer, body: Stream) -> Call:
    """The upload as Luma wants it; the address is its storage's, so our key does not go along."""
    upload = answer.body.get("upload")
    upload = upload if isinstance(upload, dict) else {}
    url = next(iter(addresses(upload.get("url"))), None)
    if url is None:
        raise TurnedDownError(answer)
    given = upload.get("headers")
    headers = {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    return Call(method="PUT", url=url, headers=headers, body=body, signed=False)


def _await(desk: Desk, key: str, file_id: str, *, until: float) -> None:
    while True:
        answer = desk.ask(Call(method="GET", url=f"files/{file_id}"))
        match answer.body.get("state"):
            case "ready":
                return
            case "failed" | "deleted":
                desk.uploads.forget(key)
                reason = answer.words(answer.body.get("failure_reason")) or "it gave no reason"
                slug = "moderated" if is_moderation(reason) else "invalid-input"
                raise InputRefusedError(f"Luma did not take an input: {reason}", slug=slug)
            case _:
                if time.monotonic() >= until:
                    raise NotReadyError
                time.sleep(_LOOK_SECONDS)


def _id(answer: Answer) -> str:
    file_id = reference(answer.body.get("id"))
    if file_id is None:
        raise TurnedDownError(answer)
    return file_id
