"""Invitations: a link for one address, good once; an account comes along only where it leaves nothing."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.errors import ConflictError
from plugin_backend.services.house import House
from plugin_backend.services.people import accepting, invitations, members
from tests.api.browsers import PASSWORD, Browser, Page, led_to, with_password
from tests.api.people import Person, Town, at_once, draft, master, problem

PATH = "/v1/workspace/invitations"
NEW = "new@example.com"
CHOSEN = "a long way to the lighthouse"


def _invite(person: Person, email: str = NEW, **more: Any) -> dict[str, Any]:
    answer = person.post(PATH, {"email": email, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def _link(made: dict[str, Any]) -> str:
    parts = urlsplit(made["url"])
    return f"{parts.path}?{parts.query}"


def _join(app: Flask, made: dict[str, Any], password: str = CHOSEN) -> tuple[Browser, Page]:
    browser = Browser(app)
    return browser, browser.send(_link(made), "/invitation", password=password)


def _emails(person: Person) -> set[str]:
    return {each["email"] for each in person.get("/v1/workspace/members").json["items"]}


def _moved(house: House, clock: str) -> None:
    with house.begin() as work:
        work.connection.execute(text(f"UPDATE invitations SET expires_at = {clock}"))


def test_somebody_new_chooses_a_password_and_is_in(app: Flask, admin: Person, editor: Person) -> None:
    made = _invite(admin, role="viewer")
    assert (made["role"], made["invited_by"]) == ("viewer", admin.id)

    browser, page = _join(app, made)

    assert led_to(page) == "/account"
    assert browser.is_signed_in
    assert NEW in _emails(editor)
    assert admin.get(PATH).json["items"] == []
    again = Browser(app).open(_link(made))
    assert (again.status, again.heading) == (410, "This link opens nothing any more")
    assert led_to(Browser(app).log_in(NEW, CHOSEN)) == "/account"


def test_a_link_is_shown_once_and_not_kept(admin: Person, house: House) -> None:
    key = {"Idempotency-Key": "one"}
    made = admin.post(PATH, {"email": NEW}, headers=key).json
    replay = admin.post(PATH, {"email": NEW}, headers=key)

    assert (replay.status_code, replay.json["resource_id"]) == (409, made["id"])
    (listed,) = admin.get(PATH).json["items"]
    assert listed == {name: value for name, value in made.items() if name != "url"}
    token = made["url"].partition("token=")[2]
    with house.begin() as work:
        kept = work.connection.execute(text("SELECT i::text FROM invitations i")).scalar_one()
    assert token[-43:] not in kept


def test_the_answer_does_not_tell_who_has_an_account(admin: Person, stranger: Person, house: House) -> None:
    with_password(house, "stranger@example.com")
    known, unknown = _invite(admin, "stranger@example.com"), _invite(admin, "nobody@example.com")

    assert {**known, "id": "", "url": "", "email": "", "created_at": "", "expires_at": ""} == {
        **unknown,
        "id": "",
        "url": "",
        "email": "",
        "created_at": "",
        "expires_at": "",
    }
    assert stranger.workspace_id != admin.workspace_id


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"email": "nobody"}, "validation"),
        ({"email": "a@b@example.com"}, "validation"),
        ({"email": "x@example.com\r\nBcc: y@example.com"}, "validation"),
        ({"email": NEW, "role": "king"}, "validation"),
        ({"email": NEW, "role": "owner"}, "forbidden"),
        ({"email": "EDITOR@example.com"}, "conflict"),
        ({"email": "Invited@example.com"}, "conflict"),
    ],
)
def test_whom_one_may_not_invite(admin: Person, body: dict[str, str], slug: str) -> None:
    _invite(admin, "invited@example.com")

    assert problem(admin.post(PATH, body)) == slug


def test_invitations_are_their_workspaces_own(
    admin: Person, editor: Person, operator: Person, town: Town, stranger: Person
) -> None:
    made = _invite(admin)
    everything = frozenset(Scope)
    boss = town.settle(
        "boss@example.com", role=Role.OWNER, scopes=everything, workspace_id=stranger.workspace_id
    )

    assert problem(editor.post(PATH, {"email": "x@example.com"})) == "forbidden"
    assert boss.get(PATH).json["items"] == operator.get(PATH).json["items"] == []
    for answer in (boss.delete(f"{PATH}/{made['id']}"), boss.post(f"{PATH}/{made['id']}/resend")):
        assert problem(answer) == "not-found"


def test_taken_back_sent_again_or_late_the_old_link_opens_nothing(
    app: Flask, admin: Person, house: House
) -> None:
    first = _invite(admin)
    second = admin.post(f"{PATH}/{first['id']}/resend").json
    assert second["id"] == first["id"]
    assert Browser(app).open(_link(first)).status == 410
    assert Browser(app).open(_link(second)).status == 200

    _moved(house, "now()")
    assert Browser(app).open(_link(second)).status == 410
    third = _invite(admin)  # the late one makes room
    for _ in range(2):
        assert admin.delete(f"{PATH}/{third['id']}").status_code == 204
    assert Browser(app).open(_link(third)).status == 410
    assert problem(admin.post(f"{PATH}/{third['id']}/resend")) == "conflict"


def test_an_account_of_ones_own_comes_along_with_its_password_and_nothing_else(
    app: Flask, admin: Person, stranger: Person, town: Town, house: House
) -> None:
    with_password(house, "stranger@example.com")
    boss = town.settle("boss@example.com", is_operator=True, scopes=frozenset(Scope))
    quota = f"/v1/admin/users/{stranger.id}/quota"
    boss.patch(quota, {"draft_limit_per_day": 3, "max_concurrent": 9})
    made = _invite(admin, "stranger@example.com")

    _, wrong = _join(app, made, CHOSEN)
    assert (wrong.status, len(wrong.problems)) == (422, 1)
    assert "stranger@example.com" not in _emails(admin)
    _, joined = _join(app, made, PASSWORD)

    assert led_to(joined) == "/account"
    assert "stranger@example.com" in _emails(admin)
    assert stranger.get("/v1/me").status_code == 401  # its keys are of the time before
    assert town.credits_of(stranger) == (0, 0)
    found = admin.get(quota).json
    assert found["plan"]["id"] == "free"
    # What was given stays behind; where an operator bars somebody, they are barred here too.
    assert (found["draft"]["override"], found["concurrency"]["override"]) == (3, None)


def test_an_account_with_work_or_colleagues_stays_where_it_is(
    app: Flask, admin: Person, stranger: Person, town: Town, house: House
) -> None:
    with_password(house, "stranger@example.com")
    made = _invite(admin, "stranger@example.com")
    colleague = town.settle("colleague@example.com", workspace_id=stranger.workspace_id)

    assert _join(app, made, PASSWORD)[1].status == 409
    with house.begin() as work:
        work.connection.execute(text("DELETE FROM api_keys WHERE owner_id = :id"), {"id": colleague.id})
        work.connection.execute(
            text("UPDATE users SET workspace_id = :w WHERE id = :id"),
            {"w": admin.workspace_id, "id": colleague.id},
        )
    assert stranger.post("/v1/generations", draft()).status_code == 202

    assert _join(app, made, PASSWORD)[1].status == 409
    assert stranger.get("/v1/me").json["workspace"]["id"] == stranger.workspace_id


def test_who_was_removed_joins_another_workspace_with_nothing_of_the_old_one(
    app: Flask, admin: Person, editor: Person, operator: Person, house: House
) -> None:
    with_password(house, "editor@example.com")
    theirs = editor.post("/v1/generations", draft()).json
    assert admin.delete(f"/v1/workspace/members/{editor.id}").status_code == 204
    made = _invite(operator, "editor@example.com")

    browser, joined = _join(app, made, PASSWORD)

    assert led_to(joined) == "/account"
    assert browser.is_signed_in
    assert editor.get("/v1/me").status_code == 401  # the key was revoked, not only asleep
    assert "editor@example.com" in _emails(operator)
    found = operator.get(f"/v1/admin/users/{editor.id}").json
    assert found["purse"]["personal"] == {"available": 0, "held": 0}
    assert admin.get(f"/v1/generations/{theirs['id']}").status_code == 200
    assert (found["plan"]["id"], found["workspace"]["id"]) == ("free", operator.workspace_id)


def test_whoever_is_removed_invites_nobody_any_more(app: Flask, town: Town, admin: Person) -> None:
    everything = frozenset(Scope)
    other = town.settle(
        "other@example.com", role=Role.ADMIN, scopes=everything, workspace_id=admin.workspace_id
    )
    made = _invite(other)

    admin.delete(f"/v1/workspace/members/{other.id}")

    assert Browser(app).open(_link(made)).status == 410


def test_a_link_used_by_many_at_once_makes_one_account(app: Flask, admin: Person, house: House) -> None:
    made = _invite(admin)

    pages = at_once(3, lambda _: _join(app, made)[1].status)

    assert min(pages) == 303
    assert set(pages) <= {303, 410, 422, 429}
    with house.begin() as work:
        found = work.connection.execute(text("SELECT count(*) FROM users WHERE email = :e"), {"e": NEW})
        assert found.scalar_one() == 1


def test_where_mail_is_set_up_only_the_letter_has_the_link(house: House, admin: Person) -> None:
    posting = replace(house, sends_mail=True)
    actor = Caller(
        user_id=admin.id, workspace_id=admin.workspace_id, role=Role.ADMIN, scopes=frozenset(Scope)
    )
    links: list[str] = []

    def address(token: str) -> str:
        links.append(token)
        return f"https://example.com/invitation?token={token}"

    made = invitations.create(posting, actor, email=NEW, role=Role.EDITOR, address=address)

    assert (made.token, len(links)) == (None, 1)
    with house.begin() as work:
        (kept,) = work.connection.execute(text("SELECT about, letter FROM mails")).all()
    assert kept.about == "invitation"
    assert links[0] not in kept.letter
    assert len(members.find(house, actor, before=None, limit=9)) == 2


@pytest.mark.parametrize("change", ["password", "erased", "disabled by an operator"])
def test_an_account_that_changes_after_its_password_was_given_stays(
    house: House, admin: Person, editor: Person, operator: Person, change: str
) -> None:
    with_password(house, "editor@example.com")
    user = f"/v1/admin/users/{editor.id}"
    assert admin.delete(f"/v1/workspace/members/{editor.id}").status_code == 204
    token = _invite(operator, "editor@example.com")["url"].partition("token=")[2]

    def meanwhile(point: str) -> None:
        assert point == "invitation:password-checked"
        match change:
            case "password":
                with_password(house, "editor@example.com", "another one by now")
            case "erased":
                assert operator.post(f"{user}/delete", {"reason": "a test"}).status_code == 202
            case _:
                assert operator.patch(user, {"disabled": True}).status_code == 200

    with pytest.raises(ConflictError):
        accepting.accept(replace(house, failpoint=meanwhile), token, PASSWORD)

    found = operator.get(user).json
    assert (found["workspace"]["id"], found["disabled"]) == (editor.workspace_id, True)


def test_no_invitation_lifts_what_an_operator_bars(
    app: Flask, admin: Person, editor: Person, operator: Person, house: House
) -> None:
    with_password(house, "editor@example.com")
    user = f"/v1/admin/users/{editor.id}"
    operator.patch(user, {"disabled": True})
    assert admin.delete(f"/v1/workspace/members/{editor.id}").status_code == 204
    made = _invite(admin, "editor@example.com")

    assert _join(app, made, PASSWORD)[1].status == 409
    assert operator.patch(user, {"disabled": False}).json["disabled"] is True  # removed, still
    assert led_to(_join(app, made, PASSWORD)[1]) == "/account"


def test_credits_that_are_held_are_waited_for(
    app: Flask, admin: Person, editor: Person, operator: Person, house: House
) -> None:
    with_password(house, "editor@example.com")
    assert editor.post("/v1/generations", master()).status_code == 202
    assert admin.delete(f"/v1/workspace/members/{editor.id}").status_code == 204
    made = _invite(operator, "editor@example.com")

    assert _join(app, made, PASSWORD)[1].status == 409
