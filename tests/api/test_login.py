"""Signing in with a browser: an address, a password, a cookie, and forms that are only ours."""

import logging
import time
from dataclasses import replace

import pytest
import structlog
from flask import Flask

from plugin_backend.app import create_app
from plugin_backend.config import LogFormat, LogLevel, Settings
from plugin_backend.logs import configure
from plugin_backend.services.house import House
from plugin_backend.services.people import passwords
from tests.api.browsers import (
    EMAIL,
    PASSWORD,
    Browser,
    Page,
    led_to,
    tries_until_refused,
    with_password,
)
from tests.api.panels import Panel
from tests.api.people import Person, problem, told


def test_an_address_and_its_password_open_a_session(browser: Browser) -> None:
    assert led_to(browser.open("/account")) == "/login?next=/account"
    assert led_to(browser.log_in("Editor@Example.com")) == "/account"
    page = browser.open("/account")
    assert (page.status, page.heading) == (200, "Your account")
    assert EMAIL in page.text


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "wrong horse battery staple"), ("nobody@example.com", PASSWORD), (f"{EMAIL}\0", PASSWORD)],
)
def test_what_is_wrong_is_not_said(browser: Browser, email: str, password: str) -> None:
    page = browser.log_in(email, password)
    assert (page.status, page.problems) == (422, ["The e-mail address or the password is not right."])
    assert not browser.is_signed_in


def test_what_was_typed_is_kept_but_for_the_password(browser: Browser) -> None:
    page = browser.log_in(EMAIL, "something wrong")
    assert page.form("/login")["email"] == EMAIL
    assert page.form("/login")["password"] == ""
    assert browser.log_in("", "").problems == ["Enter your e-mail address.", "Enter your password."]


def test_somebody_without_a_password_or_disabled_does_not_come_in(
    browser: Browser, stranger: Person, editor: Person, admin: Person
) -> None:
    assert stranger.id
    assert browser.log_in("stranger@example.com", "").status == 422
    assert browser.log_in("stranger@example.com").status == 422
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert browser.log_in(EMAIL).status == 422


def test_a_disabled_persons_browser_is_out(signed_in: Browser, editor: Person, admin: Person) -> None:
    assert signed_in.is_signed_in
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert not signed_in.is_signed_in


def test_the_cookie_is_for_this_host_alone_and_no_script(browser: Browser) -> None:
    answer = browser.log_in(EMAIL).answer
    cookies = {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"pb_session", "pb_form", "pb_known"}
    for line in cookies.values():
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line
        assert "Secure" not in line  # plain http on this machine


def test_behind_https_the_cookies_are_secure_and_held_by_their_host(
    roomy: Settings, house: House, editor: Person
) -> None:
    assert editor.id
    with_password(house, EMAIL)
    browser = Browser(create_app(replace(roomy, public_url="https://video.example.com"), house))
    fields = browser.open("/login", base_url="https://video.example.com").form("/login")
    answer = browser.client.post(
        "/login",
        data={**fields, "email": EMAIL, "password": PASSWORD},
        base_url="https://video.example.com",
    )
    lines = answer.headers.getlist("Set-Cookie")
    assert answer.status_code == 303
    assert sorted(line.partition("=")[0] for line in lines) == [
        "__Host-pb_form",
        "__Host-pb_known",
        "__Host-pb_session",
    ]
    assert all("Secure" in line for line in lines)


def test_signing_in_gives_a_new_session_whatever_cookie_came_along(app: Flask, signed_in: Browser) -> None:
    planted = signed_in.cookie()
    assert planted is not None
    victim = Browser(app, pb_session=planted)
    form = victim.open("/account").form("/logout")  # the thief's session, in the victim's browser
    answer = Page(victim.client.post("/login", data={**form, "email": EMAIL, "password": PASSWORD}))
    assert led_to(answer) == "/account"
    assert victim.cookie() not in (None, planted)
    assert victim.is_signed_in
    assert not Browser(app, pb_session=planted).is_signed_in


@pytest.mark.parametrize("cookie", ["", "x", f"pbs_{'0' * 26}_{'x' * 43}", "pbs_\x00"])
def test_a_cookie_that_is_none_opens_nothing(app: Flask, cookie: str) -> None:
    assert not Browser(app, pb_session=cookie).is_signed_in


def test_no_other_token_passes_for_a_cookie_nor_a_cookie_for_a_token(
    app: Flask, signed_in: Browser, editor: Person, panel: Panel
) -> None:
    for token in (editor.token, panel.sign_in(editor)["access_token"]):
        assert not Browser(app, pb_session=token).is_signed_in
        assert not Browser(app, pb_session=token.replace("pba_", "pbs_").replace("pbk_", "pbs_")).is_signed_in
    assert problem(panel.me(signed_in.cookie() or "")) == "unauthenticated"
    assert problem(signed_in.client.get("/v1/me")) == "unauthenticated"


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aSet-Cookie:x=1\r\n",
        "javascript:alert(1)",
        "/a\tb",
        "",
        "account",
        "http:/evil.example",
    ],
)
def test_signing_in_leads_nowhere_but_home(browser: Browser, onward: str) -> None:
    fields = browser.open("/login").form("/login")
    answer = browser.client.post(
        "/login", data={**fields, "next": onward, "email": EMAIL, "password": PASSWORD}
    )
    assert led_to(Page(answer)) == "/account"
    assert led_to(Page(browser.client.get("/login", query_string={"next": onward}))) == "/account"


def test_signing_in_leads_on_within_the_house(browser: Browser) -> None:
    assert led_to(browser.log_in(EMAIL, onward="/panel/")) == "/panel/"
    assert (
        led_to(browser.open("/login?next=/activate%3Fuser_code=BCDF-GHJK")) == "/activate?user_code=BCDF-GHJK"
    )


def test_signing_out_ends_the_session_wherever_its_cookie_lies(app: Flask, signed_in: Browser) -> None:
    cookie = signed_in.cookie()
    assert cookie is not None
    assert led_to(signed_in.send("/account", "/logout")) == "/login"
    assert signed_in.cookie() is None
    assert not Browser(app, pb_session=cookie).is_signed_in
    assert signed_in.client.get("/logout").status_code == 405


def test_a_session_ends_when_nobody_came_for_days(signed_in: Browser, panel: Panel) -> None:
    panel.age("sessions", 3 * 86_400, "seen_at", "expires_at")
    assert not signed_in.is_signed_in


def test_a_session_in_use_goes_on_but_not_for_ever(signed_in: Browser, panel: Panel) -> None:
    for _ in range(5):
        panel.age("sessions", 2 * 86_400, "seen_at", "expires_at", "created_at")
        assert signed_in.is_signed_in
    panel.age("sessions", 20 * 86_400, "created_at")
    panel.age("sessions", 600, "seen_at")
    signed_in.open("/account")
    assert not signed_in.is_signed_in


@pytest.mark.parametrize(
    "action",
    ["/login", "/logout", "/activate", "/account/password", "/account/leave", "/account/sessions/ses_0/end"],
)
def test_a_form_from_elsewhere_is_refused(app: Flask, signed_in: Browser, action: str) -> None:
    others = Browser(app).open("/login").form("/login")["form_token"]
    ours = signed_in.open("/account").form("/logout")["form_token"]
    for token in ("", "x", others):
        assert signed_in.client.post(action, data={"form_token": token}).status_code == 403
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert signed_in.client.post(action, data={"form_token": ours}, headers=cross).status_code == 403
    assert signed_in.is_signed_in


def test_a_form_without_any_cookie_is_refused(app: Flask, browser: Browser) -> None:
    token = browser.open("/login").form("/login")["form_token"]
    answer = Browser(app).client.post(
        "/login", data={"form_token": token, "email": EMAIL, "password": PASSWORD}
    )
    assert answer.status_code == 403
    assert "pb_session" not in str(answer.headers)


def test_a_form_from_before_signing_in_is_refused_after_it(browser: Browser) -> None:
    before = browser.open("/login").form("/login")["form_token"]
    browser.log_in(EMAIL)
    assert browser.client.post("/logout", data={"form_token": before}).status_code == 403


def test_an_account_is_tried_ten_times_and_then_not_even_rightly(strict: Browser) -> None:
    assert 10 <= tries_until_refused(lambda _: strict.log_in(EMAIL, "wrong one").status) <= 20
    page = strict.log_in(EMAIL)
    assert page.status == 429
    assert 0 < int(page.answer.headers["Retry-After"]) <= 600
    assert page.problems[0].startswith("Too many tries. Wait ")
    assert not strict.is_signed_in


def test_a_stranger_who_uses_up_the_tries_does_not_keep_the_owner_out(strict: Browser) -> None:
    led_to(strict.log_in(EMAIL))
    led_to(strict.send("/account", "/logout"))
    stranger = Browser(strict.client.application)
    assert tries_until_refused(lambda _: stranger.log_in(EMAIL, "guessed").status) <= 20
    assert led_to(strict.log_in(EMAIL)) == "/account"


def test_a_browser_that_was_in_before_has_ten_tries_too_and_only_as_who_it_was(strict: Browser) -> None:
    led_to(strict.log_in(EMAIL))
    led_to(strict.send("/account", "/logout"))
    assert 10 <= tries_until_refused(lambda _: strict.log_in(EMAIL, "guessed").status) <= 20
    assert 10 <= tries_until_refused(lambda _: strict.log_in("a@x.example", "guessed").status) <= 20
    planted = Browser(strict.client.application, pb_known="WzEsMl0.made.up")
    assert planted.log_in(EMAIL, "wrong one").status == 422


def test_an_address_tries_no_more_than_sixty_accounts(strict: Browser) -> None:
    fields = strict.open("/login").form("/login")

    def knock(number: int) -> int:
        typed = {**fields, "email": f"{number}@x.example", "password": "p"}
        return strict.client.post("/login", data=typed).status_code

    assert 60 <= tries_until_refused(knock) <= 120


def test_an_address_that_nobody_has_takes_as_long_as_one_that_somebody_has(
    browser: Browser, house: House
) -> None:
    """In processor time of this thread, which a busy machine does not stretch."""
    assert browser.cookie() is None

    def least(email: str) -> float:
        found = []
        for _ in range(5):
            before = time.thread_time()
            assert passwords.check(house, email, "wrong horse battery staple") is None
            found.append(time.thread_time() - before)
        return min(found)

    known, unknown = least(EMAIL), least("nobody@example.com")
    assert 0.5 < unknown / known < 2


def test_nothing_that_was_typed_or_given_is_logged(
    app: Flask, browser: Browser, panel: Panel, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure(LogLevel.DEBUG, LogFormat.JSON)
    try:
        browser.log_in(EMAIL, "a wrong one typed")
        browser.log_in(EMAIL)
        link, codes = passwords.invite(house, EMAIL), panel.ask()
        path = f"/activate?user_code={codes['user_code']}"
        browser.send(path, "/activate", decision="approve")
        tokens = told(panel.poll(codes))
        assert panel.refresh(tokens["access_token"]).status_code == 400
        Browser(app).send(f"/set-password?token={link}", "/set-password", password="short", again="short")
        said = "".join(capsys.readouterr())
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
    cookie = browser.cookie()
    assert cookie is not None
    secrets = [cookie, link, codes["device_code"], tokens["access_token"], tokens["refresh_token"]]
    for secret in (PASSWORD, "a wrong one typed", *(each[-30:] for each in secrets)):
        assert secret not in said
