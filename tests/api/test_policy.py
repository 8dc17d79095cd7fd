"""A workspace's policy through the door: who reads and changes it, and what it does to the next request."""

from io import BytesIO

from tests.api.people import Person, Town, draft, problem, told

WORDS = "I have a licence for this film and may change it."
STRICT = {
    "models": ["animatic"],
    "blocked_terms": ["gun"],
    "attestation_required": True,
    "attestation_text": WORDS,
}
OPEN: dict[str, object] = {
    "models": None,
    "blocked_terms": [],
    "attestation_required": False,
    "attestation_text": None,
}
PATH = "/v1/workspace/policy"


def test_everything_is_allowed_until_somebody_says_otherwise(editor: Person) -> None:
    answer = editor.get(PATH)

    assert answer.json == OPEN
    assert answer.headers["ETag"]


def test_an_administrator_changes_it_and_the_next_request_keeps_to_it(
    editor: Person, admin: Person, stranger: Person
) -> None:
    assert problem(editor.patch(PATH, STRICT)) == "forbidden"
    assert editor.post("/v1/generations", draft(prompt="a gun")).status_code == 202

    assert admin.patch(PATH, {**STRICT, "reason": "the client's contract"}).json == STRICT

    refused = editor.post("/v1/generations", draft(prompt="a GUN"))
    assert (problem(refused), told(refused)["errors"][0]["pointer"]) == ("validation", "/brief/prompt")
    assert problem(editor.post("/v1/generations", draft(model="ray-3.2"))) == "forbidden"
    quotes = {each["model"]: each for each in told(editor.post("/v1/quotes", draft()))["quotes"]}
    assert quotes["animatic"]["possible"]
    assert "Your workspace does not allow" in quotes["ray-3.2"]["reasons"][0]
    assert stranger.post("/v1/generations", draft(prompt="a gun")).status_code == 202
    (entry,) = [
        each for each in admin.get("/v1/admin/audit").json["items"] if each["action"] == "policy.changed"
    ]
    assert (entry["subject_id"], entry["reason"]) == (editor.workspace_id, "the client's contract")
    assert entry["before"] == OPEN
    assert entry["after"] == STRICT
    relaxed = admin.patch(PATH, {"models": None}).json
    assert relaxed == {**STRICT, "models": None}  # what is not named stays


def test_an_operator_reaches_any_workspace_and_an_administrator_their_own(
    operator: Person, admin: Person, editor: Person, stranger: Person
) -> None:
    theirs = f"/v1/admin/workspaces/{stranger.workspace_id}/policy"

    assert operator.patch(theirs, {"attestation_required": True}).json["attestation_required"]
    assert stranger.get(PATH).json["attestation_required"]
    assert problem(admin.get(theirs)) == "not-found"
    assert problem(admin.patch(theirs, STRICT)) == "not-found"
    own = f"/v1/admin/workspaces/{editor.workspace_id}/policy"
    assert admin.patch(own, STRICT).json == admin.get(own).json == STRICT


def test_what_cannot_be_a_policy_is_refused(admin: Person) -> None:
    for body, pointer in (
        ({"models": ["nobody"]}, "/models/0"),
        ({"blocked_terms": ["gun", " - "]}, "/blocked_terms/1"),
        ({"blocked_terms": ["x" * 101]}, "/blocked_terms/0"),
        ({"attestation_required": "yes"}, "/attestation_required"),
        ({"attestation_text": ""}, "/attestation_text"),
        ({"words": []}, "/words"),
        ({"reason": "none"}, ""),
    ):
        answer = admin.patch(PATH, body)
        assert problem(answer) == "validation"
        assert told(answer)["errors"][0]["pointer"].startswith(pointer)


def test_who_attested_the_rights_to_a_file_is_kept(town: Town, editor: Person, stranger: Person) -> None:
    colleague = town.settle("colleague@example.com", workspace_id=editor.workspace_id)
    plain, said = (
        editor.post("/v1/assets", data={"file": (BytesIO(b"png"), "a.png"), **form}).json
        for form in ({}, {"rights_attested": "true"})
    )

    assert plain["rights_attested"] is None
    assert said["rights_attested"]["by"] == editor.id
    path = f"/v1/assets/{plain['id']}"
    kept = colleague.post(f"{path}/attest").json["rights_attested"]
    assert kept["by"] == colleague.id
    assert editor.post(f"{path}/attest").json["rights_attested"] == kept
    assert editor.get(path).json["rights_attested"] == kept
    assert problem(stranger.post(f"{path}/attest")) == "not-found"
    wrong = editor.post("/v1/assets", data={"file": (BytesIO(b"png"), "a.png"), "rights_attested": "maybe"})
    assert problem(wrong) == "validation"


def test_the_receipt_keeps_the_terms_of_the_models_as_they_were(editor: Person) -> None:
    view = editor.post("/v1/generations", draft()).json

    (terms,) = editor.get(f"/v1/generations/{view['id']}/receipt").json["terms"]

    models = {each["id"]: each for each in editor.get("/v1/models").json["items"]}
    assert terms == {"model": "animatic", **models["animatic"]["terms"]}
