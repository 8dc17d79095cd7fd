"""Takes are reviewed, and rights attested, in the panel: by an editor, and by somebody who only looks."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, expect

from tests.journeys.people import Person
from tests.journeys.stack import Stack
from tests.panel.desk import Desk, opened
from tests.panel.test_accessibility import faults

pytestmark = pytest.mark.slow

WORDS = "I hold a licence for this film and may change it."
_COME_IN = """(key) => {
    localStorage.clear();
    const session = { api: PB.config.api, access_token: key, refresh_token: key };
    localStorage.setItem("plugin-backend.secret.session", JSON.stringify(session));
}"""


@pytest.fixture(scope="module")
def desk(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One narrow panel for all of them."""
    folder = tmp_path_factory.mktemp("panel")
    with opened(browser, stack, "browser", folder, width=240, bypass_csp=True) as desk:
        yield desk


def _sits_down(desk: Desk, person: Person) -> None:
    desk.page.evaluate(_COME_IN, person.key)
    desk.page.reload()
    desk.page.get_by_role("tab", name="Takes").wait_for()


def _colleague(stack: Stack, person: Person, email: str, role: str) -> Person:
    """Somebody else of the same workspace."""
    within = person.get("/v1/me")["workspace"]["id"]
    operator = stack.operator
    made = operator.ok("POST", "/v1/admin/users", {"email": email, "role": role, "workspace_id": within})
    wanted = {"name": "review", "scopes": ["read", "generate"], "user_id": made["id"]}
    key = operator.ok("POST", "/v1/api-keys", wanted)["key"]
    return Person(person._http, key, id=made["id"])


def _box(desk: Desk) -> Locator:
    return desk.page.get_by_label("I state this for the files I use here.")


def test_a_file_is_used_once_its_rights_are_attested_and_waits_until_then(
    desk: Desk, stack: Stack, tmp_path: Path
) -> None:
    person, page = stack.newcomer("licensed"), desk.page
    path = f"/v1/admin/workspaces/{person.get('/v1/me')['workspace']['id']}/policy"
    stack.operator.ok("PATCH", path, {"attestation_required": True, "attestation_text": WORDS})
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(tmp_path / "harbour.png")
    _sits_down(desk, person)
    desk.reads(WORDS)
    expect(_box(desk)).not_to_be_checked()
    with page.expect_file_chooser() as chooser:
        page.locator(".adder", has_text="First frame").get_by_role("button", name="From a file").click()
    chooser.value.set_files(tmp_path / "harbour.png")
    desk.reads("What you chose is kept, and sent once you tick the box.")
    desk.tab("Queue")
    desk.tab("Generate")
    desk.reads("First frame · harbour.png")
    assert person.get("/v1/assets")["items"] == []

    _box(desk).check()

    page.locator(".frame", has_text="harbour.png").wait_for()
    (asset,) = person.get("/v1/assets")["items"]
    assert asset["rights_attested"]["by"] == person.id
    expect(page.get_by_text("What you chose is kept")).to_have_count(0)
    expect(_box(desk)).to_be_checked()
    assert faults(page) == []

    stack.operator.ok("PATCH", path, {"attestation_text": "Only our own films."})
    desk.tab("Queue")
    desk.tab("Generate")
    desk.reads("Only our own films.")
    expect(_box(desk)).not_to_be_checked()  # other words are said anew


def test_a_frame_that_nobody_attested_leads_to_the_box_and_nothing_is_lost(
    desk: Desk, stack: Stack, tmp_path: Path
) -> None:
    person, page, prompt = stack.newcomer("careful"), desk.page, "a harbour at dawn"
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(tmp_path / "old.png")
    asset = person.upload("old.png", (tmp_path / "old.png").read_bytes())
    frame = {"role": "first", "asset_id": asset["id"], "name": "old.png", "at_seconds": 0}
    asked = {"prompt": prompt, "frames": [frame], "duration_seconds": 1, "takes": 1}
    person.ok("PATCH", "/v1/me/panel", {"settings": {"last_request": asked}})
    _sits_down(desk, person)
    page.locator(".frame", has_text="old.png").wait_for()
    expect(_box(desk)).to_have_count(0)  # nobody asks for it yet
    workspace = person.get("/v1/me")["workspace"]["id"]
    stack.operator.ok("PATCH", f"/v1/admin/workspaces/{workspace}/policy", {"attestation_required": True})

    desk.press("Generate", within=".foot")
    desk.reads("Nobody has said yet that they hold the rights to a file.")
    desk.press("To the frames")
    desk.reads("Nobody has said this of old.png yet.")
    with page.expect_response("**/attest"):
        _box(desk).check()
    expect(page.get_by_text("Nobody has said this")).to_have_count(0)
    with page.expect_response(lambda answer: answer.url.endswith("/v1/generations")) as sent:
        desk.press("Generate", within=".foot")

    made = sent.value.json()
    person.ok("POST", f"/v1/generations/{made['id']}/cancel")  # that it was taken is enough
    assert made["brief"]["keyframes"][0]["asset_id"] == asset["id"]
    assert person.get(f"/v1/assets/{asset['id']}")["rights_attested"]["by"] == person.id


@pytest.fixture(scope="module")
def seen(stack: Stack) -> tuple[Person, Person, Any]:
    """An editor, their client, and a generation they look at."""
    editor = stack.newcomer("cutter")
    client = _colleague(stack, editor, "client@example.com", "viewer")
    return editor, client, editor.ready_draft(label="SH020")


def _opens(desk: Desk, label: str) -> Locator:
    """The review of the first take."""
    desk.tab("Takes")
    desk.page.get_by_role("button", name=re.compile(label)).click()
    desk.page.locator(".take").first.get_by_role("button", name="Review", exact=True).click()
    found = desk.page.get_by_role("group", name="Review of take 1")
    found.get_by_role("heading", name=re.compile("Comments")).wait_for()
    return found


def test_an_editor_reviews_a_take(desk: Desk, seen: tuple[Person, Person, Any]) -> None:
    (editor, client, generation), page = seen, desk.page
    path = f"/v1/takes/{generation['takes'][0]['id']}"
    _sits_down(desk, editor)
    review = _opens(desk, "SH020")

    review.get_by_role("button", name="1 of 5 stars").focus()
    page.keyboard.press("ArrowRight")
    expect(review.get_by_role("button", name="2 of 5 stars")).to_be_focused()
    page.keyboard.press("4")
    expect(review.get_by_role("button", name="4 of 5 stars")).to_have_attribute("aria-pressed", "true")
    expect(review.get_by_role("button", name="2 of 5 stars")).to_be_focused()
    review.get_by_role("button", name="Reject this take").click()
    desk.reads("This take is rejected")
    assert (editor.get(f"{path}/review")["rating"], editor.get(f"{path}/review")["mark"]) == (4, "rejected")
    review.get_by_role("button", name="Restore this take").click()
    expect(review.get_by_text("This take is rejected")).to_have_count(0)

    client.ok("POST", f"{path}/comments", {"text": "The boat jumps", "frame": 9})
    theirs = review.locator("[data-comment]", has_text="The boat jumps")
    expect(theirs).to_contain_text("client@example.com")
    theirs.get_by_role("button", name="Go to frame 9").click()
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    rate = generation["takes"][0]["frame_rate"]
    at = page.evaluate("() => document.querySelector('video').currentTime")
    assert at == pytest.approx(9.5 / float(rate), abs=0.01)

    review.get_by_role("button", name="This frame").click()
    expect(review.get_by_label("Frame", exact=True)).to_have_value("9")
    review.get_by_label("Comment", exact=True).fill("I see it, too")
    page.locator(".take").first.get_by_role("button", name="Pick", exact=True).click()
    page.get_by_role("button", name="Picked", exact=True).wait_for()  # everything was drawn anew
    desk.reads("Picked", patience=10_000)
    review.get_by_role("button", name="Add", exact=True).click()
    mine = review.locator("[data-comment]", has_text="I see it, too")
    expect(mine).to_contain_text("you")
    theirs.get_by_role("button", name="Resolve").click()
    review.get_by_role("button", name="Resolved (1)").click()
    expect(theirs.get_by_role("button", name="Open again")).to_be_visible()
    said = {each["text"]: each for each in editor.get(f"{path}/comments")["items"]}
    assert (said["I see it, too"]["frame"], said["The boat jumps"]["resolved"]) == (9, True)

    review.get_by_label("As", exact=True).fill("Director")
    review.get_by_label("Note").fill("Slower, please")
    review.get_by_role("button", name="Needs changes").click()
    expect(review.locator(".approval")).to_contain_text("Needs changes · Director · you")
    expect(review.locator(".approval")).to_contain_text("Slower, please")
    assert faults(page) == []
    assert page.evaluate("() => document.getElementById('screen').scrollWidth") <= 240


def test_a_client_sees_what_they_may_and_answers_for_a_take(
    desk: Desk, seen: tuple[Person, Person, Any]
) -> None:
    (editor, client, generation), page = seen, desk.page
    path = f"/v1/takes/{generation['takes'][0]['id']}"
    editor.ok("POST", f"{path}/approval", {"status": "needs-changes", "as": "Director"})
    _sits_down(desk, client)
    review = _opens(desk, "SH020")
    assert page.get_by_role("tab").all_inner_texts() == ["Takes", "History", "Account", "Doctor"]
    for name in ("Pick", "Picked", "Deliver", "Master…", "Reject this take", "Change and try again"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)

    page.evaluate("() => PB.app.speak('de')")
    page.locator(".take").first.get_by_role("button", name="Sichten").click()
    review = page.get_by_role("group", name="Sichtung von Take 1")
    expect(review.locator(".approval")).to_contain_text("Änderungen nötig · Director · cutter@example.com")
    review.get_by_role("button", name="Freigeben").click()
    expect(review.locator(".approval")).to_contain_text("Freigegeben · Kunde · selbst")
    expect(review.get_by_role("button", name="Zurückziehen")).to_be_visible()

    given = editor.get(f"{path}/review")["approval"]
    assert (given["status"], given["as"], given["by"]) == ("approved", "Kunde", client.id)
    assert faults(page) == []
