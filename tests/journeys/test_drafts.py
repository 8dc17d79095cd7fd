"""An editor's first minutes: sign in, look around, draft two takes and look at them."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.journeys.conftest import Newcomer
from tests.journeys.people import Person, a_draft, fetch, slug
from tests.journeys.stack import Stack, until
from tests.media import readers

SEQUENCE = {"frame_rate": "24000/1001", "width": 640, "height": 360, "playhead_timecode": "01:00:10:00"}


@pytest.fixture(scope="module")
def draft(editor: Person) -> Any:
    """Two seconds, two takes: long enough for a second key frame."""
    return editor.ready_draft(takes=2, brief={"duration_seconds": 2}, sequence=SEQUENCE, label="SH010")


def test_a_key_signs_in_and_nothing_else_does(stack: Stack, editor: Person) -> None:
    me = editor.get("/v1/me")

    assert me["email"] == "editor-of-journeys@example.com"
    assert me["scopes"] == ["generate", "read"]
    for header in ({}, {"Authorization": "Bearer pbk_wrong"}, {"Authorization": "Basic dTpw"}):
        refused = httpx.get(f"{stack.url}/v1/me", headers=header, trust_env=False)
        assert (refused.status_code, slug(refused)) == (401, "unauthenticated")
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    key = stack.keys["user_key"]
    for query in ("key", "access_token", "token"):
        in_address = httpx.get(f"{stack.url}/v1/me", params={query: key}, trust_env=False)
        assert in_address.status_code == 401


def test_an_editor_may_not_administer(editor: Person) -> None:
    refused = editor.send("GET", "/v1/admin/users")

    assert (refused.status_code, slug(refused)) == (403, "forbidden")


def test_the_catalogue_says_what_can_be_used_here(editor: Person) -> None:
    models = {model["id"]: model for model in editor.get("/v1/models")["items"]}

    assert models["animatic"]["available"] is True
    assert {"text", "first_frame", "last_frame", "loop"} <= set(models["animatic"]["inputs"])
    assert [name for name, model in models.items() if model["available"]] == ["animatic"]


def test_a_quote_compares_every_model_and_spends_nothing(editor: Person) -> None:
    before = editor.purse()

    quotes = editor.ok("POST", "/v1/quotes", a_draft(takes=3))["quotes"]

    assert [quote["model"] for quote in quotes if quote["possible"]] == ["animatic"]
    assert quotes[0]["model"] == "animatic"
    assert quotes[0]["draft_units"] == 3
    assert quotes[0]["draft"]["credits"] == 0
    assert quotes[0]["master"]["credits"] > 0
    assert all(quote["reasons"] for quote in quotes[1:])
    assert editor.purse() == before


def test_each_take_has_a_proxy_that_plays_everywhere(draft: Any, tmp_path: Path) -> None:
    for take in draft["takes"]:
        path = fetch(take["proxy"]["url"], tmp_path / "proxy.mp4")
        facts = readers.report(path)

        assert (take["frame_count"], take["frame_rate"]) == (48, "24000/1001")
        assert "Video: h264" in facts
        assert "bt709" in facts
        assert "640x360" in facts
        assert "23.98 fps" in facts
        assert len(readers.stamps(path)) == 48
        assert readers.luma(path, width=640, height=360, pixels="yuv420p").shape[0] == 48
        keys = [*readers.key_frames(path), 48]
        assert keys[0] == 0
        assert max(after - before for before, after in pairwise(keys)) <= 24, "a second at most"
        assert readers.index_comes_first(path)


def test_each_take_has_a_poster_and_a_contact_sheet(draft: Any, tmp_path: Path) -> None:
    for take in draft["takes"]:
        for role, least in (("poster", 640), ("contact_sheet", 640)):
            with Image.open(fetch(take[role]["url"], tmp_path / "picture.jpg")) as picture:
                assert picture.format == "JPEG"
                assert picture.width >= least
                grey = np.asarray(picture.convert("L"), dtype=int)
                assert grey.max() - grey.min() > 60, "a picture shows something"


def test_takes_differ_and_say_how_they_were_made(draft: Any, tmp_path: Path) -> None:
    first, second = (fetch(take["proxy"]["url"], tmp_path / "p.mp4").read_bytes() for take in draft["takes"])

    assert [take["seed"] for take in draft["takes"]] == [7, 8]
    assert first != second
    for take in draft["takes"]:
        assert take["label"] == "animatic"
        assert take["measures"]["frame_count"] == 48
        assert take["verdict"]
    assert draft["progress"] == 1.0
    assert draft["promotion"]["href"] == f"/v1/takes/{draft['promotion']['take_id']}/master"


def test_the_trace_tells_the_story_in_order(editor: Person, draft: Any) -> None:
    notes = editor.get(f"/v1/generations/{draft['id']}/trace")["items"]

    steps = [note["step"] for note in notes]
    assert steps[0] == "concept"
    assert steps.index("measure") < steps.index("judge")
    assert [note["at"] for note in notes] == sorted(note["at"] for note in notes)


def test_a_draft_costs_units_and_the_receipt_agrees_with_the_ledger(newcomer: Newcomer) -> None:
    editor = newcomer()
    draft = editor.ready_draft(takes=2)

    receipt = editor.receipt(draft["id"])

    assert receipt["draft_units"] == {"taken": 2, "used": 2, "returned": 0}
    assert receipt["credits"] == {"quoted": 0, "held": 0, "settled": 0, "returned": 0}
    assert receipt["takes_charged"] == 2
    assert editor.purse() == (1_000, 0, 2)
    usage = editor.get("/v1/me/usage", params={"group_by": "model"})
    assert [row["key"] for row in usage["items"]] == ["animatic"]
    assert usage["items"][0]["generations"] == 1


def test_an_unchanged_generation_is_not_sent_again_and_an_unfinished_one_says_when(
    newcomer: Newcomer,
) -> None:
    editor = newcomer()
    asked = editor.send("POST", "/v1/generations", a_draft())
    path = asked.headers["Location"]

    assert asked.headers["Retry-After"] == "1"
    seen = editor.send("GET", path)
    assert seen.headers["Retry-After"] == "1"
    editor.generation(asked.json()["id"])
    done = editor.send("GET", path)
    assert "Retry-After" not in done.headers
    again = editor.send("GET", path, headers={"If-None-Match": done.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == done.headers["ETag"]
    assert done.headers["ETag"] != seen.headers["ETag"]


def test_a_304_of_something_unfinished_says_when_to_look_again(newcomer: Newcomer) -> None:
    editor = newcomer()
    path = f"/v1/generations/{editor.draft(takes=4, brief={'duration_seconds': 5})['id']}"

    answers = []
    for _ in range(50):
        etag = editor.send("GET", path).headers["ETag"]
        answers.append(editor.send("GET", path, headers={"If-None-Match": etag}))
        if answers[-1].status_code == 304:
            break

    assert answers[-1].status_code == 304
    assert answers[-1].headers["Retry-After"] == "1"
    editor.ok("POST", f"{path}/cancel")


def test_a_batch_is_accepted_whole_or_not_at_all(newcomer: Newcomer) -> None:
    editor = newcomer(plan="free", credit=0)
    limit = editor.get("/v1/me")["draft_quota"]["limit"]
    before = editor.purse()

    refused = editor.send("POST", "/v1/batches", {"generations": [a_draft(takes=8)] * (limit // 8 + 1)})
    assert (refused.status_code, slug(refused)) == (429, "draft-quota-exhausted")
    assert editor.purse() == before
    assert editor.get("/v1/generations")["items"] == []

    accepted = editor.ok("POST", "/v1/batches", {"generations": [a_draft(label=f"SH{n}") for n in range(3)]})
    ids = [item["id"] for item in accepted["items"]]
    shown = editor.get("/v1/generations", params={"ids": ",".join(ids)})["items"]
    assert {item["id"] for item in shown} == set(ids)
    results = editor.ok("POST", "/v1/generations/cancel", {"ids": [*ids, "gen_nobodys"]})["items"]
    assert [result["status"] for result in results] == [200, 200, 200, 404]
    for identifier in ids:
        editor.generation(identifier)


def test_the_list_pages_through_everything_newest_first(newcomer: Newcomer) -> None:
    editor = newcomer()
    made = [editor.draft()["id"] for _ in range(5)]
    editor.ok("POST", "/v1/generations/cancel", {"ids": made})

    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = editor.get("/v1/generations", params={"limit": "2", **({"cursor": cursor} if cursor else {})})
        found += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert found == made[::-1]


def test_a_finished_draft_can_be_deleted_and_leaves_only_its_books(stack: Stack, newcomer: Newcomer) -> None:
    editor = newcomer()
    draft = editor.ready_draft()
    take = draft["takes"][0]["id"]
    assert stack.stored(f"takes/{take}/")

    assert editor.send("DELETE", f"/v1/generations/{draft['id']}").status_code == 204

    assert editor.send("GET", f"/v1/generations/{draft['id']}").status_code == 404
    assert editor.receipt(draft["id"])["takes_charged"] == 1
    gone = editor.send("POST", f"/v1/takes/{take}/master", {})
    assert (gone.status_code, slug(gone)) == (410, "gone")
    until(lambda: not stack.stored(f"takes/{take}/"))


def test_the_contract_and_its_pages_are_published(stack: Stack) -> None:
    document = httpx.get(f"{stack.url}/openapi.json", trust_env=False).json()

    assert document["openapi"].startswith("3.1")
    docs = httpx.get(f"{stack.url}/docs", trust_env=False)
    assert docs.status_code == 200
    assert "{{" not in docs.text
    problem = httpx.get(f"{stack.url}/problems/draft-quota-exhausted", trust_env=False)
    assert "429" in problem.text
    assert re.search(r"<h1>.+</h1>", problem.text)
