"""A panel signs somebody in by device code, in RFC 8628's words."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.people.grants import device_name, new_user_code, read_user_code
from tests.api.panels import DEVICE, DEVICE_CODE, Panel, refusal
from tests.api.people import Person, Town, at_once, draft, problem, told


def test_a_panel_is_told_where_to_go_and_what_to_show(panel: Panel) -> None:
    codes = panel.ask()
    assert re.fullmatch(r"[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}", codes["user_code"])
    assert codes["verification_uri"].endswith("/activate")
    assert codes["verification_uri_complete"] == f"{codes['verification_uri']}?user_code={codes['user_code']}"
    assert (codes["expires_in"], codes["interval"]) == (600, 5)


def test_an_approved_panel_gets_its_tokens_and_works(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    assert refusal(panel.poll(codes)) == "authorization_pending"
    panel.approve(codes, editor)
    answer = panel.poll(codes)
    tokens = told(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 3600, "generate read")
    me = panel.me(tokens["access_token"])
    assert (me.json["id"], me.json["scopes"]) == (editor.id, ["generate", "read"])
    signed_in = Person(editor.id, editor.workspace_id, tokens["access_token"], panel.client)
    assert signed_in.post("/v1/generations", draft()).status_code == 202
    assert problem(signed_in.get("/v1/admin/users")) == "forbidden"


def test_a_panel_that_looks_too_often_is_told_to_slow_down_and_more_each_time(panel: Panel) -> None:
    codes = panel.ask()
    assert refusal(panel.poll(codes)) == "authorization_pending"
    assert refusal(panel.poll(codes)) == "slow_down"
    panel.age("device_grants", 6, "polled_at")
    assert refusal(panel.poll(codes)) == "slow_down"  # ten seconds by now
    panel.age("device_grants", 16, "polled_at")
    assert refusal(panel.poll(codes)) == "authorization_pending"


def test_a_panel_that_keeps_the_interval_is_never_told_to_slow_down(panel: Panel) -> None:
    codes = panel.ask()
    for _ in range(4):
        assert refusal(panel.poll(codes)) == "authorization_pending"
        panel.age("device_grants", 5, "polled_at")


def test_a_denied_panel_hears_it(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor, is_approved=False)
    assert refusal(panel.poll(codes)) == "access_denied"


def test_a_code_nobody_used_in_time_is_expired_even_if_approved(panel: Panel, editor: Person) -> None:
    codes, approved = panel.ask(), panel.ask()
    panel.approve(approved, editor)
    panel.age("device_grants", 601, "expires_at", "created_at")
    assert refusal(panel.poll(codes)) == "expired_token"
    assert refusal(panel.poll(approved)) == "expired_token"
    with pytest.raises(NotFoundError):
        panel.approve(codes, editor)


def test_a_code_is_decided_once(panel: Panel, editor: Person, stranger: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    with pytest.raises(NotFoundError):
        panel.approve(codes, stranger)
    assert panel.me(told(panel.poll(codes))["access_token"]).json["id"] == editor.id


def test_a_panel_that_lost_its_tokens_is_given_them_again_for_a_minute(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    lost, found = told(panel.poll(codes)), told(panel.poll(codes))
    assert lost["refresh_token"] == found["refresh_token"]
    assert panel.me(found["access_token"]).status_code == 200
    panel.age("device_grants", 61, "redeemed_at")
    assert refusal(panel.poll(codes)) == "invalid_grant"
    assert panel.me(found["access_token"]).status_code == 200


def test_a_spent_code_gives_nothing_once_the_panel_went_on(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    tokens = told(panel.poll(codes))
    assert panel.refresh(tokens["refresh_token"]).status_code == 200
    assert refusal(panel.poll(codes)) == "invalid_grant"


def test_two_that_fetch_at_once_make_one_session(app: Flask, panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    answers = at_once(4, lambda _: Panel(app.test_client(), panel.house).poll(codes))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json["refresh_token"] for answer in answers}) == 1
    assert len(editor.get("/v1/me/sessions").json["items"]) == 1


def test_somebody_who_was_disabled_meanwhile_gets_no_tokens(
    panel: Panel, editor: Person, admin: Person
) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert refusal(panel.poll(codes)) == "access_denied"


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"client_id": "somebody"}, "invalid_client"),
        ({"client_id": "panel", "scope": "read admin"}, "invalid_scope"),
        ({"client_id": "panel", "scope": "everything"}, "invalid_scope"),
        ({"client_id": ["panel", "panel"]}, "invalid_request"),
        ({"client_id": "panel", "scope": "x" * 2_000}, "invalid_request"),
        ({"client_id": "panel", "device": "a\0b"}, "invalid_request"),
    ],
)
def test_a_question_that_cannot_be_asked(client: FlaskClient, form: dict[str, Any], word: str) -> None:
    assert refusal(client.post("/v1/oauth/device_authorization", data=form)) == word


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({}, "invalid_request"),
        ({"grant_type": DEVICE_CODE}, "invalid_request"),
        ({"grant_type": DEVICE_CODE, "client_id": "panel"}, "invalid_request"),
        ({"grant_type": DEVICE_CODE, "client_id": "other", "device_code": "x"}, "invalid_client"),
        ({"grant_type": DEVICE_CODE, "client_id": "panel", "device_code": "x"}, "invalid_grant"),
        (
            {"grant_type": DEVICE_CODE, "client_id": "panel", "device_code": f"pbd_{'0' * 26}_{'x' * 43}"},
            "invalid_grant",
        ),
        ({"grant_type": "password", "client_id": "panel"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "client_id": "panel"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "client_id": "panel"}, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": "panel", "refresh_token": "x"}, "invalid_grant"),
        (
            {"grant_type": "refresh_token", "client_id": "panel", "refresh_token": "x", "scope": "admin"},
            "invalid_scope",
        ),
    ],
)
def test_a_trade_that_cannot_be_made(client: FlaskClient, form: dict[str, Any], word: str) -> None:
    assert refusal(client.post("/v1/oauth/token", data=form)) == word


def test_forms_only_and_nothing_in_the_address(client: FlaskClient) -> None:
    asked = {"client_id": "panel"}
    assert refusal(client.post("/v1/oauth/device_authorization", json=asked)) == "invalid_request"
    assert (
        refusal(client.post("/v1/oauth/device_authorization", query_string=asked, data=asked))
        == "invalid_request"
    )
    assert client.get("/v1/oauth/token").status_code == 405


def test_one_wrong_character_of_a_device_code_is_enough(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    code = codes["device_code"]
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    assert refusal(panel.poll({"device_code": wrong})) == "invalid_grant"
    assert panel.poll(codes).status_code == 200


def test_no_kind_of_token_passes_for_another(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    assert refusal(panel.refresh(tokens["access_token"])) == "invalid_grant"
    assert refusal(panel.refresh(editor.token)) == "invalid_grant"
    assert problem(panel.me(tokens["refresh_token"])) == "unauthenticated"
    swapped = tokens["refresh_token"].replace("pbr_", "pba_")
    assert problem(panel.me(swapped)) == "unauthenticated"


def test_a_panel_gets_no_more_than_it_asked_for(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor, scope="read")
    assert tokens["scope"] == "read"
    reading = Person(editor.id, editor.workspace_id, tokens["access_token"], panel.client)
    assert problem(reading.post("/v1/generations", draft())) == "forbidden"


def test_every_endpoint_of_the_metadata_exists(client: FlaskClient) -> None:
    answer = client.get("/.well-known/oauth-authorization-server")
    metadata = told(answer)
    assert metadata["issuer"] == "http://127.0.0.1:8000"
    addresses = [value for name, value in metadata.items() if name.endswith("_endpoint")]
    assert len(addresses) == 3
    for address in addresses:
        assert address.startswith(metadata["issuer"])
        assert refusal(client.post(address.removeprefix(metadata["issuer"]), data={})) == "invalid_request"
    assert client.get("/docs").status_code == 200
    for kind in metadata["grant_types_supported"]:
        asked = {"client_id": "panel", "grant_type": kind}
        assert refusal(client.post("/v1/oauth/token", data=asked)) == "invalid_request"


def test_a_session_names_its_device_and_is_ended_from_another(
    panel: Panel, editor: Person, stranger: Person
) -> None:
    tokens = panel.sign_in(editor)
    (session,) = editor.get("/v1/me/sessions").json["items"]
    assert (session["device"], session["kind"], session["is_current"]) == (DEVICE, "panel", False)
    own = Person(editor.id, editor.workspace_id, tokens["access_token"], panel.client)
    assert own.get("/v1/me/sessions").json["items"][0]["is_current"]

    path = f"/v1/me/sessions/{session['id']}"
    assert problem(stranger.delete(path)) == "not-found"
    assert own.get("/v1/me").status_code == 200
    assert editor.delete(path).status_code == 204
    assert problem(own.get("/v1/me")) == "unauthenticated"
    assert refusal(panel.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert editor.delete(path).status_code == 204
    assert editor.get("/v1/me/sessions").json["items"] == []


def test_who_may_only_read_signs_out_nobody_but_themselves(panel: Panel, town: Town) -> None:
    reader = town.settle("reader@example.com", scopes=frozenset())
    tokens, other = panel.sign_in(reader, scope="read"), panel.sign_in(reader)
    own = Person(reader.id, reader.workspace_id, tokens["access_token"], panel.client)
    ids = {each["is_current"]: each["id"] for each in own.get("/v1/me/sessions").json["items"]}
    assert problem(own.delete(f"/v1/me/sessions/{ids[False]}")) == "forbidden"
    assert own.delete(f"/v1/me/sessions/{ids[True]}").status_code == 204
    assert panel.me(other["access_token"]).status_code == 200


@given(st.text(max_size=300))
def test_whatever_a_device_calls_itself_is_one_short_line(name: str) -> None:
    shown = device_name(name)
    assert 0 < len(shown) <= 80
    assert shown.isprintable()


@given(st.sampled_from([" ", "-", "_", ".", "\u2013"]), st.sampled_from([str.upper, str.lower]))
def test_a_code_is_read_however_it_is_typed(between: str, case: Callable[[str], str]) -> None:
    code = new_user_code()
    typed = between.join(code.replace("-", ""))
    assert read_user_code(f" {case(typed)} ") == code


@pytest.mark.parametrize("typed", ["", "BCDF", "BCDF-GHJA", "BCDF-GHJK-L", "1234-5678", "BCDF-GHJ\0"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_user_code(typed) is None
