"""Supplied pictures: uploaded both ways, checked, used as frames, animated; and what is not one."""

import hashlib
import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, a_draft, fetch, slug
from tests.journeys.pictures import photograph
from tests.journeys.stack import Stack
from tests.media import readers


def described(data: bytes, **changed: Any) -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {
        "filename": "frame.jpg",
        "media_type": "image/jpeg",
        "bytes": len(data),
        "sha256": digest,
        **changed,
    }


@pytest.fixture(scope="module")
def first(editor: Person) -> Any:
    return editor.upload("first.jpg", photograph(seed=1), media_type="image/jpeg")


@pytest.fixture(scope="module")
def last(editor: Person) -> Any:
    """By presigned PUT: the link needs no token."""
    data = photograph(seed=2)
    asked = editor.ok("POST", "/v1/assets", described(data))
    upload = asked["upload"]
    early = editor.send("POST", f"/v1/assets/{asked['id']}/complete")
    assert (early.status_code, slug(early)) == (409, "conflict")
    put = httpx.request(
        upload["method"], upload["url"], headers=upload["headers"], content=data, trust_env=False
    )
    assert put.status_code == 204
    assert editor.ok("POST", f"/v1/assets/{asked['id']}/complete")["state"] in ("checking", "ready")
    return editor.until_done(f"/v1/assets/{asked['id']}")


def test_both_ways_of_uploading_end_ready(stack: Stack, first: Any, last: Any) -> None:
    for asset in (first, last):
        assert (asset["state"], asset["kind"]) == ("ready", "image")
        assert (asset["width"], asset["height"]) == (640, 360)
        assert stack.stored(f"incoming/{asset['id']}/") == set(), "the unchecked original does not stay"


@pytest.mark.slow
def test_a_draft_starts_and_ends_on_the_supplied_frames(
    editor: Person, first: Any, last: Any, tmp_path: Path
) -> None:
    keyframes = [
        {"asset_id": first["id"], "at_seconds": 0},
        {"asset_id": last["id"], "at_seconds": 1},
    ]
    draft = editor.ready_draft(brief={"keyframes": keyframes, "prompt": "pan from noon to dusk"})

    movie = fetch(draft["takes"][0]["proxy"]["url"], tmp_path / "proxy.mp4")
    frames = readers.luma(movie, width=640, height=360, pixels="yuv420p").astype(float)

    wanted = [_luma(photograph(seed=seed)) for seed in (1, 2)]
    begin, end = (np.corrcoef(frames[at].ravel(), wanted[i].ravel())[0, 1] for i, at in enumerate((0, -1)))
    assert begin > 0.9
    assert end > 0.9


@pytest.mark.slow
def test_any_photograph_is_animated(editor: Person, tmp_path: Path) -> None:
    for seed in (13, 14):
        asset = editor.upload("photo.jpg", photograph(seed=seed), media_type="image/jpeg")
        brief = {"keyframes": [{"asset_id": asset["id"], "at_seconds": 0}], "prompt": "slow push in"}
        draft = editor.ready_draft(brief=brief)
        movie = fetch(draft["takes"][0]["proxy"]["url"], tmp_path / "proxy.mp4")
        frames = readers.luma(movie, width=640, height=360, pixels="yuv420p").astype(float)
        assert np.corrcoef(frames[0].ravel(), _luma(photograph(seed=seed)).ravel())[0, 1] > 0.9
        assert np.abs(frames[-1] - frames[0]).mean() > 0.3, "it moves"


def test_a_first_frame_with_a_stroke_needs_no_words(editor: Person, first: Any) -> None:
    stroke = {"tool": "arrow", "target": "camera", "points": [[0.7, 0.5], [0.3, 0.5]]}
    brief = {
        "prompt": "",
        "keyframes": [{"asset_id": first["id"], "at_seconds": 0}],
        "annotations": [stroke],
    }

    assert editor.ready_draft(brief=brief)["takes"][0]["state"] == "stored"


@pytest.mark.slow
def test_an_asset_in_use_stays_and_an_unused_one_goes_with_its_files(
    stack: Stack, newcomer: Newcomer
) -> None:
    editor = newcomer()
    asset = editor.upload("a.jpg", photograph(seed=5), media_type="image/jpeg")
    brief = {"keyframes": [{"asset_id": asset["id"], "at_seconds": 0}], "duration_seconds": 2}
    draft = editor.draft(brief=brief)

    refused = editor.send("DELETE", f"/v1/assets/{asset['id']}")
    assert (refused.status_code, slug(refused)) == (409, "conflict")
    assert editor.generation(draft["id"])["state"] == "ready"
    assert editor.send("DELETE", f"/v1/assets/{asset['id']}").status_code == 204
    assert stack.stored(f"assets/{asset['id']}/", f"incoming/{asset['id']}/") == set()
    assert editor.send("GET", f"/v1/assets/{asset['id']}").status_code == 404
    later = editor.send("POST", "/v1/generations", a_draft(brief=brief))
    assert (later.status_code, slug(later)) == (422, "validation")


def test_the_same_upload_sent_twice_with_one_key_is_one_asset(newcomer: Newcomer) -> None:
    editor = newcomer()
    once = {"Idempotency-Key": "one-upload-of-mine"}
    data = photograph(seed=6)

    answers = [
        editor.send("POST", "/v1/assets", files={"file": ("a.jpg", data, "image/jpeg")}, headers=once)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    other = editor.send(
        "POST", "/v1/assets", files={"file": ("a.jpg", photograph(seed=7), "image/jpeg")}, headers=once
    )
    assert (other.status_code, slug(other)) == (422, "idempotency-key-reused")
    assert len(editor.get("/v1/assets")["items"]) == 1


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("picture.png", b"no picture at all")
    return out.getvalue()


def _huge_png() -> bytes:
    """20,000 by 20,000 pixels of nothing: small on the wire, 1.2 GB decoded."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9, wbits=-15)
    row = packer.compress(bytes(60_001)) + packer.flush(zlib.Z_FULL_FLUSH)  # says the same wherever it stands
    checksum = struct.pack(">HH", 60_001 * 20_000 % 65_521, 1)  # Adler-32 of so many zeros
    rows = b"\x78\xda" + row * 20_000 + packer.flush() + checksum
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _truncated_movie(editor: Person, folder: Path) -> bytes:
    """The first half of a proxy: its index promises more than there is."""
    whole = fetch(editor.ready_draft()["takes"][0]["proxy"]["url"], folder / "proxy.mp4").read_bytes()
    return whole[: len(whole) // 2]


@pytest.mark.parametrize("kind", ["zip", "huge", "movie", "text"])
def test_what_is_no_picture_is_rejected_with_a_reason_and_leaves_nothing(
    stack: Stack, editor: Person, tmp_path: Path, kind: str
) -> None:
    name, media_type, make = {
        "zip": ("picture.png", "image/png", _zip),
        "huge": ("huge.png", "image/png", _huge_png),
        "movie": ("shot.mp4", "video/mp4", lambda: _truncated_movie(editor, tmp_path)),
        "text": ("picture.jpg", "image/jpeg", lambda: b"<svg onload=alert(1)>" * 50),
    }[kind]
    data = make()
    before = editor.purse()

    asset = editor.upload(name, data, media_type=media_type)

    assert asset["state"] == "rejected", asset
    assert asset["problem"]
    assert stack.stored(f"assets/{asset['id']}/", f"incoming/{asset['id']}/") == set()
    brief = {"keyframes": [{"asset_id": asset["id"], "at_seconds": 0}]}
    refused = editor.send("POST", "/v1/generations", a_draft(brief=brief))
    assert (refused.status_code, slug(refused)) == (409, "asset-not-ready")
    assert editor.purse() == before


def test_uploads_that_are_not_what_they_say_are_refused(newcomer: Newcomer) -> None:
    editor = newcomer()
    data = photograph(seed=3)
    send = editor.send

    empty = send("POST", "/v1/assets", files={"file": ("a.png", b"", "image/png")})
    assert (empty.status_code, slug(empty)) == (422, "validation")
    nameless = send("POST", "/v1/assets", files={"picture": ("a.png", data, "image/png")})
    assert (nameless.status_code, slug(nameless)) == (422, "validation")
    large = send("POST", "/v1/assets", files={"file": ("a.png", bytes(12 << 20), "image/png")})
    assert (large.status_code, slug(large)) == (413, "payload-too-large")
    vast = send("POST", "/v1/assets", described(data, bytes=10**12))
    assert (vast.status_code, slug(vast)) == (413, "payload-too-large")
    for wrong in ({"bytes": 0}, {"bytes": -1}, {"sha256": "x"}, {"media_type": "a picture"}, {"size": 1}):
        refused = send("POST", "/v1/assets", described(data, **wrong))
        assert (refused.status_code, slug(refused)) == (422, "validation"), wrong
    assert editor.get("/v1/assets")["items"] == []

    other = photograph(seed=4)
    upload = editor.ok("POST", "/v1/assets", described(data))["upload"]
    for content, headers in ((other, upload["headers"]), (data, {"Content-Type": "text/html"})):
        put = httpx.put(upload["url"], content=content, headers=headers, trust_env=False)
        assert put.status_code == 400
        assert slug(put) == "malformed"
    forged = upload["url"].replace(f"bytes={len(data)}", "bytes=99999999")
    put = httpx.put(forged, content=data, headers=upload["headers"], trust_env=False)
    assert (put.status_code, slug(put)) == (403, "forbidden")


def test_a_file_that_differs_from_its_checksum_is_rejected(stack: Stack, newcomer: Newcomer) -> None:
    editor = newcomer()
    data = photograph(seed=8)
    asked = editor.ok("POST", "/v1/assets", described(data, sha256="0" * 64))
    upload = asked["upload"]
    httpx.put(upload["url"], content=data, headers=upload["headers"], trust_env=False)

    editor.ok("POST", f"/v1/assets/{asked['id']}/complete")

    asset = editor.until_done(f"/v1/assets/{asked['id']}")
    assert asset["state"] == "rejected"
    assert "sha256" in asset["problem"]
    assert stack.stored(f"incoming/{asked['id']}/") == set()


def _luma(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("L"), dtype=float)
