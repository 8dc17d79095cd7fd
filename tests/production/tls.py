"""A Redis behind TLS as small plans have it: a certificate that signed itself, in front of a real server."""

import asyncio
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.fakes.serving import InThread, free_port

_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class TlsDoor:
    """Where it listens, and the certificate that a careful client pins."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        """The address as a platform hands it out."""
        return f"rediss://127.0.0.1:{self.port}/0"


@contextmanager
def tls_in_front_of(unix_socket: str, folder: Path) -> Iterator[TlsDoor]:
    """Ends TLS and passes everything on, one connection for one."""
    certificate = _self_signed(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    port, servers = free_port(), []

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_unix_connection(unix_socket)
        await asyncio.gather(_pipe(reader, behind_writer), _pipe(behind_reader, writer))

    async def start() -> None:
        servers.append(await asyncio.start_server(pass_on, "127.0.0.1", port, ssl=context))

    async def stop() -> None:
        servers[0].close()

    with InThread(start, stop):
        yield TlsDoor(port, certificate)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, asyncio.CancelledError):
        while block := await reader.read(1 << 16):
            writer.write(block)
            await writer.drain()
    with suppress(OSError):
        writer.close()


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis.internal")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_BEGAN)
        .not_valid_after(_BEGAN + timedelta(days=36_500))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "redis.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
