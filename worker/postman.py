"""Hands letters to the operator's mail server: SMTP with TLS, or without it on this very machine."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Final

from plugin_backend.domain.people.addresses import domain_of
from plugin_backend.domain.people.letters import Letter
from plugin_backend.settings.mail import MailAccount

_TIMEOUT_SECONDS: Final = 6.0  # of each exchange: all of them fit into a step's lease
_FINAL: Final = range(500, 600)


class LaterError(Exception):
    """It may work another time; the text holds no address and no secret."""


class RefusedError(Exception):
    """The server will never take this letter; the text holds no address and no secret."""


@dataclass(frozen=True, slots=True)
class Door:
    """A server that has let us in."""

    server: smtplib.SMTP = field(repr=False)
    sender: str

    def hand_over(self, letter: Letter, *, mail_id: str) -> None:
        """One letter; RefusedError when it is the letter that the server does not want."""
        message = _message(letter, sender=self.sender, mail_id=mail_id)
        try:
            self.server.send_message(message, from_addr=self.sender, to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            ((code, _),) = error.recipients.values()
            raise _failed("the recipient", code) from None
        except smtplib.SMTPResponseException as error:
            raise _failed("the letter", error.smtp_code) from None


class Postman:
    """Built once per process; one connection for each letter."""

    def __init__(self, account: MailAccount) -> None:
        self._account = account
        self._context = ssl.create_default_context(cadata=account.authority)

    @contextmanager
    def at_the_door(self) -> Iterator[Door]:
        """Signed in with the server; LaterError when it is away or does not let us in."""
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise LaterError(_said(error)) from None
        try:
            yield Door(server, self._account.sender)
        except (OSError, smtplib.SMTPException) as error:
            raise LaterError(_said(error)) from None
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        account = self._account
        name = domain_of(account.sender)  # else smtplib asks the name server who this machine is
        if account.is_wrapped:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host,
                account.port,
                local_hostname=name,
                timeout=_TIMEOUT_SECONDS,
                context=self._context,
            )
        else:
            server = smtplib.SMTP(account.host, account.port, local_hostname=name, timeout=_TIMEOUT_SECONDS)
        try:
            self._introduce(server)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP) -> None:
        account = self._account
        server.ehlo()
        if not account.is_wrapped and (server.has_extn("starttls") or not account.may_be_plain):
            server.starttls(context=self._context)  # raises where there is none: nothing goes in the clear
            server.ehlo()
        if account.user is not None and account.password is not None:
            server.login(account.user, account.password)


def open_postman(account: MailAccount | None) -> Postman | None:
    """None where no mail is set up."""
    return None if account is None else Postman(account)


def _message(letter: Letter, *, sender: str, mail_id: str) -> EmailMessage:
    """The email package refuses a line break in a header; the letter had none to begin with."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = f"<{mail_id}@{domain_of(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message


def _failed(what: str, code: int) -> Exception:
    said = f"The server refused {what}: {code}."
    return RefusedError(said) if code in _FINAL else LaterError(said)


def _said(error: Exception) -> str:
    """A server's own words may repeat an address; its number may not."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"The server answered {error.smtp_code}."
    return f"The server could not be used: {type(error).__name__}."
