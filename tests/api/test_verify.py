"""POST /v1/verify: anybody's file, read in a child, answered in one go."""

import hashlib
import io
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import pytest
from flask.testing import FlaskClient

from plugin_backend.api.verify import VERIFIED_BYTES
from plugin_backend.config import Settings
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.services.verification import Verdict, VerifyingRoom
from plugin_backend.signing import development_credential
from tests.api.people import Person, problem
from tests.provenance.signing_desk import claim, sealer, still


@pytest.fixture
def picture(tmp_path: Path, roomy: Settings) -> bytes:
    """A still that this deployment signed."""
    path = still(tmp_path / "still.jpg")
    sealer(tmp_path, development_credential(roomy.secret_key), claim(proxy_key=None)).seal(path)
    return path.read_bytes()


def _ask(person: Person, *, name: str = "still.jpg", **parts: bytes) -> Any:
    form = {part: (io.BytesIO(data), name) for part, data in parts.items()}
    return person.send("POST", "/v1/verify", data=form)


def test_a_file_of_ours_is_intact_and_says_what_it_is(editor: Person, picture: bytes) -> None:
    answer = _ask(editor, file=picture)

    assert answer.status_code == 200, answer.text
    found = answer.json
    assert (found["verdict"], found["intact"], found["good"]) == ("intact", True, True)
    assert (found["signer"], found["source_type"]) == ("development", "trainedAlgorithmicMedia")
    assert found["signed_by"]["name"] == "Development certificate, not trusted"
    assert (found["generation"]["model"], found["generation"]["seed"]) == ("ray-3.2", "7")
    assert found["summary"][0] == "still.jpg: intact, every byte is as it was signed."


def test_one_flipped_bit_is_found(editor: Person, picture: bytes) -> None:
    changed = bytearray(picture)
    changed[-50] ^= 1

    found = _ask(editor, file=bytes(changed)).json

    assert (found["verdict"], found["intact"], found["good"]) == ("altered", False, False)
    assert found["failures"]


@pytest.mark.parametrize("data", [b"", b"not a picture at all", b"\xff\xd8\xff\xe0" + b"\x00" * 64])
def test_of_a_file_that_nobody_signed_nothing_is_claimed(editor: Person, data: bytes) -> None:
    found = _ask(editor, file=data).json

    assert found["verdict"] in ("unsigned", "unreadable")
    assert (found["intact"], found["good"], found["signer"]) == (False, False, None)


def test_a_frame_comes_with_its_sidecar(editor: Person, tmp_path: Path, roomy: Settings) -> None:
    press = sealer(tmp_path, development_credential(roomy.secret_key), claim(proxy_key=None))
    frame = b"v/1\x01 a frame"
    listed = [{"name": "shot.0000001.exr", "sha256": _sha256(frame)}]
    sidecar = press.seal_frames("shot.0000001.exr", listed)["shot.c2pa"]

    found = _ask(editor, name="shot.0000001.exr", file=frame, sidecar=sidecar).json
    changed = _ask(editor, name="shot.0000001.exr", file=frame + b"!", sidecar=sidecar).json

    assert (found["verdict"], found["found"]) == ("intact", "sequence")
    assert (changed["verdict"], changed["failures"][0]["code"]) == ("altered", "frame.mismatch")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_what_is_not_asked_that_way_is_refused(editor: Person, client: FlaskClient, picture: bytes) -> None:
    assert problem(editor.post("/v1/verify", {"asset_id": "ast_1"})) == "unsupported-media"
    assert problem(_ask(editor, picture=picture)) == "validation"
    assert problem(_ask(editor, file=picture, another=b"x")) == "validation"
    assert problem(client.post("/v1/verify")) == "unauthenticated"


def test_a_larger_file_is_refused_before_it_is_read(editor: Person) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.mov"\r\n\r\n'
    body = head + bytes(VERIFIED_BYTES + (2 << 20)) + b"\r\n--edge--\r\n"
    form = {"data": body, "content_type": "multipart/form-data; boundary=edge"}

    assert problem(editor.send("POST", "/v1/verify", **form)) == "payload-too-large"


def test_only_a_few_children_run_at_a_time(tmp_path: Path) -> None:
    room, picture = VerifyingRoom(BoundedSemaphore(1)), still(tmp_path / "still.jpg")
    with room.seats, pytest.raises(RateLimitedError):
        room.verify(picture, name="still.jpg", sidecar=None, roots="")

    found = room.verify(picture, name="still.jpg", sidecar=None, roots="")

    assert found.verdict is Verdict.UNSIGNED
