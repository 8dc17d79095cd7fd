"""An operator's certificate, small takes with proxies, and files signed as deliveries sign them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import c2pa
import numpy as np
from av.video.stream import VideoStream
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from plugin_backend.files.storage import open_storage
from plugin_backend.signing import Credential
from worker.media.operations import OperationContext
from worker.provenance.claims import Statement, TakeClaim
from worker.provenance.sealing import Sealer

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Papers:
    """What an operator bought: a chain, leaf first, and its key."""

    chain: str
    key: str
    root: str


def papers(
    key: Key | None = None,
    *,
    name: str = "Example Studio",
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    days: int = 30,
) -> Papers:
    """A root and a leaf it issued, good for some days (or, below zero, until some days ago)."""
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), key or ec.generate_private_key(ec.SECP256R1())
    issuer = _issued(f"{name} root", issuer_key, f"{name} root", issuer_key, ca=True, purpose=None, days=90)
    leaf = _issued(name, key, f"{name} root", issuer_key, ca=False, purpose=purpose, days=days)
    return Papers(
        chain=_pem(leaf) + _pem(issuer),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        root=_pem(issuer),
    )


def _issued(
    subject: str,
    key: Key,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
    purpose: x509.ObjectIdentifier | None,
    days: int,
) -> x509.Certificate:
    now = datetime.now(UTC)  # noqa: TID251 - certificates are good by the machine's own clock
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
    ) | {"encipher_only": False, "decipher_only": False}
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    if purpose is not None:
        certificate = certificate.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    return certificate.sign(issuer_key, SHA256())


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def claim(number: int = 1, *, kind: str = "master", **changes: Any) -> TakeClaim:
    told: dict[str, Any] = {
        "generation_id": f"gen_{number}",
        "take_id": f"take_{number}",
        "take_number": 1,
        "kind": kind,
        "model": "ray-3.2",
        "provider": "luma",
        "generator": "Luma Ray 3.2",
        "is_trained": True,
        "seed": "7",
        "proxy_key": f"takes/take_{number}/proxy.mp4",
    }
    return TakeClaim(**{**told, **changes})


def statement(*lineage: TakeClaim) -> Statement:
    return Statement(delivery_id="dlv_1", host="resolve", lineage=lineage, done=("Conformed.",))


def store_proxies(folder: Path, *claims: TakeClaim) -> None:
    """Each take's light movie, of its own colour."""
    for number, each in enumerate(claims):
        assert each.proxy_key is not None
        path = folder / each.proxy_key
        path.parent.mkdir(parents=True)
        film(path, shade=60 * number)


def film(path: Path, *, shade: int = 0, frames: int = 12) -> Path:
    with av.open(str(path), "w") as movie:
        picture = movie.add_stream("libx264", rate=24)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 36, "yuv420p"
        for number in range(frames):
            pixels = np.full((36, 64, 3), shade + number, np.uint8)
            movie.mux(picture.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        movie.mux(picture.encode(None))
    return path


def still(path: Path) -> Path:
    pixels = np.random.default_rng(1).integers(0, 255, (36, 64, 3), np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def sealer(folder: Path, credential: Credential, *lineage: TakeClaim) -> Sealer:
    """Signs files of `folder`, where the takes of the lineage are stored too."""
    context = OperationContext(folder, lambda _done, _total: None, open_storage(folder.as_uri()))
    return Sealer(statement(*lineage), credential, context)


def read_elsewhere(path: Path, form: str, *, root: str, sidecar: bytes | None = None) -> Mapping[str, Any]:
    """What the library itself reads, offline, trusting this root alone: none of our code takes part."""
    settings = {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "trust": {"trust_anchors": root} if root else {},
    }
    context = c2pa.Context(settings=c2pa.Settings.from_dict(settings))
    with path.open("rb") as file, c2pa.Reader(form, file, sidecar, context=context) as reader:
        active = reader.get_active_manifest()
        return {
            "state": reader.get_validation_state(),
            "active": active,
            "manifest": reader.get_manifest,
            "parent": None if not active.get("ingredients") else active["ingredients"][0],
            "json": reader.json(),
        }


def flipped(path: Path, at: int) -> Path:
    """A copy with one bit changed."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    changed = path.with_name(f"flipped-{path.name}")
    changed.write_bytes(data)
    return changed
