"""Whose certificate signs: the operator's, checked when a process starts, else a development one."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from plugin_backend.config import Settings, SettingsError
from plugin_backend.settings.signing import operator_credential
from plugin_backend.signing import Credential, development_credential, roots_of
from tests.provenance.signing_desk import Key, papers, read_elsewhere, sealer, still
from tests.provenance.signing_desk import claim as a_take
from worker.media.operations import OperationError
from worker.provenance.reading import read_credentials

GOOD = {
    "DATABASE_URL": "postgres://app:pw@db.internal/app",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "STORAGE_URL": "s3://bucket/plugin-backend",
    "AWS_ACCESS_KEY_ID": "key-id",
    "AWS_SECRET_ACCESS_KEY": "key-secret",
    "PUBLIC_URL": "https://plugin-backend.example.com",
    "SECRET_KEY": "a" * 64,
    "TOKEN_PEPPER": "b" * 64,
}
STUDIO = papers()


def _settings(**changes: str) -> Settings:
    return Settings.from_environ({**GOOD, **changes})


def _problems(certificate: str, key: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        _settings(C2PA_CERTIFICATE=certificate, C2PA_PRIVATE_KEY=key)
    return caught.value.problems


def test_without_a_certificate_a_development_one_signs_and_its_name_says_so() -> None:
    credential = _settings().signing_credential()

    assert credential.is_development
    assert credential.name == "Development certificate, not trusted"


def test_every_process_of_a_deployment_has_the_same_development_certificate_and_no_other() -> None:
    here, there = (development_credential("one secret" * 4) for _ in range(2))

    assert here == there
    assert roots_of([here]) != roots_of([development_credential("another secret" * 4)])


def test_a_retired_secret_key_is_still_believed() -> None:
    settings = _settings(SECRET_KEY_PREVIOUS="c" * 64)

    assert development_credential("c" * 64) in settings.believed_credentials()


@pytest.mark.parametrize("line_breaks", ["\n", "\\n"])
def test_the_operators_certificate_may_be_given_as_text(line_breaks: str) -> None:
    settings = _settings(
        C2PA_CERTIFICATE=STUDIO.chain.replace("\n", line_breaks),
        C2PA_PRIVATE_KEY=STUDIO.key.replace("\n", line_breaks),
    )

    credential = settings.signing_credential()
    assert (credential.is_development, credential.name) == (False, "Example Studio")
    assert credential.algorithm == "es256"


def test_the_operators_certificate_may_lie_in_files(tmp_path: Path) -> None:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_text(STUDIO.chain)
    key.write_text(STUDIO.key)

    settings = _settings(C2PA_CERTIFICATE=str(chain), C2PA_PRIVATE_KEY=str(key))

    assert settings.signing_credential().name == "Example Studio"


def test_neither_shows_in_what_is_printed_or_logged() -> None:
    settings = _settings(C2PA_CERTIFICATE=STUDIO.chain, C2PA_PRIVATE_KEY=STUDIO.key)

    for shown in (repr(settings), str(settings.shown()), repr(settings.signing_credential())):
        assert "PRIVATE KEY" not in shown


def test_all_that_is_wrong_is_said_at_once() -> None:
    nowhere = "/nowhere/at-all.pem"

    assert set(_problems(nowhere, nowhere)) == {"C2PA_CERTIFICATE", "C2PA_PRIVATE_KEY"}


@pytest.mark.parametrize("alone", ["C2PA_CERTIFICATE", "C2PA_PRIVATE_KEY"])
def test_one_without_the_other_is_refused(alone: str) -> None:
    given = {"C2PA_CERTIFICATE": STUDIO.chain, "C2PA_PRIVATE_KEY": STUDIO.key}
    with pytest.raises(SettingsError) as caught:
        _settings(**{alone: given[alone]})

    assert "set both" in caught.value.problems[alone]


def _encrypted(key: str) -> str:
    loaded = load_pem_private_key(key.encode(), password=None)
    encrypted = loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    return encrypted.decode()


@pytest.mark.parametrize(
    ("certificate", "key", "name", "sentence"),
    [
        (STUDIO.chain, papers().key, "C2PA_PRIVATE_KEY", "another certificate"),
        (STUDIO.chain, _encrypted(STUDIO.key), "C2PA_PRIVATE_KEY", "encrypted"),
        (STUDIO.chain, "-----BEGIN nothing-----", "C2PA_PRIVATE_KEY", "no private key"),
        ("-----BEGIN nothing-----", STUDIO.key, "C2PA_CERTIFICATE", "no certificate"),
        (STUDIO.root, STUDIO.key, "C2PA_CERTIFICATE", "authority"),
        (STUDIO.chain.removesuffix(STUDIO.root), STUDIO.key, "C2PA_CERTIFICATE", "append the chain"),
    ],
)
def test_what_cannot_sign_is_refused_with_its_way_out(
    certificate: str, key: str, name: str, sentence: str
) -> None:
    problems = _problems(certificate, key)

    assert list(problems) == [name]
    assert sentence in problems[name]
    assert "PRIVATE KEY" not in problems[name]


def test_a_certificate_for_web_servers_is_refused() -> None:
    server = papers(purpose=ExtendedKeyUsageOID.SERVER_AUTH)

    assert "not for signing content" in _problems(server.chain, server.key)["C2PA_CERTIFICATE"]


def test_a_weak_key_is_refused() -> None:
    weak = papers(rsa.generate_private_key(65537, 1024))  # noqa: S505 - the point of it

    assert "RSA of 2048 bits" in _problems(weak.chain, weak.key)["C2PA_PRIVATE_KEY"]


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "es256"),
        (ec.generate_private_key(ec.SECP384R1()), "es384"),
        (ec.generate_private_key(ec.SECP521R1()), "es512"),
        (rsa.generate_private_key(65537, 2048), "ps256"),
    ],
)
def test_each_kind_of_key_signs_what_others_trust(tmp_path: Path, key: Key, algorithm: str) -> None:
    bought = papers(key)
    credential = operator_credential(bought.chain, bought.key)
    picture = still(tmp_path / "still.jpg")

    sealer(tmp_path, credential, a_take(proxy_key=None)).seal(picture)

    assert credential.algorithm == algorithm
    found = read_elsewhere(picture, "image/jpeg", root=bought.root)
    assert found["state"] == "Trusted"
    assert found["active"]["claim_generator_info"][0]["name"] == "plugin-backend"


@pytest.mark.parametrize("ending", ["jpg", "png", "tif"])
def test_each_kind_of_still_holds_its_credentials(tmp_path: Path, ending: str) -> None:
    credential = development_credential("one secret" * 4)
    picture = still(tmp_path / f"still.{ending}")

    sealer(tmp_path, credential, a_take(proxy_key=None)).seal(picture)

    found = read_credentials(picture, name=picture.name, sidecar=None, roots=roots_of([credential]))
    assert (found["is_intact"], found["is_trusted"], found["found"]) == (True, True, "embedded")


def test_an_expired_certificate_signs_nothing(tmp_path: Path) -> None:
    old = papers(days=-1)
    credential = operator_credential(old.chain, old.key)
    picture = still(tmp_path / "still.jpg")

    with pytest.raises(OperationError, match="Example Studio"):
        sealer(tmp_path, credential, a_take(proxy_key=None)).seal(picture)


def test_a_draft_whose_media_is_gone_is_left_out_and_the_rest_stands(tmp_path: Path) -> None:
    credential: Credential = development_credential("one secret" * 4)
    picture = still(tmp_path / "still.jpg")
    draft = a_take(1, kind="draft", proxy_key="takes/gone/proxy.mp4")

    sealer(tmp_path, credential, draft, a_take(2, proxy_key=None)).seal(picture)

    found = read_credentials(picture, name=picture.name, sidecar=None, roots=roots_of([credential]))
    assert found["is_intact"]
    assert found["chain"][0]["generation"]["generation_id"] == "gen_2"


def test_the_approval_that_stands_is_told_by_an_opaque_id(tmp_path: Path) -> None:
    credential = development_credential("one secret" * 4)
    given = {"status": "approved", "as": "Director", "at": "2026-03-01T12:00:00Z", "by": "usr_1"}
    for number, approval in enumerate((given, None)):
        picture = still(tmp_path / f"still{number}.jpg")
        sealer(tmp_path, credential, a_take(proxy_key=None, approval=approval)).seal(picture)
        found = read_credentials(picture, name=picture.name, sidecar=None, roots=roots_of([credential]))
        assert found["is_intact"]
        told = found["chain"][0]["generation"]
        assert {name: told.get(f"approval_{name}") for name in given} == (approval or dict.fromkeys(given))


def test_a_recording_is_left_as_it_was(tmp_path: Path) -> None:
    recording = tmp_path / "shot.wav"
    recording.write_bytes(b"RIFF of the editor's own")

    told = sealer(tmp_path, development_credential("one secret" * 4), a_take()).seal(recording)

    assert told == {}
    assert recording.read_bytes() == b"RIFF of the editor's own"


@pytest.mark.parametrize(
    ("name", "count", "each"),
    [("a.png", 48, True), ("a.tif", 1, True), ("a.png", 49, False), ("a.exr", 1, False)],
)
def test_a_few_stills_are_signed_each_and_other_frames_together(
    tmp_path: Path, name: str, count: int, *, each: bool
) -> None:
    press = sealer(tmp_path, development_credential("one secret" * 4), a_take())

    assert press.seals_each(name, [{}] * count) is each
