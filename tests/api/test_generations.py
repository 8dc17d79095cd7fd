"""Asking for generations and looking at them, over HTTP."""

from collections import Counter

from sqlalchemy import text

from plugin_backend.services.house import House
from tests.api.people import Person, Town, at_once, draft, master, problem


def test_an_accepted_request_says_where_to_look(editor: Person) -> None:
    answer = editor.post("/v1/generations", draft(takes=2))
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/v1/generations/{answer.json['id']}"
    shown = editor.get(answer.headers["Location"])
    assert shown.json["state"] == "queued"
    assert [take["number"] for take in shown.json["takes"]] == [1, 2]
    assert shown.json["cost"]["draft_units"] == 2
    assert shown.headers["Retry-After"]


def test_a_master_holds_its_price(editor: Person, town: Town) -> None:
    answer = editor.post("/v1/generations", master(duration_seconds=5))
    assert answer.json["cost"]["credits_held"] == 10
    assert town.credits_of(editor) == (9_990, 10)
    receipt = editor.get(f"/v1/generations/{answer.json['id']}/receipt").json
    assert receipt["credits"] == {"quoted": 10, "held": 10, "settled": None, "returned": None}
    assert [entry["kind"] for entry in receipt["ledger"]] == ["hold"]


def test_sixty_four_at_once_against_a_quota_of_five_accept_exactly_five(
    editor: Person, operator: Person
) -> None:
    operator.patch(f"/v1/admin/users/{editor.id}/quota", {"draft_limit_per_day": 5, "reason": "test"})
    answers = at_once(64, lambda _: editor.at_another_door().post("/v1/generations", draft()))
    assert Counter(answer.status_code for answer in answers) == {202: 5, 429: 59}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert problem(refused) == "draft-quota-exhausted"
    assert refused.json["resets_at"].endswith("T00:00:00.000Z")
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert editor.get("/v1/me").json["draft_quota"]["remaining"] == 0
    assert len(editor.get("/v1/generations").json["items"]) == 5


def test_forty_at_once_on_fifty_credits_accept_exactly_five(town: Town) -> None:
    poor = town.settle("poor@example.com", credit=50)
    answers = at_once(40, lambda _: poor.at_another_door().post("/v1/generations", master()))
    assert Counter(answer.status_code for answer in answers) == {202: 5, 402: 35}
    assert town.credits_of(poor) == (0, 50)


def test_a_refusal_says_what_it_takes_and_what_there_is(town: Town) -> None:
    poor = town.settle("poor@example.com", credit=3)
    answer = poor.post("/v1/generations", master())
    assert (answer.status_code, problem(answer)) == (402, "insufficient-credits")
    assert (answer.json["required"], answer.json["available"]) == (10, 3)


def test_a_price_above_the_limit_is_not_paid(editor: Person, town: Town) -> None:
    answer = editor.post("/v1/generations", {**master(), "max_credits": 9})
    assert (answer.status_code, problem(answer)) == (409, "price-changed")
    assert town.credits_of(editor) == (10_000, 0)


def test_a_batch_is_accepted_whole_or_not_at_all(editor: Person) -> None:
    good = editor.post("/v1/batches", {"generations": [draft(), master()]})
    assert good.status_code == 202
    assert len(good.json["items"]) == 2
    bad = editor.post("/v1/batches", {"generations": [draft(), {**master(), "takes": 99}]})
    assert problem(bad) == "validation"
    broke = editor.post("/v1/batches", {"generations": [draft(takes=8)] * 13})
    assert problem(broke) == "draft-quota-exhausted"
    assert editor.get("/v1/me").json["draft_quota"]["used"] == 1
    assert problem(editor.post("/v1/batches", {"generations": [draft()] * 51})) == "validation"


def test_a_list_is_newest_first_and_goes_on_where_it_ended(editor: Person) -> None:
    made = [editor.post("/v1/generations", draft()).json["id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        shown = editor.get(f"/v1/generations?limit=2{'&cursor=' + cursor if cursor else ''}").json
        seen += [each["id"] for each in shown["items"]]
        cursor = shown["next_cursor"]
    assert seen == sorted(made, reverse=True)


def test_a_cursor_is_not_to_be_made_up(editor: Person) -> None:
    for _ in range(2):
        editor.post("/v1/generations", draft())
    cursor = editor.get("/v1/generations?limit=1").json["next_cursor"]
    for forged in (cursor[:-2] + "xx", "gen_01", "!", cursor + "A", "é"):
        assert problem(editor.get("/v1/generations", query_string={"cursor": forged})) == "validation"
    assert problem(editor.get(f"/v1/assets?cursor={cursor}")) == "validation"


def test_a_list_can_be_narrowed(editor: Person) -> None:
    forest = editor.post("/v1/generations", draft()).json["id"]
    city = editor.post("/v1/generations", {**master(), "brief": {"prompt": "neon 50% city"}}).json["id"]
    editor.post(f"/v1/generations/{forest}/cancel")

    def ids(query: str) -> list[str]:
        return [each["id"] for each in editor.get(f"/v1/generations?{query}").json["items"]]

    assert ids("kind=master") == [city]
    assert ids("state=cancelled") == [forest]
    assert ids("state=unfinished") == [city]
    assert ids("q=50%25") == [city]
    assert ids(f"ids={forest},gen_none,{forest}") == [forest]
    assert ids("project_id=prj_none") == []
    assert problem(editor.get("/v1/generations?state=sleeping")) == "validation"
    assert (
        problem(editor.get(f"/v1/generations?ids={','.join(f'gen_{n}' for n in range(101))}")) == "validation"
    )


def test_what_has_not_changed_is_not_sent_again(editor: Person) -> None:
    path = editor.post("/v1/generations", draft()).headers["Location"]
    etag = editor.get(path).headers["ETag"]
    same = editor.get(path, headers={"If-None-Match": etag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", etag)
    assert editor.get(path, headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    editor.post(f"{path}/cancel")
    changed = editor.get(path, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json["state"]) == (200, "cancelled")
    assert changed.headers["ETag"] != etag


def test_a_list_has_an_etag_too(editor: Person) -> None:
    etag = editor.get("/v1/generations?state=unfinished").headers["ETag"]
    again = editor.get("/v1/generations?state=unfinished", headers={"If-None-Match": etag})
    assert again.status_code == 304
    editor.post("/v1/generations", draft())
    moved = editor.get("/v1/generations?state=unfinished", headers={"If-None-Match": etag})
    assert moved.status_code == 200


def test_what_was_never_sent_is_cancelled_for_nothing(editor: Person, town: Town) -> None:
    path = editor.post("/v1/generations", master()).headers["Location"]
    assert editor.post(f"{path}/cancel").json["state"] == "cancelled"
    assert editor.post(f"{path}/cancel").json["state"] == "cancelled"
    receipt = editor.get(f"{path}/receipt").json
    assert receipt["credits"] == {"quoted": 10, "held": 10, "settled": 0, "returned": 10}
    assert [entry["kind"] for entry in receipt["ledger"]] == ["hold", "settle"]
    assert town.credits_of(editor) == (10_000, 0)


def test_several_are_cancelled_each_with_its_own_result(editor: Person, stranger: Person) -> None:
    mine = editor.post("/v1/generations", draft()).json["id"]
    theirs = stranger.post("/v1/generations", draft()).json["id"]
    answer = editor.post("/v1/generations/cancel", {"ids": [mine, theirs, "gen_none"]})
    assert answer.status_code == 200
    assert [(each["id"], each["status"]) for each in answer.json["items"]] == [
        (mine, 200),
        (theirs, 404),
        ("gen_none", 404),
    ]
    assert answer.json["items"][1]["problem"]["slug"] == "not-found"
    assert stranger.get(f"/v1/generations/{theirs}").json["state"] == "queued"


def test_only_what_failed_is_retried_and_only_what_ended_is_deleted(editor: Person) -> None:
    path = editor.post("/v1/generations", draft()).headers["Location"]
    assert problem(editor.post(f"{path}/retry")) == "illegal-transition"
    assert problem(editor.delete(path)) == "conflict"
    editor.post(f"{path}/cancel")
    assert editor.delete(path).status_code == 204
    assert problem(editor.get(path)) == "not-found"
    assert editor.get(f"{path}/receipt").status_code == 200


def test_a_failed_one_is_retried_as_a_new_one(editor: Person, admin: Person) -> None:
    first = editor.post("/v1/generations", draft()).json["id"]
    failed = admin.post(f"/v1/admin/generations/{first}/fail", {"reason": "stuck"})
    assert failed.json["failure"]["slug"] == "internal"
    again = editor.post(f"/v1/generations/{first}/retry")
    assert again.status_code == 202
    assert again.json["retried_from"] == first


def test_a_master_of_an_unstored_take_waits(editor: Person) -> None:
    take = editor.post("/v1/generations", draft()).json["takes"][0]["id"]
    assert problem(editor.post(f"/v1/takes/{take}/master")) == "conflict"
    assert problem(editor.post(f"/v1/takes/{take}/deliveries", {"host": "resolve"})) == "conflict"


def test_a_model_that_cannot_says_which_field(editor: Person) -> None:
    answer = editor.post("/v1/generations", draft(model="ray-2", resolution="2160p"))
    assert (answer.status_code, problem(answer)) == (422, "unsupported-by-model")
    assert answer.json["model"] == "ray-2"
    assert answer.json["errors"]


def test_a_project_of_others_cannot_be_filed_under(editor: Person, stranger: Person) -> None:
    theirs = stranger.post("/v1/projects", {"name": "Theirs"}).json["id"]
    answer = editor.post("/v1/generations", {**draft(), "project_id": theirs})
    assert problem(answer) == "validation"
    mine = editor.post("/v1/projects", {"name": "Mine"}).json["id"]
    filed = editor.post("/v1/generations", {**draft(), "project_id": mine}).json
    assert filed["project_id"] == mine
    usage = editor.get("/v1/me/usage?group_by=project").json
    assert [item["key"] for item in usage["items"]] == [mine]


def test_a_quote_spends_nothing(editor: Person, house: House) -> None:
    quotes = editor.post("/v1/quotes", master()).json["quotes"]
    possible = [quote["possible"] for quote in quotes]
    assert possible == sorted(possible, reverse=True)
    assert quotes[0]["model"] == "animatic"
    assert (quotes[0]["credits"], quotes[0]["draft"]["credits"]) == (10, 0)
    with house.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM generations")).scalar_one() == 0


def test_the_catalogue_says_what_can_be_used_here(editor: Person) -> None:
    models = {model["id"]: model for model in editor.get("/v1/models").json["items"]}
    assert models["animatic"]["available"] is True
    assert all(not model["available"] for name, model in models.items() if name != "animatic")
    assert models["ray-3.2"]["price"]
