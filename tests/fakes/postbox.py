"""A mail server for tests: real SMTP on 127.0.0.1, with STARTTLS, TLS from the start or none, and sign-in."""

import base64
import ipaddress
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "postman", "c4n4ry-smtp-password"
SENDER = "video@studio.example"
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    """One letter as it came over the wire."""

    sender: str
    recipient: str
    content: bytes
    was_encrypted: bool
    was_signed_in: bool

    @property
    def message(self) -> EmailMessage:
        found = message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")

    @property
    def link(self) -> str:
        """The one address in it."""
        (found,) = [line for line in self.text.splitlines() if line.startswith(("http://", "https://"))]
        return found


@dataclass(slots=True)
class Conduct:
    """What it answers; a code for a command replaces the usual one."""

    offers_tls: bool = True
    wraps: bool = False
    wants_sign_in: bool = False
    codes: dict[str, int] = field(default_factory=dict)


class Postbox(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, conduct: Conduct) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.does = conduct
        self.letters: list[Received] = []
        self.commands: list[str] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:
            pem = Path(folder) / "both.pem"
            pem.write_bytes(_certificate()[0] + _certificate()[1])
            self.context.load_cert_chain(pem)

    @property
    def authority(self) -> str:
        return _certificate()[0].decode()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, *, host: str = "127.0.0.1", signed_in: bool = False) -> str:
        scheme, who = "smtps" if self.does.wraps else "smtp", f"{USER}:{PASSWORD}@" if signed_in else ""
        return f"{scheme}://{who}{host}:{self.port}"

    def to(self, address: str) -> list[Received]:
        """What came for somebody."""
        return [each for each in self.letters if each.recipient == address]

    def wait_for(self, count: int) -> list[Received]:
        """The first letters, once there are so many."""
        deadline = time.monotonic() + _PATIENCE
        while len(self.letters) < count:
            assert time.monotonic() < deadline, f"{len(self.letters)} of {count} came"
            time.sleep(0.01)
        return self.letters[:]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is none of a test's business."""


class _Session(socketserver.StreamRequestHandler):
    server: Postbox

    def setup(self) -> None:
        if self.server.does.wraps:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self._encrypted, self._signed_in = self.server.does.wraps, False
        self._sender = self._recipient = ""
        super().setup()

    def handle(self) -> None:
        self._say(self.server.does.codes.get("CONNECT", 220), "postbox.example")
        with suppress(OSError, ssl.SSLError):
            while line := self.rfile.readline(2_000):
                if not self._answer(line.decode("latin-1").strip()):
                    return

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def _answer(self, line: str) -> bool:
        verb = line.partition(" ")[0].upper()
        self.server.commands.append(verb)
        refusal = self.server.does.codes.get(verb)
        if refusal is not None:
            self._say(refusal, "no")
            return True
        match verb:
            case "EHLO":
                self._greet()
            case "STARTTLS":
                self._encrypt()
            case "AUTH":
                self._sign_in(line)
            case "MAIL" if self.server.does.wants_sign_in and not self._signed_in:
                self._say(530, "sign in first")
            case "MAIL":
                self._sender = line.partition("<")[2].partition(">")[0]
                self._say(250, "ok")
            case "RCPT":
                self._recipient = line.partition("<")[2].partition(">")[0]
                self._say(250, "ok")
            case "DATA":
                self._read()
            case "QUIT":
                self._say(221, "bye")
                return False
            case _:
                self._say(250, "ok")
        return True

    def _greet(self) -> None:
        offers = ["postbox.example", "AUTH PLAIN"]
        if self.server.does.offers_tls and not self._encrypted:
            offers.append("STARTTLS")
        *first, last = offers
        self.wfile.write("".join(f"250-{each}\r\n" for each in first).encode() + f"250 {last}\r\n".encode())

    def _encrypt(self) -> None:
        self._say(220, "go on")
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
        self._encrypted = True

    def _sign_in(self, line: str) -> None:
        given = base64.b64decode(line.rsplit(maxsplit=1)[-1]).split(b"\0")[1:]
        self._signed_in = given == [USER.encode(), PASSWORD.encode()]
        self._say(235 if self._signed_in else 535, "signed in" if self._signed_in else f"no: {line}")

    def _read(self) -> None:
        self._say(354, "go on")
        lines = []
        while (line := self.rfile.readline(100_000)) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        code = self.server.does.codes.get("CONTENT", 250)
        if code == 250:
            letter = Received(
                self._sender, self._recipient, b"".join(lines), self._encrypted, self._signed_in
            )
            self.server.letters.append(letter)
        self._say(code, "taken")

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


@contextmanager
def postbox(**conduct: Any) -> Iterator[Postbox]:
    """One that listens for the length of the block."""
    with Postbox(Conduct(**conduct)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@cache
def _certificate() -> tuple[bytes, bytes]:
    """A certificate that nobody signed but itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.fromtimestamp(time.time(), UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "postbox.example")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), secret
