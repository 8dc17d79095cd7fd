"""The settings of mail: off until a server is named."""

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cryptography import x509

from plugin_backend.settings.environment import LOOPBACK, EnvironmentReader

_EXAMPLE: Final = "smtps://user:password@smtp.example.com:465, or smtp://...:587 for STARTTLS"
_SENDER: Final = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_PORTS: Final = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """The server that takes our letters."""

    host: str
    port: int
    is_wrapped: bool
    """TLS from the first byte; otherwise it begins with STARTTLS."""
    may_be_plain: bool
    """Whether letters may go without TLS: on this machine only."""
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    authority: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True)
class MailSettings:
    """The part of the settings that says how letters leave."""

    smtp_url: str | None = field(default=None, repr=False)
    smtp_authority: str | None = field(default=None, repr=False)
    mail_from: str | None = None

    def mail_account(self) -> MailAccount | None:
        """Who takes our letters; None where there is no mail."""
        if self.smtp_url is None or self.mail_from is None:
            return None
        parts = urlsplit(self.smtp_url)
        assert parts.hostname is not None
        return MailAccount(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            is_wrapped=parts.scheme == "smtps",
            may_be_plain=parts.hostname in LOOPBACK,
            user=None if parts.username is None else unquote(parts.username),
            password=None if parts.password is None else unquote(parts.password),
            sender=self.mail_from,
            authority=self.smtp_authority,
        )


def read_mail_settings(read: EnvironmentReader) -> dict[str, Any]:
    """All of them, checked; a server and a sender come together."""
    for name, other in (("SMTP_URL", "MAIL_FROM"), ("MAIL_FROM", "SMTP_URL")):
        if read.optional(name) and not read.optional(other):
            read.problem(name, f"is set without {other}; set both, or neither for no mail")
    sender = read.optional("MAIL_FROM")
    if sender is not None and _SENDER.fullmatch(sender) is None:
        read.problem("MAIL_FROM", "must be one e-mail address, such as video@studio.example")
    return {
        "smtp_url": _server(read),
        "smtp_authority": _authority(read),
        "mail_from": sender,
    }


def _server(read: EnvironmentReader) -> str | None:
    given = read.optional("SMTP_URL")
    if given is None:
        return None
    try:
        parts = urlsplit(given)
        is_whole = (parts.username is None) == (parts.password is None)
        is_bare = parts.path in ("", "/") and not parts.query and not parts.fragment
        is_usable = parts.scheme in _PORTS and bool(parts.hostname) and is_whole and is_bare
        assert parts.port is None or parts.port > 0
    except (ValueError, AssertionError):
        is_usable = False
    if not is_usable:
        read.problem("SMTP_URL", f"must be {_EXAMPLE}")
    return given


def _authority(read: EnvironmentReader) -> str | None:
    given = read.optional("SMTP_AUTHORITY")
    if given is None:
        return None
    pem = given.replace("\\n", "\n")
    try:
        x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        read.problem("SMTP_AUTHORITY", "must be certificates as PEM text (line breaks may be written \\n)")
    return pem
