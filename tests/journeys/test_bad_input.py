"""What an attacker or a broken script sends: the right problem, nothing spent, nothing left behind."""

from typing import Any, Final

import httpx
import pytest

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, a_draft, slug
from tests.journeys.pictures import photograph
from tests.journeys.stack import Stack

_COUNTED: Final = (
    "generations",
    "takes",
    "work",
    "events",
    "ledger_entries",
    "idempotency_keys",
    "deliveries",
    "attempts",
    "assets",
)


def brief(**members: Any) -> dict[str, Any]:
    return a_draft(brief=members)


def sequence(**members: Any) -> dict[str, Any]:
    return a_draft(sequence={"frame_rate": "24", **members})


WRONG: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "unknown field": (a_draft(colour="red"), "/colour"),
    "unknown field inside": (brief(promt="x"), "/brief/promt"),
    "takes as text": (a_draft(takes="2"), "/takes"),  # type: ignore[arg-type]  # that is the point
    "takes as a fraction": (a_draft(takes=2.0), "/takes"),  # type: ignore[arg-type]  # that is the point
    "a thousand million takes": (a_draft(takes=10**9), "/takes"),
    "no takes": (a_draft(takes=0), "/takes"),
    "an empty prompt": (brief(prompt=""), "/brief/prompt"),
    "a prompt of spaces": (brief(prompt=" \n\t "), "/brief/prompt"),
    "a prompt of 100,001": (brief(prompt="x" * 100_001), "/brief/prompt"),
    "a prompt that is a list": (brief(prompt=["x"]), "/brief/prompt"),
    "a negative duration": (brief(duration_seconds=-1), "/brief/duration_seconds"),
    "no duration": (brief(duration_seconds=0), "/brief/duration_seconds"),
    "an endless duration": (brief(duration_seconds=1e300), "/brief/duration_seconds"),
    "a duration as text": (brief(duration_seconds="5"), "/brief/duration_seconds"),
    "a rate of nothing": (sequence(frame_rate="0/1"), "/sequence/frame_rate"),
    "a rate over nothing": (sequence(frame_rate="24/0"), "/sequence/frame_rate"),
    "a rate nobody cuts at": (sequence(frame_rate="1001"), "/sequence/frame_rate"),
    "a side of 16,384": (sequence(width=16_384, height=16), "/sequence/width"),
    "a decimal rate": (sequence(frame_rate="23.976"), "/sequence/frame_rate"),
    "a vast sequence": (sequence(width=10**9, height=10**9), "/sequence/width"),
    "a timecode beyond the day": (sequence(playhead_timecode="25:00:00:00"), "/sequence/playhead_timecode"),
    "drop-frame at 24": (sequence(playhead_timecode="01:00:00;00"), "/sequence/playhead_timecode"),
    "a label that drop-frame leaves out": (
        a_draft(sequence={"frame_rate": "30000/1001", "playhead_timecode": "01:01:00;00"}),
        "/sequence/playhead_timecode",
    ),
    "handles over the shot": (sequence(handles_frames=12), "/sequence/handles_frames"),
    "a project of nobody": (a_draft(project_id="prj_nobodys"), "/project_id"),
    "an asset of nobody": (
        brief(keyframes=[{"asset_id": "ast_x", "at_seconds": 0}]),
        "/brief/keyframes/0/asset_id",
    ),
    "negative seed": (brief(seed=-1), "/brief/seed"),
    "no kind": ({"brief": {"prompt": "x"}}, "/kind"),
    "no brief": ({"kind": "draft"}, "/brief"),
}

UNREADABLE: Final = {
    "not a number": b'{"kind": "draft", "brief": {"prompt": "x", "duration_seconds": NaN}}',
    "infinity": b'{"kind": "draft", "brief": {"prompt": "x", "duration_seconds": Infinity}}',
    "beyond every number": b'{"kind": "draft", "brief": {"prompt": "x", "duration_seconds": 1e999}}',
    "said twice": b'{"kind": "draft", "kind": "master", "brief": {"prompt": "x"}}',
    "cut off": b'{"kind": "draft", "brief": {"prompt": "x"',
    "not UTF-8": b'{"kind": "draft", "brief": {"prompt": "\xff"}}',
    "nothing": b"",
    "a list": b"[]",
    "null": b"null",
    "very deep": b"[" * 100_000 + b"]" * 100_000,
}


class Witness:
    """What there is of one person's, in SQL and in storage."""

    def __init__(self, stack: Stack, person: Person) -> None:
        self._stack, self._person = stack, person
        self._before = self._seen()

    def saw_nothing(self) -> bool:
        """Whether all is as it was."""
        return self._seen() == self._before

    def _seen(self) -> tuple[Any, ...]:
        counts = [
            self._stack.query(f"SELECT count(*) FROM {table} WHERE owner_id = %s", self._person.id)
            for table in _COUNTED
            if table != "ledger_entries"
        ]
        entries = self._stack.query(
            "SELECT count(*) FROM ledger_entries l JOIN accounts a ON a.id = l.account_id "
            "WHERE a.owner_id = %s",
            self._person.id,
        )
        users = self._stack.query("SELECT unfinished, running FROM users WHERE id = %s", self._person.id)
        return (self._person.purse(), counts, entries, users)


@pytest.fixture(scope="module")
def attacker(newcomer: Newcomer) -> Person:
    return newcomer()


@pytest.mark.parametrize("name", WRONG)
def test_wrong_fields_are_named_and_cost_nothing(stack: Stack, attacker: Person, name: str) -> None:
    body, pointer = WRONG[name]
    witness = Witness(stack, attacker)

    for path in ("/v1/generations", "/v1/quotes"):
        if path == "/v1/quotes" and name.endswith("of nobody"):
            continue  # a quote reads no rows
        refused = attacker.send("POST", path, body, headers={"Idempotency-Key": name})
        assert (refused.status_code, slug(refused)) == (422, "validation"), refused.text
        assert pointer in [problem["pointer"] for problem in refused.json()["errors"]]

    assert witness.saw_nothing()


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_no_json_is_malformed(stack: Stack, attacker: Person, name: str) -> None:
    witness = Witness(stack, attacker)

    headers = {"Content-Type": "application/json"}
    refused = attacker.send("POST", "/v1/generations", content=UNREADABLE[name], headers=headers)

    assert (refused.status_code, slug(refused)) == (400, "malformed"), refused.text
    assert witness.saw_nothing()


def test_a_form_a_huge_body_and_a_wrong_method_are_refused(stack: Stack, attacker: Person) -> None:
    witness = Witness(stack, attacker)

    form = attacker.send("POST", "/v1/generations", data={"kind": "draft"})
    assert (form.status_code, slug(form)) == (415, "unsupported-media")
    huge = attacker.send("POST", "/v1/generations", brief(prompt="x" * (2 << 20)))
    assert (huge.status_code, slug(huge)) == (413, "payload-too-large")
    wrong = attacker.send("PUT", "/v1/generations", {})
    assert (wrong.status_code, slug(wrong)) == (405, "method-not-allowed")
    nowhere = attacker.send("GET", "/v1/nowhere")
    assert (nowhere.status_code, slug(nowhere)) == (404, "not-found")
    for query in ("limit=0", "limit=x", "cursor=forged", "state=gone", "unknown=1"):
        refused = attacker.send("GET", f"/v1/generations?{query}")
        assert (refused.status_code, slug(refused)) == (422, "validation"), query

    assert witness.saw_nothing()


def test_what_the_model_cannot_do_and_what_costs_too_much_is_refused(stack: Stack, attacker: Person) -> None:
    witness = Witness(stack, attacker)

    unable = attacker.send("POST", "/v1/generations", brief(audio=True))
    assert (unable.status_code, slug(unable)) == (422, "unsupported-by-model")
    assert unable.json()["model"] == "animatic"
    unknown = attacker.send("POST", "/v1/generations", brief(model="sora-9"))
    assert unknown.status_code == 422
    master = {**a_draft(brief={"resolution": "1080p", "duration_seconds": 10}), "kind": "master"}
    dear = attacker.send("POST", "/v1/generations", {**master, "max_credits": 1})
    assert (dear.status_code, slug(dear)) == (409, "price-changed")

    assert witness.saw_nothing()


def test_an_empty_purse_buys_nothing(stack: Stack, newcomer: Newcomer) -> None:
    poor = newcomer(credit=3)
    witness = Witness(stack, poor)
    master = {**a_draft(brief={"resolution": "1080p", "duration_seconds": 5}), "kind": "master"}

    refused = poor.send("POST", "/v1/generations", master, headers={"Idempotency-Key": "later-perhaps"})

    assert (refused.status_code, slug(refused)) == (402, "insufficient-credits")
    assert (refused.json()["required"], refused.json()["available"]) == (10, 3)
    assert witness.saw_nothing()


@pytest.fixture(scope="module")
def belongings(stack: Stack, newcomer: Newcomer) -> dict[str, str]:
    """One of everything that has an id, of somebody else."""
    victim = newcomer()
    draft = victim.ready_draft()
    take = draft["takes"][0]["id"]
    return {
        "generation_id": draft["id"],
        "take_id": take,
        "delivery_id": victim.delivery(take, master_format="h264")["id"],
        "asset_id": victim.upload("a.jpg", photograph(), media_type="image/jpeg")["id"],
        "project_id": victim.ok("POST", "/v1/projects", {"name": "Secret feature"})["id"],
        "user_id": victim.id,
        "key_id": stack.query("SELECT id FROM api_keys WHERE owner_id = %s", victim.id)[0][0],
    }


def test_somebody_elses_ids_look_like_ids_of_nothing_on_every_route(
    stack: Stack, operator: Person, belongings: dict[str, str]
) -> None:
    made = operator.ok("POST", "/v1/admin/users", {"email": "spy@example.com", "role": "admin"})
    everything = {"name": "spy", "scopes": ["read", "generate", "admin"], "user_id": made["id"]}
    spy = stack.again(Person(operator._http, operator.ok("POST", "/v1/api-keys", everything)["key"]))
    document = httpx.get(f"{stack.url}/openapi.json", trust_env=False).json()
    bodies: dict[str, Any] = {
        "/v1/takes/{take_id}": {"picked": True},
        "/v1/admin/users/{user_id}/quota": {"max_concurrent": 1},
        "/v1/admin/users/{user_id}/quota/preview": {"max_concurrent": 1},
        "/v1/admin/users/{user_id}/freeze": {"reason": "spite"},
        "/v1/admin/users/{user_id}/unfreeze": {"reason": "spite"},
        "/v1/admin/users/{user_id}/delete": {"reason": "spite"},
        "/v1/admin/users/{user_id}/plan/preview": {"plan": "free"},
        "/v1/workspace/members/{user_id}": {"role": "viewer"},
        "/v1/takes/{take_id}/review": {"rating": 1},
        "/v1/takes/{take_id}/comments": {"text": "mine"},
        "/v1/takes/{take_id}/approval": {"status": "approved", "as": "Nobody"},
        "/v1/admin/users/{user_id}/credits": {"amount": 1, "reason": "mine"},
        "/v1/admin/users/{user_id}": {"disabled": True},
        "/v1/admin/generations/{generation_id}/cancel": {"reason": "spite"},
        "/v1/admin/generations/{generation_id}/fail": {"reason": "spite"},
        "/v1/projects/{project_id}": {"name": "Mine now"},
        "/v1/generations/{generation_id}/steer": {"note": "mine"},
    }
    before = stack.query("SELECT count(*), max(id) FROM audit_entries")
    tried = set()
    for route, methods in document["paths"].items():
        names = [name for name in belongings if "{" + name + "}" in route]
        if not names:
            continue
        for method in methods.keys() & {"get", "post", "put", "patch", "delete"}:
            name = names[0]
            body = bodies.get(route, {}) if method in ("post", "patch", "put") else None
            theirs, nobodys = belongings[name], belongings[name][:-6] + "zzzzzz"
            answers = [
                spy.send(method.upper(), route.replace("{" + name + "}", each), body)
                for each in (theirs, nobodys)
            ]
            assert [answer.status_code for answer in answers] == [404, 404], f"{method} {route}"
            told = [{**answer.json(), "request_id": "", "instance": ""} for answer in answers]
            assert told[0] == told[1], f"{method} {route} tells them apart"
            assert theirs not in str(told[0])
            tried.add(route)

    assert {each.split("{")[1].split("}")[0] for each in tried} == set(belongings)
    assert stack.query("SELECT count(*), max(id) FROM audit_entries") == before


def test_somebody_elses_things_cannot_be_named_in_a_request_either(
    stack: Stack, attacker: Person, belongings: dict[str, str]
) -> None:
    witness = Witness(stack, attacker)
    asset, nothing = belongings["asset_id"], "ast_" + "0" * 26
    for theirs, nobodys in (
        (brief(keyframes=[{"asset_id": asset}]), brief(keyframes=[{"asset_id": nothing}])),
        (a_draft(project_id=belongings["project_id"]), a_draft(project_id="prj_nothing")),
    ):
        answers = [attacker.send("POST", "/v1/generations", body) for body in (theirs, nobodys)]
        assert [slug(answer) for answer in answers] == ["validation", "validation"]
    ids = f"{belongings['generation_id']}"
    assert attacker.get("/v1/generations", params={"ids": ids})["items"] == []
    results = attacker.ok("POST", "/v1/generations/cancel", {"ids": [ids]})["items"]
    assert [result["status"] for result in results] == [404]
    subjects = {event["subject_id"] for event in attacker.get("/v1/events")["items"]}
    assert subjects.isdisjoint(belongings.values())

    assert witness.saw_nothing()
