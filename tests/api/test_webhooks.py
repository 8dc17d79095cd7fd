"""Webhooks at the door: a secret shown once, addresses that are nobody's business, whose is whose."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from plugin_backend.api.asked import Furniture
from plugin_backend.app import _furnished
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role
from plugin_backend.outbound import Guard, Resolve, resolved
from plugin_backend.services.house import House, Outgoing
from plugin_backend.services.webhooks.webhook_addresses import AT_ONCE
from tests.api.people import Person, Town, at_once, problem, told
from tests.outbound_doors import Names

SPAN = {"since": "2999-01-01T00:00:00Z", "until": "2999-01-02T00:00:00Z"}
EVERYTHING = ["generation.*", "delivery.*", "quota.*", "credits.*", "webhook.disabled"]


def _at_name_server(app: Flask, roomy: Settings, house: House, resolve: Resolve) -> Furniture:
    known = replace(house, outgoing=Outgoing(guard=Guard(resolve=resolve)))
    furniture = replace(_furnished(roomy, known), clock=app.extensions["plugin-backend"].clock)
    furniture.stand_in(app)
    return furniture


@pytest.fixture
def names(app: Flask, roomy: Settings, house: House) -> Iterator[Names]:
    """A name server for this door's guard, on which every name is public until a test says otherwise."""
    names = Names(["93.184.216.34"])
    furniture = _at_name_server(app, roomy, house, names)
    yield names
    furniture.redis.close()


@pytest.fixture
def writer(names: Names, editor: Person) -> Person:
    """The editor, at a door whose name server knows every name."""
    assert names.answers
    return editor


def hook(**more: object) -> dict[str, object]:
    return {"url": "https://hooks.example.com/in", "events": EVERYTHING, **more}


def test_a_secret_is_shown_once_and_never_by_the_same_key(writer: Person) -> None:
    key = {"Idempotency-Key": "one"}
    made = writer.post("/v1/webhooks", hook(), headers=key)
    again = writer.post("/v1/webhooks", hook(), headers=key)

    assert made.status_code == 201
    assert made.json["secret"].startswith("whsec_")
    assert made.headers["Location"] == f"/v1/webhooks/{made.json['id']}"
    assert problem(again) == "idempotency-in-progress"
    assert made.json["id"] in again.json["detail"]
    shown = writer.get(made.headers["Location"])
    assert "secret" not in shown.json
    assert shown.json.items() <= made.json.items()
    assert [each["id"] for each in writer.get("/v1/webhooks").json["items"]] == [made.json["id"]]


def test_a_rotation_shows_the_new_one_and_says_until_when_the_old_is_good(writer: Person) -> None:
    made = told(writer.post("/v1/webhooks", hook()))
    turned = writer.post(f"/v1/webhooks/{made['id']}/rotate", {"overlap_hours": 2})
    usual = writer.post(f"/v1/webhooks/{made['id']}/rotate")

    assert (turned.status_code, usual.status_code) == (201, 201)
    assert len({made["secret"], turned.json["secret"], usual.json["secret"]}) == 3
    assert turned.json["previous_secret_until"] < usual.json["previous_secret_until"]
    assert problem(writer.post(f"/v1/webhooks/{made['id']}/rotate", {"overlap_hours": 169})) == "validation"


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/in",
        "ftp://hooks.example.com/in",
        "https://hooks.example.com:22/in",
        "https://user:word@hooks.example.com/in",
        "https://hooks.example.com/in#part",
        "https://",
        "hooks.example.com/in",
        "https://[::1",
        "https://hooks example.com/",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_sent_to_is_refused_when_it_is_named(writer: Person, url: str) -> None:
    made = told(writer.post("/v1/webhooks", hook()))
    for answer in (
        writer.post("/v1/webhooks", hook(url=url)),
        writer.patch(f"/v1/webhooks/{made['id']}", {"url": url}),
    ):
        assert problem(answer) == "validation"
        assert [each["pointer"] for each in answer.json["errors"]] == ["/url"]


@pytest.mark.parametrize(
    "answer",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["93.184.216.34", "192.168.0.1"],
        ["::1"],
        ["::ffff:10.0.0.1"],
        ["64:ff9b::a00:7"],
        ["fd00:ec2::254"],
        [],
    ],
)
def test_a_name_that_leads_to_us_is_refused_when_it_is_named(
    writer: Person, names: Names, answer: list[str]
) -> None:
    names.answers = [answer]

    assert problem(writer.post("/v1/webhooks", hook())) == "validation"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "0.0.0.0"])  # noqa: S104 - must be refused
def test_our_own_machine_is_refused_however_it_is_written(
    app: Flask, roomy: Settings, house: House, editor: Person, host: str
) -> None:
    _at_name_server(app, roomy, house, resolved).redis.close()  # as in production

    assert problem(editor.post("/v1/webhooks", hook(url=f"https://{host}/in"))) == "validation"


def test_events_that_never_happen_are_refused_by_name(writer: Person) -> None:
    answer = writer.post("/v1/webhooks", hook(events=["generation.*", "take.stored", "*"]))

    assert [each["pointer"] for each in answer.json["errors"]] == ["/events/1", "/events/2"]


def test_only_who_administers_hears_of_everybody_and_sees_everybodys(
    writer: Person, admin: Person, stranger: Person, town: Town
) -> None:
    own = told(writer.post("/v1/webhooks", hook()))
    assert problem(writer.post("/v1/webhooks", hook(covers="workspace"))) == "forbidden"
    all_of_it = told(admin.post("/v1/webhooks", hook(covers="workspace")))
    viewer = town.settle("viewer@example.com", role=Role.VIEWER, workspace_id=writer.workspace_id)

    assert [each["id"] for each in admin.get("/v1/webhooks").json["items"]] == [all_of_it["id"], own["id"]]
    assert [each["id"] for each in writer.get("/v1/webhooks").json["items"]] == [own["id"]]
    assert problem(viewer.post("/v1/webhooks", hook())) == "forbidden"
    for person, other in ((writer, all_of_it), (stranger, own), (stranger, all_of_it)):
        path = f"/v1/webhooks/{other['id']}"
        answers = (
            person.get(path),
            person.patch(path, {"disabled": True}),
            person.delete(path),
            person.get(f"{path}/attempts"),
            person.post(f"{path}/test"),
            person.post(f"{path}/rotate"),
            person.post(f"{path}/attempts/wha_1/replay"),
            person.post(f"{path}/replay", SPAN),
        )
        assert [problem(answer) for answer in answers] == ["not-found"] * len(answers)


def test_an_endpoint_is_changed_disabled_enabled_and_deleted(writer: Person) -> None:
    path = f"/v1/webhooks/{writer.post('/v1/webhooks', hook()).json['id']}"

    off = writer.patch(path, {"disabled": True, "events": ["credits.granted"]}).json
    on = writer.patch(path, {"disabled": False}).json
    sent = writer.post(f"{path}/test")

    assert (off["disabled"], off["disabled_why"], off["events"]) == (True, "asked", ["credits.granted"])
    assert (on["disabled"], on["disabled_why"], on["disabled_at"]) == (False, None, None)
    assert (sent.status_code, sent.json["message_id"][:4]) == (202, "msg_")
    assert writer.get(path).json["pending"] == 1
    assert writer.get(f"{path}/attempts").json == {"items": [], "next_cursor": None}
    assert problem(writer.patch(path, {})) == "validation"
    assert problem(writer.patch(path, {"secret": "whsec_mine"})) == "validation"
    assert writer.delete(path).status_code == 204
    assert problem(writer.get(path)) == "not-found"


def test_a_person_has_a_few_and_not_more(writer: Person) -> None:
    answers = [writer.post("/v1/webhooks", hook()) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [201] * 10 + [409]


def test_what_is_written_down_of_it_names_no_address(writer: Person, operator: Person) -> None:
    made = told(writer.post("/v1/webhooks", hook(url="https://hooks.example.com/canary")))
    writer.post(f"/v1/webhooks/{made['id']}/rotate")
    writer.delete(f"/v1/webhooks/{made['id']}")

    entries = operator.get("/v1/admin/audit?limit=20").json["items"]

    assert [each["action"] for each in entries if each["subject_id"] == made["id"]] == [
        "webhook.deleted",
        "webhook.rotated",
        "webhook.created",
    ]
    assert "canary" not in str(entries)


@pytest.mark.slow
def test_a_name_server_that_hangs_holds_nobody_for_long_and_few_at_once(
    app: Flask, roomy: Settings, house: House, editor: Person
) -> None:
    answered = threading.Event()

    def hangs(_host: str, _port: int) -> list[str]:
        answered.wait(60)
        return ["93.184.216.34"]

    furniture = _at_name_server(app, roomy, house, hangs)
    began = time.monotonic()
    answers = at_once(AT_ONCE + 2, lambda _: editor.at_another_door().post("/v1/webhooks", hook()))
    took = time.monotonic() - began
    answered.set()

    slugs = Counter(problem(answer) for answer in answers)
    assert slugs == {"validation": AT_ONCE, "rate-limited": 2}
    assert took < 20
    furniture.redis.close()
