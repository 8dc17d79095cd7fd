"""Every screen of the panel, one after another, with real things on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

from tests.journeys.people import Person
from tests.journeys.stack import Stack, until
from tests.panel.desk import LONG, Desk, Editor, approve

PROMPT = "a lighthouse in the rain at night, slow push in"
_ASKS = {"kind": "draft", "direct": {"max_iterations": 1, "pause": True}}
_RUNNING = """
    INSERT INTO generations
    SELECT (jsonb_populate_record(NULL::generations, to_jsonb(g) || jsonb_build_object(
        'id', %s::text, 'state', 'generating', 'finished_at', NULL, 'credits_settled', NULL,
        'draft_units_used', NULL))).*
    FROM generations g WHERE id = %s RETURNING id"""


def scenes(desk: Desk, editor: Editor) -> Iterator[str]:
    """Goes to each screen and names it once it is there; what it needs is made on the way."""
    done = _made(desk.stack)
    with _rights_asked(desk.stack):
        yield from _seen(desk, editor, done)


def _seen(desk: Desk, editor: Editor, done: str) -> Iterator[str]:
    page = desk.page
    page.get_by_role("button", name="Sign in").wait_for()
    yield "signed-out"
    desk.press("Sign in")
    code = page.locator(".code").inner_text()
    yield "sign-in-code"
    with desk.context.browser.new_context() as elsewhere:  # type: ignore[union-attr]  # launched, so there
        approve(elsewhere.new_page(), f"{desk.stack.url}/activate?user_code={code}", editor, code)
    page.get_by_role("tab", name="Generate").wait_for(timeout=60_000)
    page.locator("textarea[data-focus=prompt]").fill(PROMPT)
    page.locator(".price").wait_for()
    yield "generate"
    _stroke(page)
    yield "generate-strokes"
    page.locator(".rights").scroll_into_view_if_needed()
    yield "generate-rights"
    desk.press("Edit")
    page.get_by_label("Name of the template").first.wait_for()
    yield "generate-templates"
    desk.press("Edit")
    desk.press("Check the brief")
    page.locator(".check-card").scroll_into_view_if_needed()
    page.locator(".check-card").get_by_text("Camera", exact=True).wait_for()
    yield "generate-check"
    desk.tab("Queue")
    page.locator(f"[data-id={done}]").wait_for()
    page.get_by_role("button", name="Cancel", exact=True).first.wait_for()
    page.locator(".paused").first.get_by_text("The next try costs").wait_for()
    page.locator(".paused").first.get_by_role("button", name="Steer…").click()
    yield "queue"
    page.locator(f"[data-id={done}]").get_by_role("button", name="Takes").click()
    page.get_by_role("button", name="Pick", exact=True).first.wait_for()
    page.get_by_role("button", name="Measures").first.click()
    for _ in range(2):
        desk.press("Compare", within="#screen")
    yield "takes"
    desk.press("Review")
    page.locator(".review").get_by_text("The boat jumps").wait_for()
    page.locator(".review").evaluate("(review) => review.scrollIntoView(true)")
    yield "takes-review"
    desk.press("Review")
    desk.press("Why")
    page.locator(".why").get_by_text("How the score is weighed").scroll_into_view_if_needed()
    yield "takes-why"
    desk.press("How it came about")
    page.locator(".step").last.scroll_into_view_if_needed()
    yield "takes-trace"
    desk.press("Compare 2")
    page.get_by_role("heading", name="Compare").wait_for()
    yield "compare"
    desk.tab("Board")
    page.get_by_role("button", name="Night sea").first.click()
    page.locator(".shot[data-state=picked]").wait_for()
    yield "board"
    desk.tab("History")
    page.locator(".history").first.wait_for()
    yield "history"
    desk.tab("Takes")
    desk.press("Deliver", within="#screen")
    with page.expect_download(timeout=LONG):
        desk.press("Make the files")
    desk.reads("The files are saved.")
    yield "deliver"
    desk.tab("Account")
    page.get_by_role("button", name="Receipt").first.click()
    page.get_by_text("Quoted", exact=True).wait_for()
    yield "account"
    desk.tab("Doctor")
    page.locator("[data-check=storage]").wait_for()
    yield "doctor"


@contextmanager
def _rights_asked(stack: Stack) -> Iterator[None]:
    """Files are used only once their rights are attested; afterwards as before."""
    workspace = stack.editor.get("/v1/me")["workspace"]["id"]
    path = f"/v1/admin/workspaces/{workspace}/policy"
    stack.operator.ok("PATCH", path, {"attestation_required": True})
    try:
        yield
    finally:
        stack.operator.ok("PATCH", path, {"attestation_required": False})


def _made(stack: Stack) -> str:
    """A finished draft of two takes and its master, a copy that never ends, one that waits, and a board."""
    person = stack.editor
    done: Any = person.ready_draft(takes=2, label="SH010", brief={"prompt": PROMPT, "duration_seconds": 1})
    known = str(done["id"])
    take = f"/v1/takes/{done['takes'][0]['id']}"
    person.ok("POST", f"{take}/master", {})
    person.ok("PATCH", f"{take}/review", {"rating": 4})
    person.ok("POST", f"{take}/comments", {"text": "The boat jumps", "frame": 12})
    person.ok("POST", f"{take}/approval", {"status": "needs-changes", "as": "Director", "note": "Slower"})
    stack.query(_RUNNING, _later(known), known)
    person.ok("POST", "/v1/generations", {**_ASKS, "brief": {"prompt": PROMPT, "duration_seconds": 1}})
    _board(person)
    return known


def _board(person: Person) -> None:
    """Two shots, of which one is drafted and picked."""
    shots = [{"brief": {"prompt": each, "duration_seconds": 1}} for each in (PROMPT, "a red boat, calm lake")]
    board = person.ok("POST", "/v1/storyboards", {"title": "Night sea", "shots": shots})
    path, first = f"/v1/storyboards/{board['id']}", board["shots"][0]["id"]
    person.ok("POST", f"{path}/generate", {"shots": [first]})
    takes: Any = until(lambda: [take for take in person.get(path)["shots"][0]["takes"] if take["poster"]])
    person.ok("PATCH", path, {"shots": [{"id": first, "take_id": takes[0]["id"]}]})


def _later(identifier: str) -> str:
    """Another id of the same moment."""
    return identifier[:-1] + ("0" if identifier[-1] != "0" else "1")


def _stroke(page: Page) -> None:
    """An arrow, drawn with the mouse."""
    layer = page.locator(".strokes")
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 60, steps=4)
    page.mouse.up()
