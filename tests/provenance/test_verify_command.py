"""`plugin-backend verify`: plain words, a status for scripts, and no server needed."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plugin_backend.cli import cli
from plugin_backend.settings.signing import operator_credential
from plugin_backend.signing import development_credential
from tests.provenance.signing_desk import claim, film, flipped, papers, sealer, store_proxies

SECRET = "one secret of this page" * 3
CREDENTIAL = development_credential(SECRET)
TAKES = (claim(1, kind="draft"), claim(2))

Verify = Callable[..., Result]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A movie, two frames, and what belongs beside them."""
    folder = tmp_path_factory.mktemp("signed")
    store_proxies(folder, *TAKES)
    press = sealer(folder, CREDENTIAL, *TAKES)
    press.seal(film(folder / "shot.mp4", frames=24))
    frames = [folder / f"scan.{number:07d}.exr" for number in range(2)]
    for number, frame in enumerate(frames):
        frame.write_bytes(b"v/1\x01" + bytes([number]) * 1000)
    listed = [{"name": frame.name, "sha256": _sha256(frame)} for frame in frames]
    for name, data in press.seal_frames(frames[0].name, listed).items():
        (folder / name).write_bytes(data)
    return folder


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def verify(tmp_path: Path) -> Verify:
    """Runs the command as a machine that knows nothing but what it is told."""

    def run(*arguments: object, secret: str | None = SECRET) -> Result:
        known = {"SECRET_KEY": secret, "C2PA_CERTIFICATE": None, "C2PA_PRIVATE_KEY": None}
        wanted = ["verify", *map(str, arguments), "--data", str(tmp_path / "data")]
        return CliRunner(env=known).invoke(cli, wanted)

    return run


def test_an_intact_movie_says_who_signed_it_and_where_it_comes_from(verify: Verify, signed: Path) -> None:
    answer = verify(signed / "shot.mp4")

    assert answer.exit_code == 0, answer.output
    for words in (
        "shot.mp4: intact",
        "Development certificate, not trusted",
        "which nobody else trusts",
        "made by a trained model (trainedAlgorithmicMedia)",
        "generation id gen_2",
        "model ray-3.2",
        "master gen_2, take 1 <- draft gen_1, take 1",
    ):
        assert words in answer.output


def test_one_flipped_bit_ends_with_status_one(verify: Verify, signed: Path) -> None:
    movie = signed / "shot.mp4"

    answer = verify(flipped(movie, movie.stat().st_size - 100))

    assert answer.exit_code == 1
    assert "ALTERED" in answer.output


def test_a_frame_finds_its_sidecar_by_itself(verify: Verify, signed: Path) -> None:
    frame = signed / "scan.0000001.exr"

    assert verify(frame).exit_code == 0
    assert verify(frame, "--sidecar", signed / "scan.c2pa").exit_code == 0
    assert verify(signed / "scan.sha256").exit_code == 0


def test_a_changed_frame_ends_with_status_one(verify: Verify, signed: Path) -> None:
    changed = flipped(signed / "scan.0000000.exr", 500)

    answer = verify(changed, "--sidecar", signed / "scan.c2pa")

    assert answer.exit_code == 1
    assert "frame.unknown" in answer.output


def test_a_frame_under_another_name_is_known_by_its_bytes(
    verify: Verify, signed: Path, tmp_path: Path
) -> None:
    renamed = tmp_path / "plate.exr"
    renamed.write_bytes((signed / "scan.0000001.exr").read_bytes())

    answer = verify(renamed, "--sidecar", signed / "scan.c2pa")

    assert answer.exit_code == 0
    assert "signed under another name, as scan.0000001.exr" in answer.output


def test_a_stranger_who_signs_under_our_name_is_not_believed(
    verify: Verify, signed: Path, tmp_path: Path
) -> None:
    del signed
    store_proxies(tmp_path, TAKES[1])
    forged = film(tmp_path / "forged.mp4")
    sealer(tmp_path, development_credential("a forger's secret" * 3), TAKES[1]).seal(forged)

    answer = verify(forged)

    assert answer.exit_code == 1
    assert "NOT known here" in answer.output


def test_an_operators_file_is_trusted_where_its_root_is_given(verify: Verify, tmp_path: Path) -> None:
    studio, root = papers(name="Example Studio"), tmp_path / "root.pem"
    root.write_text(studio.root)
    store_proxies(tmp_path, TAKES[1])
    movie = film(tmp_path / "ours.mp4")
    sealer(tmp_path, operator_credential(studio.chain, studio.key), TAKES[1]).seal(movie)

    known, unknown = verify(movie, "--trust", root, secret=None), verify(movie, secret=None)

    assert (known.exit_code, unknown.exit_code) == (0, 1)
    assert "Signed by Example Studio (Example): trusted here." in known.output


def test_a_data_folders_secret_is_enough(verify: Verify, signed: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.json").write_text(json.dumps({"SECRET_KEY": SECRET}))

    assert verify(signed / "shot.mp4", secret=None).exit_code == 0


@pytest.mark.parametrize("data", [b"", b"plain words", b"\x00\x00\x00\x18ftypmp42" + b"\xff" * 400])
def test_what_is_no_movie_or_signed_by_nobody_ends_with_status_one(
    verify: Verify, tmp_path: Path, data: bytes
) -> None:
    odd = tmp_path / "odd.mp4"
    odd.write_bytes(data)

    answer = verify(odd)

    assert answer.exit_code == 1
    assert isinstance(answer.exception, SystemExit)


def test_programs_are_told_everything(verify: Verify, signed: Path) -> None:
    found = json.loads(verify(signed / "shot.mp4", "--json").output)

    assert (found["verdict"], found["signer"], found["good"]) == ("intact", "development", True)
    assert found["generation"]["seed"] == "7"
    assert [link["relationship"] for link in found["chain"]] == [None, "parentOf", "inputTo"]
