"""A delivery's Content Credentials, read back by the library alone, and its files by other readers."""

import hashlib
import json
from pathlib import Path
from typing import Any

import av
import pytest

from plugin_backend.signing import development_credential, roots_of
from tests.conform.take import Delivered, deliver, store_take, take
from tests.domain.conforms import EXR, PRORES, PROXY
from tests.media import readers
from tests.provenance.signing_desk import claim, flipped, read_elsewhere, statement, store_proxies
from worker.provenance.reading import read_credentials

pytestmark = pytest.mark.slow

CREDENTIAL = development_credential("a secret of this test alone" * 2)
ROOT = roots_of([CREDENTIAL])
DRAFT = claim(1, kind="draft", model="animatic", provider="animatic", generator="animatic", is_trained=False)
MASTER = claim(2)
SEQUENCE = {
    "frame_rate": "24000/1001",
    "width": 320,
    "height": 180,
    "playhead_timecode": "01:00:10:00",
    "handles_frames": 2,
}
SIGNED = {"movie": "video/quicktime", "proxy": "video/mp4", "poster": "image/jpeg"}


def _made(folder: Path, provenance: dict[str, Any] | None) -> Delivered:
    facts = take(frames=12)
    store_take(folder, facts)
    store_proxies(folder, DRAFT, MASTER)
    return deliver(folder, facts, [EXR, PRORES, PROXY], sequence=SEQUENCE, provenance=provenance)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    provenance = {"credential": CREDENTIAL.to_json(), "statement": statement(DRAFT, MASTER).to_json()}
    return _made(tmp_path_factory.mktemp("signed"), provenance)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    return _made(tmp_path_factory.mktemp("plain"), None)


def _path(delivered: Delivered, kind: str) -> Path:
    if kind == "movie":
        return delivered.movie
    return delivered.path(delivered.file(role=kind, media_type=SIGNED[kind]))


def _provenance(delivered: Delivered) -> tuple[Path, Path]:
    """The list of the frames' checksums, and the credential of that list."""
    found = [delivered.path(file) for file in delivered.result["files"] if file["role"] == "provenance"]
    listed, sidecar = found
    return listed, sidecar


@pytest.mark.parametrize(("kind", "form"), SIGNED.items())
def test_a_movie_or_still_is_trusted_by_who_trusts_our_root(
    delivered: Delivered, kind: str, form: str
) -> None:
    path = _path(delivered, kind)

    assert read_elsewhere(path, form, root=ROOT)["state"] == "Trusted"
    assert read_elsewhere(path, form, root="")["state"] == "Valid"


def test_the_chain_leads_from_the_delivery_over_the_master_to_the_draft(delivered: Delivered) -> None:
    found = json.loads(read_elsewhere(delivered.movie, "video/quicktime", root=ROOT)["json"])
    active = found["manifests"][found["active_manifest"]]
    (parent,) = active["ingredients"]
    master = found["manifests"][parent["active_manifest"]]
    (origin,) = master["ingredients"]
    draft = found["manifests"][origin["active_manifest"]]

    assert (parent["relationship"], origin["relationship"]) == ("parentOf", "inputTo")
    assert [_made_as(each) for each in (active, master, draft)] == [
        "c2pa.opened",
        "c2pa.created trainedAlgorithmicMedia",
        "c2pa.created algorithmicMedia",
    ]
    assert [_told(each)["generation_id"] for each in (active, master, draft)] == ["gen_2", "gen_2", "gen_1"]
    assert _told(active)["delivery_id"] == "dlv_1"
    assert "development certificate, not trusted" in active["claim_generator_info"][0]["name"]


def _made_as(manifest: dict[str, Any]) -> str:
    action = _assertion(manifest, "c2pa.actions.v2")["actions"][0]
    kind = action.get("digitalSourceType", "").rpartition("/")[2]
    return f"{action['action']} {kind}".strip()


def _told(manifest: dict[str, Any]) -> dict[str, Any]:
    return _assertion(manifest, "com.plugin-backend.generation")


def _assertion(manifest: dict[str, Any], label: str) -> dict[str, Any]:
    (found,) = [each["data"] for each in manifest["assertions"] if each["label"] == label]
    assert isinstance(found, dict)
    return found


def test_nobody_may_train_on_a_clients_material(delivered: Delivered) -> None:
    active = read_elsewhere(delivered.movie, "video/quicktime", root=ROOT)["active"]
    entries = _assertion(active, "cawg.training-mining")["entries"]

    assert {use["use"] for use in entries.values()} == {"notAllowed"}
    assert "cawg.ai_generative_training" in entries


def test_what_is_listed_is_the_signed_file(delivered: Delivered) -> None:
    sequence = delivered.file(role="master", media_type="image/x-exr")
    whole = [file for file in delivered.result["files"] if "sequence" not in file]

    assert [file["role"] for file in whole] == [
        "master",
        "proxy",
        "poster",
        "provenance",
        "provenance",
        "report",
        "report",
    ]
    for entry in [*whole, *sequence["frames"]]:
        data = delivered.path(entry).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])


def test_signing_leaves_timecode_reel_tags_and_every_frame_as_they_were(
    delivered: Delivered, plain: Delivered
) -> None:
    with av.open(str(delivered.movie)) as signed, av.open(str(plain.movie)) as bare:
        streams = [(each.type, each.metadata, each.duration) for each in signed.streams]
        assert streams == [(each.type, each.metadata, each.duration) for each in bare.streams]
        assert signed.metadata == bare.metadata
        assert _packets(signed) == _packets(bare)
    assert readers.timecode(delivered.movie) == readers.timecode(plain.movie) == "01:00:09:22"
    assert len(readers.stamps(delivered.movie)) == delivered.plan.frame_count == 12


def _packets(movie: Any) -> list[tuple[int, int, str]]:
    return [
        (packet.stream.index, packet.pts, hashlib.sha256(bytes(packet)).hexdigest())
        for packet in movie.demux()
        if packet.size
    ]


@pytest.mark.parametrize(("kind", "form"), SIGNED.items())
@pytest.mark.parametrize("part", [0.97, 0.999])
def test_one_flipped_bit_is_found(delivered: Delivered, kind: str, form: str, part: float) -> None:
    path = _path(delivered, kind)
    changed = flipped(path, int(path.stat().st_size * part))

    assert read_elsewhere(changed, form, root=ROOT)["state"] == "Invalid"
    assert read_credentials(changed, name=path.name, sidecar=None, roots=ROOT)["is_intact"] is False


def test_one_signature_covers_every_frame(delivered: Delivered) -> None:
    listed, sidecar = _provenance(delivered)
    frames = delivered.frames
    lines = [f"{hashlib.sha256(frame.read_bytes()).hexdigest()}  {frame.name}" for frame in frames]

    assert (listed.name, sidecar.name) == ("sunrise.sha256", "sunrise.c2pa")
    assert listed.read_text().splitlines() == lines
    signed = read_elsewhere(listed, "text/plain", root=ROOT, sidecar=sidecar.read_bytes())
    assert signed["state"] == "Trusted"
    for frame in frames:
        found = read_credentials(frame, name=frame.name, sidecar=sidecar.read_bytes(), roots=ROOT)
        assert (found["is_intact"], found["is_trusted"]) == (True, True)
        assert found["frame"] == {"listed_as": frame.name, "frames": 12}


def test_a_changed_frame_is_found_and_so_is_one_that_does_not_belong(
    delivered: Delivered, tmp_path: Path
) -> None:
    _, sidecar = _provenance(delivered)
    frame = delivered.frames[5]
    changed, foreign = flipped(frame, frame.stat().st_size // 2), tmp_path / "other.0000001.exr"
    foreign.write_bytes(b"v/1\x01 of another shot")

    found = [
        read_credentials(path, name=name, sidecar=sidecar.read_bytes(), roots=ROOT)
        for path, name in ((changed, frame.name), (foreign, foreign.name))
    ]

    assert [each["is_intact"] for each in found] == [False, False]
    assert [each["failures"][0]["code"] for each in found] == ["frame.mismatch", "frame.unknown"]


def test_no_secret_and_no_prompt_is_in_any_file(delivered: Delivered) -> None:
    key = b"".join(CREDENTIAL.private_key.encode().splitlines()[1:-1])
    for file in delivered.result["files"]:
        if "sequence" not in file:
            data = delivered.path(file).read_bytes()
            assert b"PRIVATE KEY" not in data
            assert key not in data
            assert b"prompt" not in data


@pytest.mark.slow
def test_a_second_run_does_not_touch_what_the_first_has_told_of(tmp_path: Path) -> None:
    """Signatures differ each time: a run that was given up and goes on writes beside the other's files."""
    facts = take(frames=4)
    store_take(tmp_path, facts)
    store_proxies(tmp_path, MASTER)
    provenance = {"credential": CREDENTIAL.to_json(), "statement": statement(MASTER).to_json()}
    sequence = {**SEQUENCE, "handles_frames": 0}

    first, second = (
        deliver(tmp_path, facts, [PRORES], sequence=sequence, provenance=provenance) for _ in range(2)
    )

    for run in (first, second):
        for entry in run.result["files"]:
            if entry["role"] in ("master", "poster"):
                assert hashlib.sha256(run.path(entry).read_bytes()).hexdigest() == entry["sha256"]
    assert first.movie != second.movie
