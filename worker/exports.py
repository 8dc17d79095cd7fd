"""An export's step: a page for every table, a list of every file, and if asked the files, in one zip."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from plugin_backend.domain.keeping import ExportState
from plugin_backend.domain.work import Claim
from plugin_backend.services.keeping import exports
from plugin_backend.services.keeping.exports import ExportRow
from worker.runtime import Runtime

_READ_ME: Final = """What is kept about you, as it was when you asked.

data/*.jsonl    one line of JSON for each row, one file for each kind of thing
media.jsonl     every file that is stored for you: its name and size
media/          those files, where you asked for them
"""


def advance(runtime: Runtime, claim: Claim) -> None:
    """Pack a claimed export, or remove it when its week is over."""
    row = exports.look(runtime.house, claim)
    if row is None:
        return
    if row.state is ExportState.READY:
        runtime.house.storage.delete_prefix(row.prefix)
        exports.expired(runtime.house, claim, row)
        return
    members = [*_pages(runtime, claim, row), *_media(runtime, claim, row)]
    key = f"{row.prefix}/everything-about-you.zip"
    made = runtime.run_media(
        "build_archive", {"files": members, "key": key}, on_progress=runtime.renewing(claim)
    )
    runtime.house.storage.delete_prefix(f"{row.prefix}/parts")
    exports.ready(runtime.house, claim, row, archive={"name": key.rpartition("/")[2], **made})


def _pages(runtime: Runtime, claim: Claim, row: ExportRow) -> Iterator[dict[str, Any]]:
    """Written beside the zip first: a zip's member is known whole before it is written."""
    renew = runtime.renewing(claim)
    yield _stored(runtime, row, "README.txt", [_READ_ME.encode()])
    for name, rows in exports.pages(runtime.house, row):
        page = _stored(runtime, row, f"data/{name}.jsonl", (_line(each) for each in rows))
        renew(0, 1)
        if page["bytes"]:
            yield page


def _media(runtime: Runtime, claim: Claim, row: ExportRow) -> Iterator[dict[str, Any]]:
    renew, listed = runtime.renewing(claim), []
    for prefix in exports.media_prefixes(runtime.house, row):
        listed += [{"key": file.key, "bytes": file.bytes} for file in runtime.house.storage.list(prefix)]
        renew(0, 1)
    yield _stored(runtime, row, "media.jsonl", (_line(each) for each in listed))
    if row.with_media:
        for file in listed:
            yield {**file, "name": f"media/{file['key']}", "sha256": None}


def _stored(runtime: Runtime, row: ExportRow, name: str, chunks: Iterable[bytes]) -> dict[str, Any]:
    key, digest, size = f"{row.prefix}/parts/{name}", hashlib.sha256(), 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    runtime.house.storage.put_stream(key, counted())
    return {"name": name, "key": key, "bytes": size, "sha256": digest.hexdigest()}


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, default=str).encode() + b"\n"
