"""Refresh tokens are good once; what was stolen ends the session, what was only lost does not."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from tests.api.panels import Panel, refusal
from tests.api.people import Person, at_once, problem, told


def test_a_refresh_gives_new_tokens_and_the_old_access_token_lives_its_hour(
    panel: Panel, editor: Person
) -> None:
    first = panel.sign_in(editor)
    second = told(panel.refresh(first["refresh_token"]))
    assert first["refresh_token"] != second["refresh_token"]
    for tokens in (first, second):
        assert panel.me(tokens["access_token"]).json["id"] == editor.id
    panel.age("access_tokens", 3601, "expires_at")
    assert told(panel.refresh(second["refresh_token"]))["expires_in"] == 3600


def test_an_access_token_ends_after_an_hour(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    panel.age("access_tokens", 3600, "expires_at", "created_at")
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"


def test_a_client_that_lost_the_answer_gets_the_same_successor(panel: Panel, editor: Person) -> None:
    first = panel.sign_in(editor)
    lost, found = told(panel.refresh(first["refresh_token"])), told(panel.refresh(first["refresh_token"]))
    assert lost["refresh_token"] == found["refresh_token"]
    assert panel.me(found["access_token"]).status_code == 200
    assert panel.refresh(found["refresh_token"]).status_code == 200


def test_a_spent_token_shown_after_the_grace_ends_everything(panel: Panel, editor: Person) -> None:
    first = panel.sign_in(editor)
    second = told(panel.refresh(first["refresh_token"]))
    assert panel.me(second["access_token"]).status_code == 200
    panel.age("refresh_tokens", 61, "used_at")
    assert refusal(panel.refresh(first["refresh_token"])) == "invalid_grant"
    for tokens in (first, second):
        assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
    assert refusal(panel.refresh(second["refresh_token"])) == "invalid_grant"


def test_a_spent_token_whose_successor_is_in_use_ends_everything_at_once(
    panel: Panel, editor: Person
) -> None:
    first = panel.sign_in(editor)
    second = told(panel.refresh(first["refresh_token"]))
    third = told(panel.refresh(second["refresh_token"]))
    assert refusal(panel.refresh(first["refresh_token"])) == "invalid_grant"
    assert problem(panel.me(third["access_token"])) == "unauthenticated"


def test_another_session_of_the_same_person_goes_on(panel: Panel, editor: Person) -> None:
    one, other = panel.sign_in(editor), panel.sign_in(editor)
    panel.refresh(one["refresh_token"])
    panel.age("refresh_tokens", 61, "used_at")
    assert refusal(panel.refresh(one["refresh_token"])) == "invalid_grant"
    assert panel.me(other["access_token"]).status_code == 200
    assert panel.refresh(other["refresh_token"]).status_code == 200


def test_refreshes_at_once_all_get_the_one_successor(app: Flask, panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    doors = [Panel(app.test_client(), panel.house) for _ in range(6)]
    answers = at_once(6, lambda number: doors[number].refresh(tokens["refresh_token"]))
    assert [answer.status_code for answer in answers] == [200] * 6
    (successor,) = {answer.json["refresh_token"] for answer in answers}
    assert panel.refresh(successor).status_code == 200


def test_a_thief_and_the_owner_at_once_end_it_for_both(app: Flask, panel: Panel, editor: Person) -> None:
    stolen = panel.sign_in(editor)
    second = told(panel.refresh(stolen["refresh_token"]))
    panel.age("refresh_tokens", 61, "used_at")
    doors = [Panel(app.test_client(), panel.house) for _ in range(2)]
    shown = (stolen["refresh_token"], second["refresh_token"])
    answers = at_once(2, lambda number: doors[number].refresh(shown[number]))
    assert refusal(answers[0]) == "invalid_grant"
    left = [second, *([answers[1].json] if answers[1].status_code == 200 else [])]
    for tokens in left:
        assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
        assert refusal(panel.refresh(tokens["refresh_token"])) == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_either_token_signs_out_at_once(panel: Panel, editor: Person, kind: str) -> None:
    tokens = panel.sign_in(editor)
    assert panel.me(tokens["access_token"]).status_code == 200
    assert panel.revoke(tokens[kind]).status_code == 200
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
    assert refusal(panel.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert panel.revoke(tokens[kind]).status_code == 200


def test_a_token_that_is_none_of_ours_is_as_good_as_revoked(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    guessed = tokens["refresh_token"][:-1] + ("A" if tokens["refresh_token"][-1] != "A" else "B")
    for token in ("x", guessed, editor.token):
        assert panel.revoke(token).status_code == 200
    assert panel.me(tokens["access_token"]).status_code == 200
    assert editor.get("/v1/me").status_code == 200


def test_a_disabled_person_is_out_with_their_panels_and_back_when_enabled(
    panel: Panel, editor: Person, admin: Person
) -> None:
    tokens = panel.sign_in(editor)
    assert panel.me(tokens["access_token"]).status_code == 200
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert problem(panel.me(tokens["access_token"])) == "unauthenticated"
    assert refusal(panel.refresh(tokens["refresh_token"])) == "invalid_grant"
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": False})
    assert panel.refresh(tokens["refresh_token"]).status_code == 200


def test_a_panel_unused_for_a_month_signs_in_again(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    panel.age("refresh_tokens", 30 * 86_400, "expires_at")
    assert refusal(panel.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_no_session_lives_for_ever_however_often_it_is_renewed(panel: Panel, editor: Person) -> None:
    tokens = panel.sign_in(editor)
    panel.age("sessions", 180 * 86_400 - 600, "created_at")
    renewed = told(panel.refresh(tokens["refresh_token"]))
    assert 0 < renewed["expires_in"] <= 600
    panel.age("sessions", 600, "created_at", "expires_at")
    assert refusal(panel.refresh(renewed["refresh_token"])) == "invalid_grant"


def test_nothing_that_opens_anything_is_in_the_database(panel: Panel, editor: Person) -> None:
    codes = panel.ask()
    panel.approve(codes, editor)
    first = told(panel.poll(codes))
    second = told(panel.refresh(first["refresh_token"]))
    with panel.house.engine.connect() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        dump = "".join(
            str(row)
            for table in tables.all()
            for row in connection.execute(text(f"SELECT t::text FROM {table} t"))
        )
    spelt = [
        codes["device_code"],
        *(each[name] for each in (first, second) for name in each if "token" in name),
    ]
    secrets = [each[-30:] for each in spelt if each.startswith("pb")]
    assert len(secrets) == 5
    assert editor.id in dump
    assert [each for each in (*secrets, codes["user_code"]) if each in dump] == []


class Family(RuleBasedStateMachine):
    """One family against what the rules say: which token is newest, which was spent, whether it all ended."""

    panel: Panel
    owner: Person

    @initialize()
    def sign_in(self) -> None:
        tokens = self.panel.sign_in(self.owner)
        self.chain: list[str] = [tokens["refresh_token"]]
        self.access: list[str] = [tokens["access_token"]]
        self.is_late = False
        self.has_ended = False

    @rule()
    def go_on(self) -> None:
        self._took(self.panel.refresh(self.chain[-1]))

    @precondition(lambda self: len(self.chain) > 1)
    @rule()
    def lose_the_answer(self) -> None:
        answer = self.panel.refresh(self.chain[-2])
        if self.has_ended or self.is_late:
            self._ended(answer)
        else:
            assert answer.json["refresh_token"] == self.chain[-1]
            self.access.append(answer.json["access_token"])

    @precondition(lambda self: len(self.chain) > 2)
    @rule(data=st.data())
    def show_an_old_one(self, data: Any) -> None:
        old = data.draw(st.sampled_from(self.chain[:-2]))
        self._ended(self.panel.refresh(old))

    @rule()
    def wait(self) -> None:
        self.panel.age("refresh_tokens", 61, "used_at")
        self.is_late = True

    @rule()
    def sign_out(self) -> None:
        assert self.panel.revoke(self.chain[-1]).status_code == 200
        self.has_ended = True

    @invariant()
    def access_follows_the_family(self) -> None:
        if hasattr(self, "access"):
            expected = 401 if self.has_ended else 200
            assert self.panel.me(self.access[-1]).status_code == expected

    def _took(self, answer: Any) -> None:
        if self.has_ended:
            assert refusal(answer) == "invalid_grant"
            return
        self.chain.append(answer.json["refresh_token"])
        self.access.append(answer.json["access_token"])
        self.is_late = False

    def _ended(self, answer: Any) -> None:
        assert refusal(answer) == "invalid_grant"
        self.has_ended = True


@pytest.mark.slow
def test_a_family_does_what_the_rules_say_whatever_is_shown_when(panel: Panel, editor: Person) -> None:
    class Ours(Family):
        pass

    Ours.panel, Ours.owner = panel, replace(editor)
    run_state_machine_as_test(Ours, settings=hypothesis_settings(max_examples=25, stateful_step_count=12))
