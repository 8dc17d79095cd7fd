"""What providers make, over HTTP: cancels that say what they cost, receipts with every POST, exposures."""

from typing import Any

from sqlalchemy import text

from plugin_backend.services.house import House
from tests.api.people import Person, draft, master, problem


def _sent(house: House, person: Person, **columns: Any) -> dict[str, Any]:
    """A generation whose take a provider has; `columns` are its attempt's."""
    made = person.post("/v1/generations", master()).json
    found = {
        "id": "att_1",
        "workspace_id": person.workspace_id,
        "owner_id": person.id,
        "take_id": made["takes"][0]["id"],
        "token": "unguessable",
        "provider": "luma",
        "provider_ref": "lum-1",
        "request_id": "req-1",
        "model": "ray-3.2",
        "state": "accepted",
        "credits_at_risk": 10,
        **columns,
    }
    names, values = ", ".join(found), ", ".join(f":{name}" for name in found)
    insert = f"INSERT INTO attempts ({names}, created_at, sent_at) VALUES ({values}, now(), now())"
    with house.engine.begin() as connection:
        connection.execute(
            text("UPDATE takes SET state = 'submitted', model = 'ray-3.2', provider = 'luma', credits = 10")
        )
        connection.execute(text("UPDATE generations SET state = 'generating'"))
        connection.execute(text(insert), found)
    shown: dict[str, Any] = made
    return shown


def test_a_cancel_says_how_far_it_had_gone_and_what_it_may_cost(house: House, editor: Person) -> None:
    made = _sent(house, editor)

    answer = editor.post(f"/v1/generations/{made['id']}/cancel").json

    told = answer["cancellation"]
    assert (told["stage"], told["charged"], told["credits_at_most"]) == ("sent", None, 10)
    assert "sent to luma" in told["detail"]
    assert "luma does not stop" in told["detail"]
    assert editor.get(f"/v1/generations/{made['id']}/receipt").json["cancellation"] == told
    assert "cancellation" not in editor.get(f"/v1/generations/{made['id']}").json


def test_a_cancel_in_the_queue_says_that_everything_returns(editor: Person) -> None:
    made = editor.post("/v1/generations", draft()).json

    answer = editor.post("/v1/generations/cancel", {"ids": [made["id"]]}).json

    told = answer["items"][0]["generation"]["cancellation"]
    assert told == {
        "stage": "queued",
        "charged": False,
        "credits_at_most": 0,
        "detail": "Nothing was sent; everything returns.",
    }


def test_a_receipt_has_the_model_of_each_take_and_the_providers_ids_of_each_post(
    house: House, editor: Person
) -> None:
    made = _sent(house, editor, detail="still dreaming", slug=None)

    receipt = editor.get(f"/v1/generations/{made['id']}/receipt").json

    (take,), (attempt,) = receipt["takes"], receipt["attempts"]
    assert (take["model"], take["provider"], take["credits"], take["charged"]) == (
        "ray-3.2",
        "luma",
        10,
        False,
    )
    assert (attempt["provider_ref"], attempt["request_id"], attempt["part"]) == ("lum-1", "req-1", 0)
    assert attempt["sent_at"].endswith("Z")
    assert (receipt["fallbacks"], receipt["cancellation"], receipt["recovered_as"]) == ([], None, [])
    assert "unguessable" not in str(receipt)
    assert editor.get(f"/v1/generations/{made['id']}").json["takes"][0]["label"] == "ray-3.2"


def test_an_operator_sees_exposures_with_totals_and_settles_them(
    house: House, editor: Person, admin: Person, operator: Person
) -> None:
    made = _sent(house, editor)
    given_up = operator.post(f"/v1/admin/generations/{made['id']}/fail", {"reason": "stuck"})
    assert given_up.json["state"] == "failed"

    page = operator.get("/v1/admin/exposures").json

    assert [(each["id"], each["credits"], each["provider_ref"]) for each in page["items"]] == [
        ("att_1", 10, "lum-1")
    ]
    assert page["totals"] == [
        {"provider": "luma", "attempts": 1, "credits": 10, "recovered": 0, "credits_recovered": 0}
    ]
    assert "stuck" in page["items"][0]["why"]
    path = "/v1/admin/exposures/att_1/settle"
    assert problem(admin.post(path, {"note": "ours"})) == "forbidden"
    assert problem(editor.post(path, {"note": "ours"})) == "forbidden"
    assert problem(operator.post(path, {})) == "validation"
    assert operator.post(path, {"note": "On the June invoice."}).status_code == 204
    assert problem(operator.post(path, {"note": "again"})) == "conflict"
    assert problem(operator.post("/v1/admin/exposures/att_2/settle", {"note": "x"})) == "not-found"
    assert operator.get("/v1/admin/exposures").json["items"] == []
    settled = operator.get("/v1/admin/exposures?state=settled").json["items"]
    assert [each["settled_note"] for each in settled] == ["On the June invoice."]
    assert problem(operator.get("/v1/admin/exposures?state=paid")) == "validation"
