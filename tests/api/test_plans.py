"""Plans through the door: read by administrators, changed by operators, with the effect said before."""

from typing import Any

from plugin_backend.services.house import House
from plugin_backend.services.money import plan_grants
from tests.api.people import Person, Town, draft, master, problem, told

INDIE = {
    "id": "indie",
    "label": "Indie",
    "drafts_per_day": 20,
    "max_concurrent": 2,
    "credits_per_month": 300,
    "models": ["animatic"],
    "tiers": ["draft", "master"],
    "max_resolution": "1080p",
    "exr": False,
}
NOTHING = {
    "draft_overrides": 0,
    "drafts_used_beyond": 0,
    "concurrency_overrides": 0,
    "running_beyond": 0,
    "unfinished_beyond": 0,
    "credits_this_month": 0,
    "credits_a_month_before": 0,
    "credits_a_month": 0,
    "work_beyond": 0,
    "media_beyond": 0,
}


def test_an_operator_makes_a_plan_and_a_person_on_it_lives_by_it(town: Town, operator: Person) -> None:
    made = operator.post("/v1/admin/plans", INDIE)
    assert (made.status_code, made.headers["Location"]) == (201, "/v1/admin/plans/indie")
    assert operator.get("/v1/admin/plans/indie").json == made.json
    assert {**made.json, **INDIE} == made.json
    assert made.json["storage_limit_bytes"] is None
    assert problem(operator.post("/v1/admin/plans", INDIE)) == "conflict"

    person = town.settle("indie@example.com", plan="indie")
    me = person.get("/v1/me").json
    refused = person.post("/v1/generations", master(resolution="2160p"))

    assert me["plan"] == {name: value for name, value in made.json.items() if name != "archived_at"}
    assert me["credits"] == {"available": 300, "held": 0}  # this month's, granted when they are looked at
    assert (refused.status_code, problem(refused)) == (403, "plan-limit")
    assert (refused.json["limit"], refused.json["plan"]) == ("max_resolution", "indie")
    assert "1080p at most" in refused.json["detail"]
    shown = {each["id"]: each["allowed"] for each in person.get("/v1/models").json["items"]}
    assert [model for model, allowed in shown.items() if allowed] == ["animatic"]


def test_the_same_key_makes_a_plan_once(operator: Person) -> None:
    first, again = (
        operator.post("/v1/admin/plans", INDIE, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json


def test_a_change_says_what_it_does_before_and_is_audited_after(
    operator: Person, editor: Person, admin: Person, town: Town, house: House
) -> None:
    for _ in range(3):
        assert editor.post("/v1/generations", draft()).status_code == 202
    assert editor.post("/v1/generations", master()).status_code == 202
    path = f"/v1/admin/users/{admin.id}/quota"
    operator.patch(path, {"draft_limit_per_day": 7, "max_concurrent": 2, "reason": "a test"})
    change = {
        "drafts_per_day": 2,
        "max_unfinished": 3,
        "credits_per_month": 50,
        "tiers": ["draft"],
        "reason": "spring prices",
    }
    before = operator.get("/v1/admin/plans/pro").json

    said = operator.patch("/v1/admin/plans/pro?dry_run=true", change).json
    assert operator.get("/v1/admin/plans/pro").json == before
    done = operator.patch("/v1/admin/plans/pro", change).json

    assert (
        said["effect"]
        == done["effect"]
        == {
            **NOTHING,
            "people": 2,
            "draft_overrides": 1,
            "concurrency_overrides": 1,
            "drafts_used_beyond": 1,
            "unfinished_beyond": 1,
            "credits_this_month": 100,
            "credits_a_month": 100,
            "work_beyond": 1,
        }
    )
    assert (said["applied"], done["applied"]) == (False, True)
    assert operator.get("/v1/admin/plans/pro").json["tiers"] == ["draft"]
    assert problem(editor.post("/v1/generations", draft())) == "concurrency-limit"
    (entry,) = [
        each for each in operator.get("/v1/admin/audit").json["items"] if each["action"] == "plan.changed"
    ]
    assert (entry["subject_id"], entry["reason"]) == ("pro", "spring prices")
    assert entry["before"]["drafts_per_day"] == 100
    assert entry["after"] == {name: value for name, value in change.items() if name != "reason"}
    assert plan_grants.grant_all(house) == 2
    assert town.credits_of(admin) == (50, 0)


def test_what_another_plan_would_do_to_a_person_is_said_before(operator: Person, editor: Person) -> None:
    for _ in range(2):
        editor.post("/v1/generations", draft(takes=4, resolution="360p"))
    editor.post("/v1/generations", master(resolution="2160p"))
    operator.patch("/v1/admin/plans/free", {"drafts_per_day": 5})

    effect = operator.post(f"/v1/admin/users/{editor.id}/plan/preview", {"plan": "free"})

    assert effect.json == {**NOTHING, "people": 1, "drafts_used_beyond": 1, "work_beyond": 1}
    assert operator.get(f"/v1/admin/users/{editor.id}").json["plan"]["id"] == "pro"
    unknown = operator.post(f"/v1/admin/users/{editor.id}/plan/preview", {"plan": "gold"})
    assert problem(unknown) == "validation"


def test_moving_to_a_better_plan_grants_the_difference_at_once(
    operator: Person, editor: Person, town: Town
) -> None:
    operator.patch("/v1/admin/plans/pro", {"credits_per_month": 100})
    operator.patch("/v1/admin/plans/studio", {"credits_per_month": 250})
    assert editor.get("/v1/me").json["credits"]["available"] == 10_100

    for plan in ("studio", "pro", "studio"):
        operator.patch(f"/v1/admin/users/{editor.id}", {"plan": plan})

    assert town.credits_of(editor) == (10_250, 0)


def test_nobody_is_put_on_an_archived_plan_and_who_is_on_it_stays(town: Town, operator: Person) -> None:
    operator.post("/v1/admin/plans", INDIE)
    person = town.settle("indie@example.com", plan="indie")

    archived = operator.patch("/v1/admin/plans/indie", {"archived": True}).json

    assert archived["archived_at"] is not None
    listed = [plan["id"] for plan in operator.get("/v1/admin/plans").json["items"]]
    every = [plan["id"] for plan in operator.get("/v1/admin/plans?archived=true").json["items"]]
    assert (listed, every) == (["free", "pro", "studio"], ["free", "indie", "pro", "studio"])
    new = operator.post("/v1/admin/users", {"email": "late@example.com", "plan": "indie"})
    assert problem(new) == "validation"
    assert person.get("/v1/me").json["plan"]["id"] == "indie"
    assert problem(operator.patch("/v1/admin/plans/free", {"archived": True})) == "conflict"
    assert operator.patch("/v1/admin/plans/indie", {"archived": False}).json["archived_at"] is None


def test_only_operators_change_plans_and_only_to_what_makes_sense(
    admin: Person, editor: Person, operator: Person
) -> None:
    assert problem(admin.post("/v1/admin/plans", INDIE)) == "forbidden"
    assert problem(admin.patch("/v1/admin/plans/pro", {"drafts_per_day": 9})) == "forbidden"
    assert problem(editor.get("/v1/admin/plans")) == "forbidden"
    assert problem(operator.patch("/v1/admin/plans/gold", {"label": "Gold"})) == "not-found"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, ""),
        ({"reason": "only this"}, ""),
        ({"drafts_per_day": -1}, "/drafts_per_day"),
        ({"tiers": []}, "/tiers"),
        ({"tiers": ["final"]}, "/tiers/0"),
        ({"max_resolution": "8k"}, "/max_resolution"),
        ({"models": ["nobody"]}, "/models/0"),
        ({"hdr": 1}, "/hdr"),
        ({"id": "other"}, "/id"),
        ({"price": 3}, "/price"),
    ]
    for change, pointer in wrong:
        answer = operator.patch("/v1/admin/plans/pro", change)
        assert problem(answer) == "validation"
        assert pointer in [each["pointer"] for each in told(answer)["errors"]] or not pointer
