"""Whom an administrator may change: nobody above their rank, nobody who is gone, nothing an operator bars."""

from typing import Any, Final

import pytest
from sqlalchemy import text

from plugin_backend.domain.callers import Role, Scope
from plugin_backend.services.house import House
from tests.api.people import Person, Town, problem

WHY: Final = {"reason": "a test"}
NOBODYS: Final = {
    ("POST", "/v1/admin/users"),
    ("POST", "/v1/admin/plans"),
    ("PATCH", "/v1/admin/plans/{plan_id}"),
    ("POST", "/v1/admin/exposures/{exposure_id}/settle"),
    ("PUT", "/v1/admin/alerts"),
    ("PATCH", "/v1/admin/workspaces/{workspace_id}"),
    ("PATCH", "/v1/admin/workspaces/{workspace_id}/policy"),
    ("POST", "/v1/admin/workspaces/{workspace_id}/credits"),
    # What is made is everybody's to act on, who may make anything.
    ("POST", "/v1/admin/generations/{generation_id}/cancel"),
    ("POST", "/v1/admin/generations/{generation_id}/fail"),
    # They say what would be, and change nothing.
    ("POST", "/v1/admin/users/{user_id}/plan/preview"),
    ("POST", "/v1/admin/users/{user_id}/quota/preview"),
}
"""What changes no person."""


def _bodies(above: Person, admin: Person) -> dict[tuple[str, str], list[Any]]:
    """Every other operation, asked to change somebody."""
    user = "/v1/admin/users/{user_id}"
    many = {"user_ids": [admin.id, above.id], "change": {"max_concurrent": 1}, **WHY}
    passed_on = {"amount": 1, **WHY}
    return {
        ("PATCH", user): [{"role": "viewer"}, {"plan": "free"}, {"disabled": True}, {"disabled": False}],
        ("POST", f"{user}/credits"): [{"amount": 5, **WHY}, {"amount": -5, **WHY}],
        ("PATCH", f"{user}/quota"): [{"draft_limit_per_day": 0}, {"max_concurrent": None}],
        ("POST", f"{user}/freeze"): [WHY],
        ("POST", f"{user}/unfreeze"): [WHY],
        ("POST", f"{user}/delete"): [WHY],
        ("POST", "/v1/admin/quota/bulk"): [many],
        ("POST", "/v1/admin/credits/transfer"): [
            {"from": above.id, "to": admin.id, **passed_on},
            {"from": admin.id, "to": above.id, **passed_on},
        ],
        ("POST", "/v1/admin/workspaces/{workspace_id}/freeze"): [WHY],
        ("POST", "/v1/admin/workspaces/{workspace_id}/unfreeze"): [WHY],
    }


def _rows(house: House) -> list[tuple[Any, ...]]:
    tables = ("users", "accounts", "workspaces", "api_keys", "erasures")
    with house.begin() as work:
        return [
            tuple(row)
            for table in tables
            for row in work.connection.execute(text(f"SELECT t::text FROM {table} t ORDER BY id"))
        ]


@pytest.mark.parametrize("is_operator", [False, True])
def test_no_administrator_changes_an_owner_or_an_operator(
    town: Town, admin: Person, house: House, *, is_operator: bool
) -> None:
    above = town.settle(
        "above@example.com",
        role=Role.EDITOR if is_operator else Role.OWNER,
        workspace_id=admin.workspace_id,
        is_operator=is_operator,
        credit=100,
    )
    bodies = _bodies(above, admin)
    paths = admin.get("/openapi.json").json["paths"]
    doors = {
        (method.upper(), path)
        for path, methods in paths.items()
        for method in methods
        if method in ("post", "patch", "put", "delete") and path.startswith("/v1/admin/")
    }
    assert doors == NOBODYS | set(bodies) | {("POST", "/v1/admin/users/import")}
    before = _rows(house)

    for (method, path), asked in bodies.items():
        if is_operator and "/workspaces/" in path:
            continue  # whoever owns a workspace stops it, whoever is in it
        for body in asked:
            where = path.format(user_id=above.id, workspace_id=admin.workspace_id)
            answer = admin.send(method, where, json=body)
            assert problem(answer) == "forbidden", (method, path, body)
    table = {"data": b"email,max_concurrent\nabove@example.com,1\n", "headers": {"Content-Type": "text/csv"}}
    assert problem(admin.send("POST", "/v1/admin/users/import", **table)) == "validation"
    assert problem(admin.patch(f"/v1/workspace/members/{above.id}", {"pool_cap": 1})) == "forbidden"
    assert problem(admin.delete(f"/v1/workspace/members/{above.id}")) == "forbidden"
    key = {"name": "mine now", "scopes": ["read"], "user_id": above.id}
    assert problem(admin.post("/v1/api-keys", key)) == "forbidden"

    assert _rows(house) == before


def test_a_filter_fits_nobody_above_ones_rank(town: Town, admin: Person, editor: Person) -> None:
    owner = town.settle("owner@example.com", role=Role.OWNER, workspace_id=admin.workspace_id)
    body = {"filter": {"plan": "pro"}, "change": {"max_concurrent": 2}, **WHY}

    done = admin.post("/v1/admin/quota/bulk", body).json

    assert {item["id"] for item in done["items"]} == {admin.id, editor.id}
    assert owner.get("/v1/me").json["concurrency"]["limit"] == 4


def _writes(user_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    user = f"/v1/admin/users/{user_id}"
    return [
        ("POST", f"{user}/credits", {"amount": 5, **WHY}),
        ("PATCH", f"{user}/quota", {"draft_limit_per_day": 9}),
        ("PATCH", user, {"plan": "studio"}),
        ("POST", "/v1/api-keys", {"name": "x", "scopes": ["read"], "user_id": user_id}),
    ]


def test_who_is_forgotten_is_written_to_no_more(
    admin: Person, editor: Person, operator: Person, house: House
) -> None:
    assert operator.post(f"/v1/admin/users/{editor.id}/delete", WHY).status_code == 202
    before = _rows(house)

    for actor in (admin, operator):
        user = f"/v1/admin/users/{editor.id}"
        for method, path, body in (
            *_writes(editor.id),
            ("POST", f"{user}/credits", {"amount": -5, **WHY}),
            ("POST", f"{user}/freeze", WHY),
            ("PATCH", user, {"disabled": False}),
            ("POST", "/v1/admin/credits/transfer", {"from": admin.id, "to": editor.id, "amount": 1, **WHY}),
            (
                "POST",
                "/v1/admin/quota/bulk",
                {"user_ids": [editor.id], "change": {"max_concurrent": 1}, **WHY},
            ),
        ):
            assert problem(actor.send(method, path, json=body)) == "conflict", (method, path)

    assert _rows(house) == before


def test_who_was_removed_is_given_nothing_but_what_returns_is_taken_back(
    admin: Person, editor: Person, town: Town
) -> None:
    assert admin.delete(f"/v1/workspace/members/{editor.id}").status_code == 204
    for method, path, body in _writes(editor.id):
        assert problem(admin.send(method, path, json=body)) == "conflict", (method, path)
    assert town.credits_of(editor) == (0, 0)


def test_nobody_who_is_disabled_gets_a_key(admin: Person, editor: Person) -> None:
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})

    key = {"name": "x", "scopes": ["read"], "user_id": editor.id}
    assert problem(admin.post("/v1/api-keys", key)) == "conflict"


def test_whom_an_operator_disabled_no_workspace_enables(
    admin: Person, editor: Person, operator: Person
) -> None:
    user = f"/v1/admin/users/{editor.id}"
    operator.patch(user, {"disabled": True})

    admin.patch(user, {"disabled": True})
    assert problem(admin.patch(user, {"disabled": False})) == "forbidden"
    assert editor.get("/v1/me").status_code == 401

    assert operator.patch(user, {"disabled": False}).json["disabled"] is False
    admin.patch(user, {"disabled": True})
    assert admin.patch(user, {"disabled": False}).json["disabled"] is False


def test_an_operators_limit_is_a_ceiling_for_the_workspaces_own(
    admin: Person, editor: Person, operator: Person
) -> None:
    quota = f"/v1/admin/users/{editor.id}/quota"
    assert operator.patch(quota, {"draft_limit_per_day": 5}).status_code == 200

    def bulk(actor: Person, limit: int | None) -> Any:
        change = {"draft_limit_per_day": limit}
        return actor.post("/v1/admin/quota/bulk", {"user_ids": [editor.id], "change": change, **WHY})

    for limit in (6, None):
        assert problem(admin.patch(quota, {"draft_limit_per_day": limit})) == "forbidden"
        assert problem(bulk(admin, limit)) == "forbidden"
    for limit in (2, 5):
        assert admin.patch(quota, {"draft_limit_per_day": limit}).json["draft"]["limit_per_day"] == limit
    assert admin.patch(quota, {"max_concurrent": 9}).status_code == 200

    assert operator.patch(quota, {"draft_limit_per_day": None}).status_code == 200
    assert admin.patch(quota, {"draft_limit_per_day": 90}).json["draft"]["limit_per_day"] == 90
    assert bulk(operator, 0).status_code == 200
    assert problem(bulk(admin, 1)) == "forbidden"


def test_an_owner_freezes_the_workspace_and_an_administrator_does_not(town: Town, admin: Person) -> None:
    owner = town.settle(
        "owner@example.com", role=Role.OWNER, workspace_id=admin.workspace_id, scopes=frozenset(Scope)
    )
    where = f"/v1/admin/workspaces/{admin.workspace_id}"
    assert problem(admin.post(f"{where}/freeze", WHY)) == "forbidden"
    assert owner.post(f"{where}/freeze", WHY).status_code == 200
    assert problem(admin.post(f"{where}/unfreeze", WHY)) == "forbidden"
    assert owner.post(f"{where}/unfreeze", WHY).status_code == 200
