"""Not connected, taken apart: what is broken has a line of its own that says what to do; the rest is well."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.journeys.stack import Stack
from tests.panel.desk import Desk, opened, stack_editor

pytestmark = pytest.mark.slow

CHECKS = ("dns", "tls", "cors", "auth", "version", "clock", "storage")


@pytest.fixture(scope="module")
def desk(browser: Browser, stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(browser, stack, "cep-after-effects", tmp_path_factory.mktemp("panel")) as desk:
        desk.sign_in(stack_editor(stack))
        yield desk


def _looked(desk: Desk) -> dict[str, str]:
    """Every check's verdict, after a fresh look."""
    desk.tab("Doctor")
    desk.page.locator("[data-check=storage]").wait_for()
    desk.press("Look again")
    desk.page.locator("[data-check=storage]").wait_for()
    found = desk.page.locator("[data-check]")
    return {
        str(each.get_attribute("data-check")): str(each.get_attribute("data-verdict")) for each in found.all()
    }


def test_a_healthy_service_is_well_in_every_line(desk: Desk) -> None:
    assert _looked(desk) == dict.fromkeys(CHECKS, "ok")


def _changed(**members: object) -> Callable[[Route], None]:
    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=json.dumps({**answer.json(), **members}))

    return change


def _unreadable(route: Route) -> None:
    """An answer without the headers that let a page of another origin read it."""
    route.fulfill(status=200, body="{}", headers={"Access-Control-Allow-Origin": "https://elsewhere.example"})


Trouble = Callable[[Page], object]
TROUBLES: dict[str, Trouble] = {
    "dns": lambda page: page.route("**/healthz", lambda route: route.abort("namenotresolved")),
    "cors": lambda page: page.route("**/healthz", _unreadable),
    "version": lambda page: page.route("**/v1/doctor", _changed(minimum_panel_version="99.0.0")),
    "clock": lambda page: page.route("**/v1/doctor", _changed(now="2020-01-01T00:00:00Z")),
    "storage": lambda page: page.route("**/files/**", lambda route: route.abort()),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_what_is_broken_has_a_line_and_a_remedy_of_its_own(desk: Desk, trouble: str) -> None:
    TROUBLES[trouble](desk.page)
    try:
        verdicts = _looked(desk)
    finally:
        desk.page.unroute_all()
    assert verdicts[trouble] == "bad"
    assert [name for name in CHECKS if verdicts[name] == "bad"] == [trouble]
    before = CHECKS[: CHECKS.index(trouble)]
    assert {verdicts[name] for name in before} <= {"ok"}
    assert len(desk.page.locator(f"[data-check={trouble}] .hint").inner_text()) > 20


def test_a_panel_that_is_offline_is_told_so(desk: Desk) -> None:
    desk.context.set_offline(True)
    try:
        assert _looked(desk)["dns"] == "bad"
        desk.reads("This computer is offline.")
    finally:
        desk.context.set_offline(False)


def test_a_sign_in_that_has_ended_is_told_from_everything_else(
    browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    with opened(browser, stack, "cep-after-effects", tmp_path) as desk:
        desk.tab("Doctor")
        verdicts = _looked(desk)
    assert (verdicts["dns"], verdicts["cors"], verdicts["auth"]) == ("ok", "ok", "bad")
