"""Joining by a verified address, and forgotten passwords: once, soon, and nobody learns who is here."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from plugin_backend.config import SettingsError
from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.settings.joining import SignUp, read_joining_settings
from tests.api.browsers import Page, led_to, with_password
from tests.api.people import Person, at_once
from tests.api.village import PASSWORD, Village

NEW = "bea@studio.example"


def test_somebody_joins_by_the_link_and_their_own_password(village: Village) -> None:
    village.ask(NEW)
    link = village.link(NEW)
    browser = village.browser()
    assert browser.open(link).status == browser.open(link).status == 200
    wrong = browser.send(link, "/join/confirm", password="eight tame rivers")
    assert wrong.problems == ["This is not the password you chose."]
    assert not browser.is_signed_in

    assert led_to(browser.send(link, "/join/confirm", password=PASSWORD)) == "/account"

    assert NEW in browser.open("/account").text
    assert village.standing(NEW) == ("owner", "free", village.credit())
    assert village.credit() > 0
    assert browser.open(link).status == 410
    assert led_to(village.browser().log_in(NEW, PASSWORD)) == "/account"
    assert village.rows("SELECT id FROM mailed_links WHERE password_hash IS NOT NULL") == []


def test_the_same_link_used_by_two_at_once_makes_one_account(village: Village) -> None:
    village.ask(NEW)
    link = village.link(NEW)
    browsers = [village.browser() for _ in range(2)]
    fields = [browser.open(link).form("/join/confirm") for browser in browsers]

    def knock(number: int) -> int:
        typed = {**fields[number], "password": PASSWORD}
        return int(browsers[number].client.post("/join/confirm", data=typed).status_code)

    assert sorted(at_once(2, knock)) == [303, 410]
    assert village.standing(NEW)[2] == village.credit()


def _statements(village: Village, act: Callable[[], Any]) -> list[str]:
    """What the database is asked meanwhile."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(village.house.engine, "before_cursor_execute", hear)
    try:
        act()
    finally:
        event.remove(village.house.engine, "before_cursor_execute", hear)
    return said


def _shape(page: Page, email: str) -> str:
    """A page without what differs each time."""
    return page.text.replace(email, "")


@pytest.mark.parametrize("ask", ["ask", "forget"])
def test_nobody_learns_who_is_here(village: Village, editor: Person, ask: str) -> None:
    assert editor.id
    pages, said = {}, {}
    for email in ("editor@example.com", NEW):

        def go(email: str = email) -> None:
            pages[email] = getattr(village, ask)(email)

        said[email] = _statements(village, go)

    known, unknown = pages.values()
    assert known.status == unknown.status == 200
    assert _shape(known, "editor@example.com") == _shape(unknown, NEW)
    first, second = said.values()
    assert first == second
    assert len(village.letters("editor@example.com")) == len(village.letters(NEW)) == 1


def test_somebody_who_is_here_is_told_so_by_letter_and_keeps_their_account(
    village: Village, editor: Person
) -> None:
    assert editor.id
    village.ask("Editor@example.com")
    (letter,) = village.letters("Editor@example.com")
    assert letter.message["Subject"] == "You have an account"
    assert letter.link.endswith("/login")
    assert not village.browser().log_in("editor@example.com", PASSWORD).answer.headers.get("Location")


def test_where_nobody_may_join_there_is_no_such_page(village: Village) -> None:
    closed = village.with_settings(sign_up=SignUp.CLOSED)
    browser = closed.browser()
    assert browser.open("/join").status == 404
    assert [a.get("href") for a in browser.open("/login").tree.xpath("//a")] == ["/forgot"]
    silent = village.with_settings(smtp_url=None, mail_from=None, sign_up=SignUp.CLOSED).browser()
    assert silent.open("/forgot").status == 404
    assert silent.open("/login").tree.xpath("//a") == []


def test_only_people_of_some_domains_or_of_all_but_some(village: Village) -> None:
    few = village.with_settings(sign_up=SignUp.DOMAINS, sign_up_domains=("studio.example",))
    assert "cannot join by themselves here" in few.ask("bea@elsewhere.example").text
    assert few.ask("bea@vfx.studio.example").status == 200
    picky = village.with_settings(sign_up_refused_domains=("minutes.example",))
    assert "Use an address that is yours for longer." in picky.ask("bea@in.minutes.example").text
    assert picky.ask("bea@hours.example").status == 200


@pytest.mark.parametrize(
    ("email", "password", "said"),
    [
        ("bea", PASSWORD, "Enter a whole e-mail address"),
        ("bea@studio.example\r\nBcc: x@y.example", PASSWORD, "Enter a whole e-mail address"),
        (NEW, "short", "Use at least 12 characters"),
    ],
)
def test_what_is_wrong_is_said_and_costs_no_letter(
    village: Village, email: str, password: str, said: str
) -> None:
    for _ in range(5):
        page = village.ask(email, password=password)
        assert page.status == 422
        assert said in page.problems[0]
    assert village.rows("SELECT id FROM mails") == []


def test_a_mailbox_gets_only_so_many_letters_known_or_not(village: Village, editor: Person) -> None:
    assert editor.id
    for email in ("editor{}@example.com", "nobody{}@studio.example"):
        pages = [village.forget(email.format(label)) for label in ("", "+a", "+b", "+c")]
        assert [page.status for page in pages] == [200, 200, 200, 429]
        assert int(pages[-1].answer.headers["Retry-After"]) > 0


def test_another_sites_form_sends_nothing(village: Village) -> None:
    for path in ("/join", "/join/confirm", "/forgot", "/forgot/choose"):
        page = Page(village.browser().client.post(path, data={"email": NEW, "password": PASSWORD}))
        assert page.status == 403
    assert village.rows("SELECT id FROM mails") == []


def test_a_forgotten_password_is_replaced_once_and_ends_every_session(
    village: Village, editor: Person
) -> None:
    assert editor.id
    with_password(village.house, "editor@example.com")
    elsewhere = village.browser()
    led_to(elsewhere.log_in("editor@example.com"))
    village.forget("editor@example.com")
    link, browser = village.link("editor@example.com"), village.browser()
    short = browser.send(link, "/forgot/choose", password="short", again="short")
    assert short.status == 422

    led_to(browser.send(link, "/forgot/choose", password=PASSWORD, again=PASSWORD))

    assert browser.is_signed_in
    assert not elsewhere.is_signed_in
    assert village.browser().open(link).status == 410
    assert led_to(village.browser().log_in("editor@example.com", PASSWORD))


def test_a_link_is_good_for_its_own_purpose_and_time(village: Village, editor: Person) -> None:
    assert editor.id
    village.forget("editor@example.com")
    link = village.link("editor@example.com")
    token = link.partition("token=")[2]
    assert village.browser().open(f"/join/confirm?token={token}").status == 410
    assert village.browser().open(link[:-1] + ("A" if link[-1] != "A" else "B")).status == 410
    assert village.browser().open(link).status == 200
    village.rows("UPDATE mailed_links SET expires_at = now()")
    assert village.browser().open(link).status == 410


def test_a_disabled_person_is_nobody_to_the_letters(village: Village, editor: Person, admin: Person) -> None:
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    village.forget("editor@example.com")
    (letter,) = village.letters("editor@example.com")
    assert letter.message["Subject"] == "No account has this address"
    assert "token=" not in letter.text


@pytest.mark.parametrize(
    "environ",
    [
        {"SIGN_UP": "open"},
        {"SIGN_UP": "domains", "SMTP_URL": "smtp://mail.example"},
        {"SIGN_UP": "everybody"},
    ],
)
def test_sign_up_needs_what_it_needs(environ: dict[str, str]) -> None:
    read = EnvironmentReader(environ)
    read_joining_settings(read)
    with pytest.raises(SettingsError):
        read.finish()
