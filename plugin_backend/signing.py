"""Who signs Content Credentials: the operator's certificate, or a development one made of the secret key.

The development root and leaf follow from `SECRET_KEY`, so every process of a deployment, on whatever machine,
has the same ones without keeping or exchanging a file. Nobody else trusts them, and their names say so.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEVELOPMENT_NAME: Final = "Development certificate, not trusted"
"""The common name of the leaf; a signature under it says nothing to anyone outside this deployment."""

_ORGANISATION: Final = "plugin-backend"
_FROM: Final = datetime(2026, 1, 1, tzinfo=UTC)
_UNTIL: Final = datetime(2056, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A certificate with its chain, leaf first, and its key, both as PEM."""

    certificate: str
    private_key: str = field(repr=False)
    algorithm: str  # as C2PA names it: es256, es384, es512, ps256 or ed25519
    is_development: bool

    def to_json(self) -> dict[str, Any]:
        """For the pipe to the media child; it holds the key and is written nowhere."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        return cls(**document)

    @property
    def leaf(self) -> x509.Certificate:
        """The certificate that signs."""
        return certificates_in(self.certificate)[0]

    @property
    def name(self) -> str:
        """Its common name, for people."""
        return common_name(self.leaf)


def development_credential(secret: str) -> Credential:
    """The credential of a deployment that was given none; the same for the same secret."""
    root, leaf = _key(secret, "root"), _key(secret, "leaf")
    issuer = _name(f"Development root {_fingerprint(root)}, not trusted")
    issued = [
        _leaf_certificate(leaf, issuer=issuer, signed_with=root),
        _root_certificate(root, issuer=issuer),
    ]
    return Credential(
        certificate="".join(pem_of(each) for each in issued),
        private_key=leaf.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        algorithm="ed25519",
        is_development=True,
    )


def roots_of(credentials: Iterable[Credential]) -> str:
    """The certificates that may stand at the end of a chain we believe, as PEM."""
    found = (each for credential in credentials for each in certificates_in(credential.certificate))
    return "".join(pem_of(each) for each in found if issues_others(each))


def certificates_in(pem: str) -> list[x509.Certificate]:
    """Every certificate of a PEM text; ValueError when there is none."""
    return x509.load_pem_x509_certificates(pem.encode())


def common_name(certificate: x509.Certificate) -> str:
    """The subject's name as people read it."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else certificate.subject.rfc4514_string()


def issues_others(certificate: x509.Certificate) -> bool:
    """Whether it is an authority's rather than a signer's."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def pem_of(certificate: x509.Certificate) -> str:
    """One certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def _key(secret: str, use: str) -> Ed25519PrivateKey:
    purpose = f"plugin-backend content credentials v1: development {use}".encode()
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


def _fingerprint(key: Ed25519PrivateKey) -> str:
    """Tells one deployment's root from another's, and no more."""
    return key.public_key().public_bytes_raw().hex()[:8]


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _root_certificate(key: Ed25519PrivateKey, *, issuer: x509.Name) -> x509.Certificate:
    return (
        _certificate(issuer, key, issuer=issuer, number=1)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(key, None)
    )


def _leaf_certificate(
    key: Ed25519PrivateKey, *, issuer: x509.Name, signed_with: Ed25519PrivateKey
) -> x509.Certificate:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_with.public_key())
    return (
        _certificate(_name(DEVELOPMENT_NAME), key, issuer=issuer, number=2)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(authority, critical=False)
        .sign(signed_with, None)
    )


def _certificate(
    subject: x509.Name, key: Ed25519PrivateKey, *, issuer: x509.Name, number: int
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(number)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
