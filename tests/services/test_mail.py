"""Letters leave by a real mail server, once they are caused, and say nothing on the way."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.config import LogFormat, LogLevel, SettingsError
from plugin_backend.db.journal import Owned
from plugin_backend.domain.errors import ConflictError
from plugin_backend.domain.people.addresses import is_address, mailbox_of
from plugin_backend.domain.people.letters import Letter, LetterProblemError, write
from plugin_backend.logs import configure
from plugin_backend.services import dispatching, mail
from plugin_backend.services.house import House
from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.settings.mail import MailSettings, read_mail_settings
from tests.fakes.postbox import SENDER, Postbox, postbox
from tests.services.flights import Lanes
from tests.services.posting import KilledError, dying_at
from tests.services.studio import Studio
from worker.postman import open_postman

TO = "ada@example.com"
LINK = "https://video.example/join/confirm?token=s3cr3t-t0ken"
LETTER = write(
    to=TO, subject="Welcome", paragraphs=["Hello <b>you</b>,", "this is it."], link=LINK, label="Open it"
)


def _mailing(studio: Studio, box: Postbox, *, url: str | None = None, trusts: bool = True) -> Studio:
    """The same studio with this mail server."""
    environ = {"SMTP_URL": url or box.url(), "MAIL_FROM": SENDER}
    if trusts:
        environ["SMTP_AUTHORITY"] = box.authority.replace("\n", "\\n")
    read = EnvironmentReader(environ)
    account = MailSettings(**read_mail_settings(read)).mail_account()
    read.finish()
    house = replace(studio.house, sends_mail=True)
    return replace(
        studio, house=house, runtime=replace(studio.runtime, house=house, postman=open_postman(account))
    )


def _post(house: House, letter: Letter = LETTER, *, owned: Owned | None = None) -> str:
    with house.begin() as work:
        return mail.enqueue(house, work, letter, about="test", owned=owned)


def _state(studio: Studio, mail_id: str) -> tuple[str, str | None]:
    ((state, note),) = studio.rows("SELECT state, note FROM mails WHERE id = :id", id=mail_id)
    return state, note


@pytest.fixture
def box() -> Iterator[Postbox]:
    with postbox() as found:
        yield found


def test_a_letter_leaves_with_its_transaction_and_nothing_is_left_of_it(studio: Studio, box: Postbox) -> None:
    ours = _mailing(studio, box)

    class UndoneError(Exception):
        pass

    def undone() -> None:
        with ours.house.begin() as work:
            mail.enqueue(ours.house, work, LETTER, about="test")
            raise UndoneError

    with pytest.raises(UndoneError):
        undone()
    assert studio.count("mails") == 0
    mail_id = _post(ours.house)
    kept = "".join(studio.one("SELECT t::text FROM mails t"))
    assert TO not in kept
    assert "s3cr3t" not in kept

    assert dispatching.sweep(ours.house, Lanes(2)) == 1
    assert ours.step(mail_id)
    assert not ours.step(mail_id)

    (letter,) = box.letters
    assert (letter.sender, letter.recipient) == (SENDER, TO)
    assert letter.was_encrypted
    assert letter.message["Subject"] == "Welcome"
    assert letter.message["Message-ID"] == f"<{mail_id}@studio.example>"
    assert letter.text == f"Hello <b>you</b>,\n\nthis is it.\n\nOpen it:\n{LINK}\n"
    html = letter.message.get_body(("html",))
    assert html is not None
    assert "Hello &lt;b&gt;you&lt;/b&gt;," in html.get_content()
    assert _state(studio, mail_id) == ("sent", None)
    assert studio.one("SELECT letter FROM mails") is None
    assert studio.count("work") == 0


def test_without_a_server_nothing_waits_in_vain(studio: Studio) -> None:
    with pytest.raises(ConflictError, match="SMTP_URL"):
        _post(studio.house)


def test_a_server_that_is_away_is_tried_for_two_days_and_then_no_more(studio: Studio, box: Postbox) -> None:
    ours = _mailing(studio, box)
    box.does.codes["MAIL"] = 451
    mail_id = _post(ours.house)

    pauses = []
    while ours.step(mail_id) and _state(studio, mail_id)[0] == "waiting":
        due = studio.one("SELECT next_at FROM work WHERE subject_id = :id", id=mail_id)
        pauses.append(due - ours.clock.moment)
        ours.clock.turn(pauses[-1])

    assert pauses == sorted(pauses)
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=3)
    assert _state(studio, mail_id) == ("given-up", "The server refused the letter: 451.")
    assert box.letters == []


def test_it_goes_once_the_server_is_back(studio: Studio, box: Postbox) -> None:
    ours = _mailing(studio, box)
    box.does.codes["CONNECT"] = 421
    mail_id = _post(ours.house)
    assert ours.step(mail_id)
    box.does.codes.clear()
    ours.clock.turn(timedelta(minutes=1))
    assert ours.step(mail_id)
    assert len(box.letters) == 1


@pytest.mark.parametrize("verb", ["RCPT", "CONTENT"])
def test_what_the_server_will_never_take_is_given_up_at_once(studio: Studio, box: Postbox, verb: str) -> None:
    ours = _mailing(studio, box)
    box.does.codes[verb] = 550
    mail_id = _post(ours.house)
    assert ours.step(mail_id)
    state, note = _state(studio, mail_id)
    assert state == "given-up"
    assert "550" in str(note)


def test_tls_from_the_first_byte_with_a_password(studio: Studio) -> None:
    with postbox(wraps=True, wants_sign_in=True) as box:
        ours = _mailing(studio, box, url=box.url(signed_in=True))
        assert ours.step(_post(ours.house))
        (letter,) = box.letters
    assert letter.was_encrypted
    assert letter.was_signed_in


def test_a_certificate_that_nobody_vouches_for_gets_no_letter(studio: Studio, box: Postbox) -> None:
    ours = _mailing(studio, box, trusts=False)
    mail_id = _post(ours.house)
    assert ours.step(mail_id)
    assert box.letters == []
    assert "CertVerif" in str(_state(studio, mail_id)[1])


def test_only_this_machine_is_told_anything_without_tls(studio: Studio) -> None:
    with postbox(offers_tls=False) as box:
        near = _mailing(studio, box)
        assert near.step(_post(near.house))
        assert len(box.letters) == 1
        far = _mailing(studio, box, url=box.url(host="127.0.0.2", signed_in=True))
        mail_id = _post(far.house)
        box.commands.clear()
        assert far.step(mail_id)
        assert len(box.letters) == 1
        assert "AUTH" not in box.commands


def test_nothing_of_a_letter_is_logged(
    studio: Studio, box: Postbox, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure(LogLevel.DEBUG, LogFormat.JSON)
    try:
        ours = _mailing(studio, box, url=box.url(signed_in=True))
        box.does.codes["RCPT"] = 550
        ours.step(_post(ours.house))
        box.does.codes = {"AUTH": 535}
        ours.step(_post(ours.house))
        said = "".join(capsys.readouterr())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    assert "mail.refused" in said
    assert "mail.later" in said
    for secret in (TO, "ada", "s3cr3t", "c4n4ry", "Welcome"):
        assert secret not in said
        assert secret not in repr(LETTER)


@given(st.text(max_size=80))
def test_no_address_breaks_a_header(text: str) -> None:
    if is_address(text):
        assert text.isascii()
        assert text.isprintable()
        assert not set(text) & set(' \r\n<>,;:()[]"\\')
        assert mailbox_of(mailbox_of(text)) == mailbox_of(text)
    else:
        with pytest.raises(LetterProblemError):
            write(to=text, subject="A", paragraphs=["b"])


@pytest.mark.parametrize("subject", ["A\r\nBcc: eve@example.com", "A\nB", "", "x" * 200, "\x00"])
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(LetterProblemError):
        Letter(to=TO, subject=subject, text="b", html="b")


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("Ada@Example.com", "ada@example.com", True),
        ("ada+video@example.com", "ada@example.com", True),
        ("a.d.a@gmail.com", "ada+x@googlemail.com", True),
        ("a.da@example.com", "ada@example.com", False),
        ("ada@example.com", "ada@example.org", False),
    ],
)
def test_which_addresses_end_in_one_mailbox(one: str, other: str, *, are_same: bool) -> None:
    assert (mailbox_of(one) == mailbox_of(other)) is are_same


@pytest.mark.parametrize(
    "environ",
    [
        {"SMTP_URL": "smtp://mail.example"},
        {"MAIL_FROM": SENDER},
        {"SMTP_URL": "http://mail.example", "MAIL_FROM": SENDER},
        {"SMTP_URL": "smtp://user@mail.example", "MAIL_FROM": SENDER},
        {"SMTP_URL": "smtp://mail.example:0", "MAIL_FROM": SENDER},
        {"SMTP_URL": "smtp://mail.example", "MAIL_FROM": "Studio <a@b.example>\nBcc: x@y.example"},
        {"SMTP_URL": "smtp://mail.example", "MAIL_FROM": SENDER, "SMTP_AUTHORITY": "no certificate"},
    ],
)
def test_half_a_set_up_is_a_problem(environ: dict[str, str]) -> None:
    read = EnvironmentReader(environ)
    read_mail_settings(read)
    with pytest.raises(SettingsError):
        read.finish()


def test_a_worker_killed_after_sending_sends_it_again_under_the_same_name(
    studio: Studio, box: Postbox
) -> None:
    ours = _mailing(studio, box)
    mail_id = _post(ours.house)

    with pytest.raises(KilledError):
        dying_at(ours, "mail:sent").step(mail_id)
    ours.clock.turn(timedelta(minutes=2))  # its lease runs out
    assert ours.step(mail_id)

    assert _state(ours, mail_id) == ("sent", None)
    first, again = (each.message["Message-ID"] for each in box.letters)
    assert first == again
