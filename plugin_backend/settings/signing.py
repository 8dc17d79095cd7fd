"""The settings of Content Credentials: a certificate and its key, as PEM text or as the path of a file."""

from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.signing import Credential, certificates_in, issues_others

_CERTIFICATE, _KEY = "C2PA_CERTIFICATE", "C2PA_PRIVATE_KEY"
_PURPOSES: Final = frozenset(
    {
        ExtendedKeyUsageOID.EMAIL_PROTECTION,
        x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # document signing
        x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"),  # C2PA claim signing
    }
)
_CURVES: Final = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_LONGEST: Final = 1 << 20


class _UnfitError(Exception):
    """One of the two cannot be signed with."""

    def __init__(self, name: str, sentence: str) -> None:
        self.name = name
        self.sentence = sentence
        super().__init__(sentence)


def read_signing_settings(read: EnvironmentReader) -> dict[str, Any]:
    """Both, checked to belong together; neither where the development certificate is to sign."""
    texts = {name: _pem(read, name) for name in (_CERTIFICATE, _KEY)}
    for name, other in ((_CERTIFICATE, _KEY), (_KEY, _CERTIFICATE)):
        if read.optional(name) and not read.optional(other):
            read.problem(name, f"is set without {other}; set both, or neither for a development certificate")
    certificate, private_key = texts[_CERTIFICATE], texts[_KEY]
    if certificate and private_key:
        try:
            operator_credential(certificate, private_key)
        except _UnfitError as unfit:
            read.problem(unfit.name, unfit.sentence)
    return {name.lower(): text for name, text in texts.items()}


def operator_credential(certificate: str, private_key: str) -> Credential:
    """The operator's own credential, from the two texts that `read_signing_settings` found fit."""
    chain, key = _chain(certificate), _private_key(private_key)
    _check_leaf(chain[0])
    if not any(issues_others(each) for each in chain[1:]):
        raise _UnfitError(_CERTIFICATE, "holds no issuer's certificate: append the chain, the leaf first")
    algorithm = _algorithm(key)
    if _public(key.public_key()) != _public(chain[0].public_key()):
        raise _UnfitError(_KEY, f"belongs to another certificate than the first of {_CERTIFICATE}")
    return Credential(
        certificate="".join(each.public_bytes(Encoding.PEM).decode() for each in chain),
        private_key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        algorithm=algorithm,
        is_development=False,
    )


def _pem(read: EnvironmentReader, name: str) -> str | None:
    """The text, given as such, its line breaks perhaps escaped, or lying in a file."""
    given = read.optional(name)
    if given is None:
        return None
    if given.startswith("-----BEGIN "):
        return given.replace("\\n", "\n")
    try:
        with Path(given).open() as file:
            return file.read(_LONGEST)
    except (OSError, ValueError):  # not there, not readable, not text, not even a path
        read.problem(name, "is neither PEM text nor a file that can be read")
        return None


def _chain(pem: str) -> list[x509.Certificate]:
    try:
        return certificates_in(pem)
    except ValueError:
        raise _UnfitError(_CERTIFICATE, "holds no certificate as PEM") from None


def _private_key(pem: str) -> Any:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise _UnfitError(_KEY, "is encrypted; give it without a passphrase") from None
    except ValueError:
        raise _UnfitError(_KEY, "holds no private key as PEM") from None


def _check_leaf(leaf: x509.Certificate) -> None:
    if issues_others(leaf):
        raise _UnfitError(_CERTIFICATE, "begins with an authority's certificate; the signer's comes first")
    try:
        purposes = set(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        purposes = set()
    if not purposes & _PURPOSES:
        raise _UnfitError(
            _CERTIFICATE, "is not for signing content: e-mail protection, document or C2PA claim signing"
        )


def _algorithm(key: Any) -> str:
    match key:
        case ec.EllipticCurvePrivateKey() if key.curve.name in _CURVES:
            return _CURVES[key.curve.name]
        case rsa.RSAPrivateKey() if key.key_size >= 2048:
            return "ps256"
        case ed25519.Ed25519PrivateKey():
            return "ed25519"
        case _:
            raise _UnfitError(_KEY, "must be P-256, P-384, P-521, Ed25519, or RSA of 2048 bits or more")


def _public(key: Any) -> bytes:
    encoded: bytes = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded
