"""/admin as it is sent: who gets in, what a change says before it is made, what cannot be made by others."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from plugin_backend.services.house import House
from tests.api.browsers import Browser, Page, led_to, with_password
from tests.api.people import Person, Town, draft, master

pytestmark = pytest.mark.usefixtures("admin", "editor", "operator")

Enter = Callable[[str], Browser]

PAGES = ("", "/users", "/queues", "/failures", "/exposures", "/usage", "/audit")


@pytest.fixture
def enter(app: Flask, house: House) -> Enter:
    """A browser in which somebody is signed in."""

    def signed_in(email: str) -> Browser:
        with_password(house, email)
        browser = Browser(app)
        led_to(browser.log_in(email))
        return browser

    return signed_in


def _send(browser: Browser, path: str, action: str, **typed: str) -> Page:
    """Send a form, and the page that asks once more."""
    said = browser.send(path, action, **typed)
    assert said.status == 200, said.text
    assert said.tree.xpath("//input[@name='confirmed']")
    return Page(browser.client.post(action, data=said.form(action)))


def test_no_part_of_it_opens_to_a_stranger(app: Flask) -> None:
    tried = 0
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/admin"):
            path = re.sub(r"<[^>]+>", "x", rule.rule)
            for method in (rule.methods or set()) & {"GET", "POST"}:
                answer = app.test_client().open(path, method=method)
                assert answer.status_code == (303 if method == "GET" else 403), (method, path)
                tried += 1
    assert tried >= 15


def test_a_stranger_signs_in_first_and_comes_back(app: Flask) -> None:
    sent = Browser(app).open("/admin/users?q=x")
    assert led_to(sent) == "/login?next=/admin/users%3Fq%3Dx"


@pytest.mark.parametrize("name", PAGES)
def test_an_editor_gets_a_plain_refusal(enter: Enter, name: str) -> None:
    refused = enter("editor@example.com").open(f"/admin{name}")
    assert refused.status == 403
    assert "administrator" in refused.text or "admin" in refused.text


def test_every_page_is_there_for_administrators_and_operators(enter: Enter, editor: Person) -> None:
    made = editor.post("/v1/generations", master()).json["id"]
    for email in ("admin@example.com", "operator@example.com"):
        browser = enter(email)
        for name in (*PAGES, f"/users/{editor.id}", f"/generations/{made}"):
            page = browser.open(f"/admin{name}")
            assert page.status == 200, (name, page.text)
            policy = page.answer.headers["Content-Security-Policy"]
            assert "script-src 'none'" in policy
            assert not page.tree.xpath("//script|//*[@style]|//*[@onclick]")
            for table in page.tree.xpath("//table"):
                assert table.xpath("./caption")
                assert not table.xpath(".//th[not(@scope)]")


def test_a_workspace_admin_sees_their_workspace_only(enter: Enter, stranger: Person) -> None:
    theirs = stranger.post("/v1/generations", draft()).json["id"]
    browser = enter("admin@example.com")
    people = browser.open("/admin/users").text
    assert "editor@example.com" in people
    assert "stranger@example.com" not in people
    for path in (f"/admin/users/{stranger.id}", f"/admin/generations/{theirs}"):
        assert browser.open(path).status == 404
    assert theirs not in browser.open("/admin/queues").text
    assert browser.open(f"/admin/usage?workspace_id={stranger.workspace_id}").status == 200


def test_a_change_is_said_first_and_made_with_its_reason(
    enter: Enter, admin: Person, editor: Person, town: Town
) -> None:
    browser, path = enter("admin@example.com"), f"/admin/users/{editor.id}"
    editor.post("/v1/generations", draft(takes=4))
    said = browser.send(path, f"{path}/quota", draft_limit_per_day="2", reason="over budget")
    assert "Drafts a day: 100 now, 2 then." in said.text
    assert "0 draft units are left today, not 96." in said.text
    assert admin.get(f"/v1/admin/users/{editor.id}/quota").json["draft"]["limit_per_day"] == 100
    after = Page(browser.client.post(f"{path}/quota", data=said.form(f"{path}/quota")))
    assert led_to(after) == f"{path}?done=quota"
    assert admin.get(f"/v1/admin/users/{editor.id}/quota").json["draft"]["limit_per_day"] == 2
    assert led_to(_send(browser, path, f"{path}/credits", amount="-500", reason="a mistake"))
    assert town.credits_of(editor) == (9_500, 0)
    other = {"role": "viewer", "plan": "studio", "access": "open", "reason": "left"}
    assert "Plan: Pro now, studio then" in browser.send(path, f"{path}/account", **other).text
    assert led_to(_send(browser, path, f"{path}/account", **other))
    assert led_to(_send(browser, path, f"{path}/freeze", freeze="yes", reason="abroad"))
    trail = admin.get(f"/v1/admin/audit?subject_id={editor.id}").json["items"]
    found = {(entry["action"], entry["reason"]) for entry in trail}
    assert {
        ("quota.changed", "over budget"),
        ("credits.adjusted", "a mistake"),
        ("user.changed", "left"),
        ("user.frozen", "abroad"),
    } <= found
    audit = browser.open(f"/admin/audit?subject_id={editor.id}").text
    assert "over budget" in audit


@pytest.mark.parametrize(
    "wrong",
    [
        ("quota", {"draft_limit_per_day": "many", "reason": "x"}, "draft_limit_per_day"),
        ("quota", {"draft_limit_per_day": "5", "reason": " "}, "reason"),
        ("quota", {"max_concurrent": "0", "reason": "x"}, "max_concurrent"),
        ("credits", {"amount": "-10001", "reason": "x"}, "amount"),
        ("credits", {"amount": "0", "reason": "x"}, "amount"),
        ("credits", {"amount": "1e3", "reason": "x"}, "amount"),
        ("account", {"role": "editor", "plan": "pro", "access": "open", "reason": "x"}, "role"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    enter: Enter, editor: Person, town: Town, wrong: tuple[str, dict[str, str], str]
) -> None:
    form, typed, field = wrong
    path = f"/admin/users/{editor.id}"
    page = enter("admin@example.com").send(path, f"{path}/{form}", **typed)
    assert page.status == 422
    assert page.problems
    assert page.tree.xpath(f"//*[@id='errors']//a[@href='#{field}']")
    assert town.credits_of(editor) == (10_000, 0)


def test_nobody_else_can_send_a_form(enter: Enter, editor: Person, town: Town) -> None:
    browser, path = enter("operator@example.com"), f"/admin/users/{editor.id}/credits"
    typed = {"amount": "500", "reason": "a gift", "confirmed": "yes"}
    assert browser.client.post(path, data=typed).status_code == 403
    fields = browser.open(f"/admin/users/{editor.id}").form(path)
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert browser.client.post(path, data={**fields, **typed}, headers=elsewhere).status_code == 403
    assert town.credits_of(editor) == (10_000, 0)


def test_an_admin_does_nothing_above_their_rank(enter: Enter, town: Town, editor: Person) -> None:
    boss = town.settle("boss@example.com", workspace_id=editor.workspace_id, is_operator=True)
    path = f"/admin/users/{boss.id}"
    browser = enter("admin@example.com")
    said = browser.send(path, f"{path}/account", role="viewer", plan="pro", access="closed", reason="a coup")
    assert Page(browser.client.post(f"{path}/account", data=said.form(f"{path}/account"))).status == 403


def test_words_of_people_stay_words(enter: Enter, editor: Person, house: House) -> None:
    nasty = "<script>alert(1)</script>"
    shot = {"brief": {"prompt": nasty}, "label": nasty}
    editor.post("/v1/generations", {**draft(), **shot})
    with house.engine.begin() as connection:
        named = text("UPDATE users SET email = :email WHERE id = :id")
        connection.execute(named, {"email": f"{nasty}@example.com", "id": editor.id})
    browser = enter("operator@example.com")
    for path in ("/users", f"/users/{editor.id}", "/queues", "/usage?group_by=shot", f"/users?q={nasty}"):
        page = browser.open(f"/admin{path}")
        assert page.status == 200
        assert not page.tree.xpath("//script"), path
        assert nasty in page.text, path


def test_a_failure_says_why_and_is_asked_for_again(enter: Enter, admin: Person, editor: Person) -> None:
    made = editor.post("/v1/generations", master()).json["id"]
    browser, path = enter("admin@example.com"), f"/admin/generations/{made}"
    missing = browser.send(path, f"{path}/fail")
    assert missing.status == 422
    assert led_to(_send(browser, path, f"{path}/fail", reason="stuck since noon")) == f"{path}?done=fail"
    failures = browser.open("/admin/failures").text
    assert "stuck since noon" in failures
    again = led_to(_send(browser, path, f"{path}/retry", reason="the provider is back"))
    new = re.sub(r"\?.*", "", again).rpartition("/")[2]
    found = editor.get(f"/v1/generations/{new}").json
    assert (found["state"], found["kind"]) == ("queued", "master")
    cancelled = _send(browser, f"/admin/generations/{new}", f"/admin/generations/{new}/cancel", reason="no")
    assert led_to(cancelled)
    assert editor.get(f"/v1/generations/{new}").json["state"] == "cancelled"
    trail = admin.get(f"/v1/admin/audit?subject_id={made}").json["items"]
    assert [entry["reason"] for entry in trail] == ["the provider is back", "stuck since noon"]


def test_an_exposure_is_settled_by_an_operator_only(enter: Enter, editor: Person, house: House) -> None:
    made = editor.post("/v1/generations", draft()).json["takes"][0]["id"]
    with house.engine.begin() as connection:
        lost = (
            "INSERT INTO attempts (id, workspace_id, owner_id, take_id, token, provider, provider_ref, state,"
            " credits_at_risk, created_at) SELECT 'att_1', workspace_id, owner_id, id, 't', 'luma', 'r',"
            " 'lost', 42, now() FROM takes WHERE id = :id"
        )
        connection.execute(text(lost), {"id": made})
    seen = enter("admin@example.com").open("/admin/exposures")
    assert "Given up as lost, and found later." in seen.text
    assert not seen.tree.xpath("//form[@method='post'][contains(@action, 'settle')]")
    browser, path = enter("operator@example.com"), "/admin/exposures"
    assert "42" in [str(cell.text_content()) for cell in browser.open(path).tree.xpath("//tbody//td")]
    assert led_to(_send(browser, path, f"{path}/att_1/settle", reason="never billed"))
    assert "att_1" not in browser.open(path).text
    assert "never billed" in browser.open(f"{path}?state=all").text


def test_people_are_paged_and_found(enter: Enter, operator: Person, house: House) -> None:
    with house.engine.begin() as connection:
        copied = (
            "INSERT INTO users (id, workspace_id, email, role, plan_id, created_at)"
            " SELECT 'usr_' || lpad(n::text, 26, '0'), workspace_id, 'p' || n || '@example.com', 'editor',"
            " plan_id, created_at FROM users, generate_series(1, 120) n WHERE users.id = :id"
        )
        connection.execute(text(copied), {"id": operator.id})
        accounts = (
            "INSERT INTO accounts (id, owner_kind, owner_id)"
            " SELECT 'acc_' || id, 'user', id FROM users WHERE email LIKE 'p%@example.com'"
        )
        connection.execute(text(accounts))
    browser, seen, path = enter("operator@example.com"), set[str](), "/admin/users?q=%40example"
    for _ in range(5):
        page = browser.open(path)
        rows = [str(each.text_content()) for each in page.tree.xpath("//tbody//th/a")]
        assert not seen & set(rows)
        seen |= set(rows)
        onward = page.tree.xpath("//a[text()='Older ones']/@href")
        if not onward:
            break
        path = f"/admin/users{onward[0]}"
    assert len(seen) == 123
    assert browser.open("/admin/users?cursor=forged").status == 422


def test_bars_are_as_high_as_their_figures(enter: Enter, editor: Person) -> None:
    for _ in range(3):
        editor.post("/v1/generations", draft())
    page = enter("admin@example.com").open("/admin/usage")
    (svg, paid) = page.tree.xpath("//figure//*[local-name()='svg']")
    (bar,) = svg.xpath(".//*[local-name()='rect']")
    foot, head = 240 - 28, 12
    assert float(bar.get("height")) == pytest.approx((foot - head) * 3 / 4, abs=0.1)
    assert float(bar.get("y")) + float(bar.get("height")) == pytest.approx(foot, abs=0.1)
    assert ": 3 generations" in str(bar.xpath("string()"))
    assert not paid.xpath(".//*[local-name()='rect']")
    cells = [str(cell.text_content()) for cell in page.tree.xpath("//tfoot//td")]
    assert cells[:3] == ["3", "3", "0"]


@pytest.mark.parametrize(
    "asked", ["from=yesterday", "from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01"]
)
def test_days_that_make_no_sense_are_refused_on_the_page(enter: Enter, asked: str) -> None:
    page = enter("admin@example.com").open(f"/admin/usage?{asked}")
    assert page.status == 422
    assert page.problems


def test_looking_too_often_is_slowed_down(app: Flask, enter: Enter) -> None:
    browser = enter("admin@example.com")
    furniture = app.extensions["plugin-backend"]
    strict = replace(furniture.settings, reads_per_minute=20)
    replace(furniture, settings=strict).stand_in(app)
    statuses = [browser.open("/admin/audit").status for _ in range(60)]
    assert statuses[0] == 200
    assert 429 in statuses
