"""Looking after one's account: sessions, keys, passwords; and what every page has."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from plugin_backend.services.house import House
from plugin_backend.services.people import passwords
from tests.api.browsers import EMAIL, PASSWORD, Browser, Page, led_to, tries_until_refused
from tests.api.panels import Panel
from tests.api.people import Person, problem, told


def test_a_panel_is_ended_from_the_account(signed_in: Browser, panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    assert panel.me(tokens["access_token"]).status_code == 200
    (action,) = signed_in.open("/account").tree.xpath("//form[contains(@action, '/end')]/@action")
    assert led_to(signed_in.send("/account", action)) == "/account?done=signed-out"
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"


def test_nobody_ends_what_is_anothers(signed_in: Browser, panel: Panel, stranger: Person) -> None:
    tokens = panel.sign_in(stranger)
    (session,) = stranger.get("/v1/me/sessions").json["items"]
    form = signed_in.open("/account").form("/logout")
    assert signed_in.client.post(f"/account/sessions/{session['id']}/end", data=form).status_code == 404
    key_id = "key_" + stranger.token.split("_")[1]
    assert signed_in.client.post(f"/account/keys/{key_id}/revoke", data=form).status_code == 404
    assert panel.me(tokens["access_token"]).status_code == 200
    assert stranger.get("/v1/me").status_code == 200


def test_ones_own_key_is_revoked_from_the_account(signed_in: Browser, editor: Person) -> None:
    (action,) = signed_in.open("/account").tree.xpath("//form[contains(@action, '/revoke')]/@action")
    assert editor.get("/v1/me").status_code == 200
    assert led_to(signed_in.send("/account", action)) == "/account?done=key"
    assert problem(editor.get("/v1/me")) == "unauthenticated"


def test_a_person_makes_a_key_of_their_own_and_sees_it_once(signed_in: Browser, editor: Person) -> None:
    page = signed_in.send("/account", "/account/keys", name="render farm")
    (token,) = page.tree.xpath("//p[@class='token']/text()")
    assert token not in signed_in.open("/account").text
    assert "render farm" in signed_in.open("/account").text
    made = replace(editor, token=token)
    assert made.get("/v1/me").json["scopes"] == ["generate", "read"]
    assert problem(made.get("/v1/admin/users")) == "forbidden"
    reading = signed_in.send("/account", "/account/keys", name="wall display", may="read")
    (token,) = reading.tree.xpath("//p[@class='token']/text()")
    assert replace(editor, token=token).get("/v1/me").json["scopes"] == ["read"]


def test_a_key_without_a_name_is_not_made_nor_one_too_many(signed_in: Browser) -> None:
    assert signed_in.send("/account", "/account/keys", name=" ").problems[0].startswith("Give the key a name")
    assert signed_in.send("/account", "/account/keys", name="x" * 101).status == 422
    form = signed_in.open("/account").form("/account/keys")
    answers = [signed_in.client.post("/account/keys", data={**form, "name": "k"}) for _ in range(50)]
    assert [answer.status_code for answer in answers] == [200] * 49 + [409]  # one there was before


def test_a_panels_token_ends_nobody_and_who_knows_the_password_leaves_for_good(
    signed_in: Browser, editor: Person, panel: Panel
) -> None:
    tokens = panel.sign_in(editor)
    with_panel = replace(editor, token=tokens["access_token"])
    leaving = {"confirm": EMAIL, "password": PASSWORD}
    assert problem(with_panel.delete("/v1/me", json=leaving)) == "forbidden"
    for fields in (
        {"confirm": EMAIL, "own_password": "wrong"},
        {"confirm": "somebody@example.com", "own_password": PASSWORD},
    ):
        refused = signed_in.send("/account", "/account/leave", **fields)
        assert (refused.status, len(refused.problems)) == (422, 1)
    page = signed_in.send("/account", "/account/leave", confirm=EMAIL.upper(), own_password=PASSWORD)
    assert (page.status, page.heading) == (200, "You are signed out for good")
    assert EMAIL not in page.text
    (receipt,) = page.tree.xpath("//a[contains(@href, '/v1/erasures/')]/@href")
    assert told(editor.client.get(receipt))["step"] == "cancel"
    assert not signed_in.is_signed_in
    assert problem(editor.get("/v1/me")) == "unauthenticated"
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"


def test_a_password_is_not_guessed_with_a_key(strict: Browser, editor: Person) -> None:
    finder = replace(editor, client=strict.client)
    guess = {"confirm": EMAIL, "password": "a guess that is long enough"}
    assert 10 <= tries_until_refused(lambda _: finder.delete("/v1/me", json=guess).status_code) <= 20
    assert problem(finder.delete("/v1/me", json={**guess, "password": PASSWORD})) == "rate-limited"
    assert editor.get("/v1/me").status_code == 200


def test_another_password_ends_everything_but_this_browser(
    app: Flask, signed_in: Browser, panel: Panel, editor: Person
) -> None:
    other, tokens = Browser(app), panel.sign_in(editor)
    other.log_in(EMAIL)
    new = "a new and longer one"
    fields = {"present": PASSWORD, "password": new, "again": new}
    assert led_to(signed_in.send("/account", "/account/password", **fields)) == "/account?done=password"
    assert signed_in.is_signed_in
    assert not other.is_signed_in
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
    assert other.log_in(EMAIL).status == 422
    led_to(other.log_in(EMAIL, new))


@pytest.mark.parametrize(
    ("fields", "where", "said"),
    [
        ({"present": "wrong"}, "present", "This is not your present password."),
        ({"again": "another"}, "again", "The two are not the same."),
        ({"password": "short", "again": "short"}, "password", "Use at least 12 characters"),
        ({"password": EMAIL, "again": EMAIL}, "password", "Use something other than your own address."),
        ({"password": "a" * 20, "again": "a" * 20}, "password", "Use more than a few different characters."),
        ({"password": "abcdef" * 40, "again": "abcdef" * 40}, "password", "Use at most 200 characters."),
    ],
)
def test_a_password_that_will_not_do(
    signed_in: Browser, fields: dict[str, str], where: str, said: str
) -> None:
    usual = {"present": PASSWORD, "password": "a new and longer one", "again": "a new and longer one"}
    page = signed_in.send("/account", "/account/password", **{**usual, **fields})
    assert page.status == 422
    assert page.problems[0].startswith(said)
    (field,) = page.tree.xpath(f"//input[@id='{where}']")
    assert field.get("aria-invalid") == "true"
    assert not page.tree.xpath("//input[@type='password'][@value!='']")


def test_a_link_sets_a_password_once(app: Flask, editor: Person, house: House, panel: Panel) -> None:
    tokens, browser = panel.sign_in(editor), Browser(app)
    path = f"/set-password?token={passwords.invite(house, EMAIL)}"
    assert EMAIL in browser.open(path).text
    assert browser.open(path).status == 200  # looking does not use it
    short = browser.send(path, "/set-password", password="short", again="short")
    assert (short.status, short.problems[0][:12]) == (422, "Use at least")
    assert browser.send(path, "/set-password", password=PASSWORD, again="x").status == 422
    assert led_to(browser.send(path, "/set-password", password=PASSWORD, again=PASSWORD)) == "/account"
    assert browser.is_signed_in
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
    again = browser.open(path)
    assert (again.status, again.heading) == (410, "This link opens nothing any more")
    led_to(Browser(app).log_in(EMAIL))


def test_a_link_lasts_a_day_and_only_the_newest(
    app: Flask, editor: Person, house: House, panel: Panel
) -> None:
    assert editor.id
    first, second = passwords.invite(house, EMAIL), passwords.invite(house, EMAIL)
    browser = Browser(app)
    assert browser.open(f"/set-password?token={first}").status == 410
    assert browser.open(f"/set-password?token={second[:-1]}").status == 410
    assert browser.open(f"/set-password?token={second}").status == 200
    panel.age("sign_in_links", 86_400, "expires_at")
    assert browser.open(f"/set-password?token={second}").status == 410


_STRANGE = (
    "",
    "\0",
    "a\0b",
    "\ud7ff\ue000",
    "\N{BELL}",
    "x" * 70_000,
    "%",
    "' OR 1=1 --",
    "{{ 7654321 * 7 }}",
    "..",
    "é" * 90,
)


@pytest.mark.parametrize("typed", _STRANGE, ids=range(len(_STRANGE)))
def test_whatever_is_typed_no_page_breaks(signed_in: Browser, typed: str) -> None:
    form = signed_in.open("/account").form("/logout")
    fields = (
        "user_code",
        "decision",
        "present",
        "password",
        "again",
        "token",
        "name",
        "may",
        "next",
        "email",
    )
    filled = {**form, **dict.fromkeys(fields, typed)}
    for path in ("/login", "/activate", "/account/password", "/account/keys", "/set-password"):
        assert signed_in.client.post(path, data=filled).status_code < 500, path
    for path in ("/login", "/activate", "/account", "/set-password"):
        query = dict.fromkeys((*fields, "done"), typed[:900])
        answer = signed_in.client.get(path, query_string=query)
        assert answer.status_code < 500, path
        assert "53580247" not in answer.text.partition("<main")[2]
    raw = b"form_token=" + form["form_token"].encode() + b"&password=\xff\xfe&email=\xed\xa0\x80&name=\xff"
    kind = "application/x-www-form-urlencoded"
    for path in ("/login", "/account/keys", "/account/password"):
        assert signed_in.client.post(path, data=raw, content_type=kind).status_code < 500


def test_passwords_and_cookies_are_not_in_the_database(signed_in: Browser, house: House) -> None:
    with house.engine.connect() as connection:
        tables = ("passwords", "sessions", "sign_in_links", "audit_entries")
        dump = "".join(
            str(row) for table in tables for row in connection.execute(text(f"SELECT t::text FROM {table} t"))
        )
    cookie = signed_in.cookie()
    assert cookie is not None
    assert "$argon2id$" in dump
    assert PASSWORD not in dump
    assert cookie[-30:] not in dump


def test_every_page_is_whole_without_a_script_and_framed_by_nobody(signed_in: Browser, panel: Panel) -> None:
    code = panel.ask()["user_code"]
    pages = [
        Browser(signed_in.client.application).open("/login"),
        Browser(signed_in.client.application).log_in("", ""),
        *(signed_in.open(path) for path in ("/account", "/activate", f"/activate?user_code={code}")),
        signed_in.open("/set-password?token=x"),
    ]
    for page in pages:
        headers = page.answer.headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert (policy["default-src"], policy["script-src"]) == ("'none'", "'none'")
        assert policy["style-src"].startswith("'sha256-")
        assert (policy["form-action"], policy["frame-ancestors"]) == ("'self'", "'none'")
        assert (headers["X-Frame-Options"], headers["Cache-Control"]) == ("DENY", "no-store")
        assert "Access-Control-Allow-Credentials" not in headers
        assert page.tree.xpath("//script | //*[@style] | //*[starts-with(name(@*), 'on')]") == []
        _check_reading(page)


def _check_reading(page: Page) -> None:
    """What somebody needs who cannot see the page."""
    tree = page.tree
    assert tree.get("lang") == "en"
    assert len(tree.xpath("//main")) == len(tree.xpath("//h1")) == 1
    assert tree.findtext(".//title").endswith("· plugin-backend")
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in tree.xpath("//select | //input[not(@type='hidden')]"):
        assert tree.xpath(f"//label[@for='{field.get('id')}']"), field.get("id")
        for named in (field.get("aria-describedby") or "").split():
            assert named in ids
    for link in tree.xpath("//div[@id='errors']//a/@href"):
        assert link.removeprefix("#") in ids
    if page.problems:
        assert tree.findtext(".//title").startswith("Error: ")
    assert tree.xpath("//*[@tabindex > 0]") == []
    assert all(button.text_content().strip() for button in tree.xpath("//button"))
