"""What an editor meets when something breaks: a sentence, the next step, nothing lost and nothing twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from tests.journeys.stack import Stack
from tests.panel.desk import Desk, opened, stack_editor

pytestmark = pytest.mark.slow

PROMPT = "rain on a tin roof, static camera"


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A service of this file's own, which may be stopped and started."""
    with Stack(tmp_path_factory.mktemp("fragile")) as stack:
        yield stack


@pytest.fixture
def desk(browser: Browser, fragile: Stack, tmp_path: Path) -> Iterator[Desk]:
    with opened(browser, fragile, "cep-after-effects", tmp_path) as desk:
        desk.sign_in(stack_editor(fragile))
        yield desk


@pytest.fixture(params=["browser", "uxp-premiere", "cep-after-effects"])
def any_desk(
    browser: Browser, fragile: Stack, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    with opened(browser, fragile, request.param, tmp_path) as desk:
        desk.sign_in(stack_editor(fragile))
        yield desk


def _host(desk: Desk) -> str:
    return str(desk.page.evaluate("PB.config.host"))


def _asked(stack: Stack, prompt: str) -> int:
    """How many generations of that prompt there are."""
    return int(
        stack.query("SELECT count(*) FROM generations WHERE request->'brief'->>'prompt' = %s", prompt)[0][0]
    )


def test_what_is_asked_for_without_a_network_is_sent_once_when_it_is_back(any_desk: Desk) -> None:
    desk, words = any_desk, f"cut off in {_host(any_desk)}"
    desk.context.set_offline(True)
    desk.generate(f"{PROMPT}, {words}")
    desk.reads("Not answered yet")
    desk.reads("No connection.")
    desk.context.set_offline(False)
    desk.page.locator(".card", has_text=words).get_by_role("button", name="Takes").wait_for(timeout=180_000)
    assert _asked(desk.stack, f"{PROMPT}, {words}") == 1


def test_an_answer_that_is_lost_on_its_way_back_buys_nothing_twice(desk: Desk) -> None:
    lost = 0

    def lose(route: Route) -> None:
        nonlocal lost
        lost += 1
        if lost == 1:
            route.fetch()  # it arrives, its answer does not
            route.abort()
        else:
            route.continue_()

    desk.page.route("**/v1/generations", lose)
    desk.generate(f"{PROMPT}, answered twice")
    desk.page.locator(".card", has_text="answered twice").get_by_role("button", name="Takes").wait_for(
        timeout=180_000
    )
    assert lost == 2
    assert _asked(desk.stack, f"{PROMPT}, answered twice") == 1


def test_a_sign_in_that_was_revoked_ends_in_words_and_what_was_started_is_there_after_the_next(
    any_desk: Desk,
) -> None:
    desk, words = any_desk, f"revoked in {_host(any_desk)}"
    desk.generate(f"{PROMPT}, {words}")
    desk.page.locator(".card", has_text=words).first.wait_for()
    for session in desk.stack.editor.get("/v1/me/sessions")["items"]:
        desk.stack.editor.ok("DELETE", f"/v1/me/sessions/{session['id']}")
    desk.reads("Your sign-in has ended.")
    desk.sign_in(stack_editor(desk.stack))
    desk.tab("Queue")
    desk.page.locator(".card", has_text=words).get_by_role("button", name="Takes").wait_for(timeout=180_000)


def test_a_panel_that_is_closed_in_the_middle_finds_everything_when_it_opens_again(desk: Desk) -> None:
    desk.generate(f"{PROMPT}, closed")
    desk.page.locator(".card", has_text="closed").first.wait_for()
    desk.page.reload()
    desk.tab("Queue")
    desk.page.locator(".card", has_text="closed").get_by_role("button", name="Takes").wait_for(
        timeout=180_000
    )
    desk.tab("Generate")
    assert desk.page.locator("textarea[data-focus=prompt]").input_value() == f"{PROMPT}, closed"


def test_the_web_door_starts_anew_under_an_open_panel_that_goes_on_by_itself(any_desk: Desk) -> None:
    desk, words = any_desk, f"restarted in {_host(any_desk)}"
    desk.generate(f"{PROMPT}, {words}")
    desk.stack.kill("web")
    desk.page.locator(".card", has_text=words).get_by_role("button", name="Takes").wait_for(timeout=180_000)
    assert _asked(desk.stack, f"{PROMPT}, {words}") == 1


def test_more_than_the_balance_is_refused_with_what_to_do(desk: Desk) -> None:
    desk.tab("Generate")
    desk.page.locator("textarea[data-focus=prompt]").fill(PROMPT)
    desk.page.route(
        "**/v1/generations",
        lambda route: route.fulfill(
            status=402,
            content_type="application/problem+json",
            body='{"type": "https://example.com/problems/insufficient-credits", "status": 402, "detail": ""}',
        ),
    )
    desk.press("Generate")
    desk.reads("Not enough credits for this.")
    desk.reads("Choose a cheaper model")


def test_a_used_up_quota_says_when_there_is_more(desk: Desk) -> None:
    desk.tab("Generate")
    desk.page.locator("textarea[data-focus=prompt]").fill(PROMPT)
    body = (
        '{"type": "https://example.com/problems/draft-quota-exhausted", "status": 429,'
        ' "resets_at": "2030-01-02T00:00:00Z"}'
    )
    desk.page.route(
        "**/v1/generations",
        lambda route: route.fulfill(status=429, content_type="application/problem+json", body=body),
    )
    desk.press("Generate")
    desk.reads("Today's drafts are used up.")
    desk.reads("Masters can still be made.")


def test_a_service_that_could_not_answer_is_asked_again_under_the_same_key(desk: Desk) -> None:
    keys: list[str | None] = []

    def busy(route: Route) -> None:
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="")
        else:
            route.continue_()

    desk.page.route("**/v1/generations", busy)
    desk.generate(f"{PROMPT}, busy at first")
    card = desk.page.locator(".card", has_text="busy at first")
    card.get_by_role("button", name="Takes").wait_for(timeout=180_000)
    assert len(keys) == 2
    assert keys[0] is not None
    assert keys[0] == keys[1]
