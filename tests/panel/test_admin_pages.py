"""/admin in a real Chromium: read by an accessibility audit, used by keys alone, and photographed.

python -m pytest tests/panel/test_admin_pages.py --basetemp=... leaves its pictures in each test's folder.
"""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import text
from werkzeug.serving import make_server

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role
from plugin_backend.services import accounts, credits
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import passwords
from tests.panel.test_accessibility import faults

pytestmark = pytest.mark.slow

OPERATOR, EDITOR, PASSWORD = "operator@example.com", "editor@example.com", "correct horse battery staple"
WIDTHS: Final = {"narrow": 320, "wide": 1200}

# A month of one person's work on two models, with something of everything.
_MONTH: Final = """
    INSERT INTO generations (id, workspace_id, owner_id, account_id, kind, state, label, model, provider,
        request, takes_wanted, max_iterations, credits_per_take, credits_quoted, credits_held,
        credits_settled,
        draft_units, draft_units_used, failure, created_at, updated_at, finished_at)
    SELECT 'gen_' || lpad(n::text, 26, '0'), u.workspace_id, u.id, a.id,
        CASE WHEN n % 4 = 0 THEN 'master' ELSE 'draft' END,
        CASE WHEN n >= 236 THEN 'queued' WHEN n % 17 = 0 THEN 'failed' ELSE 'ready' END,
        'SH' || lpad((n % 12 * 10)::text, 3, '0'), model, CASE model WHEN 'ray-2' THEN 'luma' ELSE model END,
        '{"brief": {"prompt": "a slow dolly over a misty forest at golden hour"}}', 1, 0, 0, 20, 20,
        CASE WHEN n >= 236 THEN NULL WHEN n % 17 = 0 THEN 0 ELSE 20 END, 1,
        CASE WHEN n >= 236 THEN NULL ELSE 1 END,
        CASE WHEN n % 17 = 0 AND n < 236 THEN
            '{"slug": "provider-failed", "detail": "The provider was out of memory."}'::jsonb END,
        at, at, CASE WHEN n >= 236 THEN NULL ELSE at + interval '1 minute' END
    FROM users u JOIN accounts a ON a.owner_id = u.id, generate_series(1, 240) n,
        LATERAL (SELECT now() - interval '29 days' * (1 - sqrt(n / 240.0)) AS at,
            (ARRAY['animatic','ray-2','veo'])[n % 3 + 1] AS model) chosen
    WHERE u.email = :email
"""
_OWED: Final = """
    WITH made AS (INSERT INTO takes (id, workspace_id, owner_id, generation_id, number, state, created_at,
            updated_at)
        SELECT 'take_' || substr(id, 5), workspace_id, owner_id, id, 1, 'failed', created_at, created_at
        FROM generations WHERE state = 'failed' RETURNING *)
    INSERT INTO attempts (id, workspace_id, owner_id, take_id, token, provider, provider_ref, state, detail,
        credits_at_risk, created_at)
    SELECT 'att_' || substr(id, 6), workspace_id, owner_id, id, id, 'luma', 'their-' || substr(id, 28),
        'lost', 'x', 42, created_at FROM made
"""


@dataclass(frozen=True, slots=True)
class Door:
    """A web process on this machine, and the person whose page is looked at."""

    url: str
    person: str


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    server = make_server("127.0.0.1", 0, Flask("nothing yet"), threaded=True)
    url = f"http://127.0.0.1:{server.server_port}"
    here = replace(settings, public_url=url)
    with closing(server.socket):
        house = open_house(here, pool_size=4, application="tests")
        person = _people(house)
        app = create_app(here, house)
        server.app = app
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Door(url, person)
        server.shutdown()
        thread.join()
        app.extensions["plugin-backend"].redis.close()
        house.engine.dispose()


def _people(house: House) -> str:
    boss = NewUser(email=OPERATOR, role=Role.OWNER, is_operator=True)
    accounts.create_user(house, actor=None, user=boss)
    passwords.set_by_operator(house, OPERATOR, PASSWORD)
    editor = accounts.create_user(house, actor=None, user=NewUser(email=EDITOR, plan="pro"))
    credits.change(house, actor=None, user_id=editor.id, amount=10_000, reason="A start")
    with house.engine.begin() as connection:
        connection.execute(text(_MONTH), {"email": EDITOR})
        connection.execute(text(_OWED))
    return editor.id


def _log_in(page: Page, door: Door) -> None:
    page.goto(f"{door.url}/login?next=/admin")
    page.get_by_label("E-mail address").fill(OPERATOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin")


def _shown(page: Page, door: Door) -> Iterator[str]:
    """Every page of /admin, one after the other, right and wrong."""
    _log_in(page, door)
    yield "overview"
    for name in ("users", "queues", "failures", "exposures", "audit", "usage", "usage?group_by=user"):
        page.goto(f"{door.url}/admin/{name}")
        yield name.replace("?group_by=", "-by-")
    page.goto(f"{door.url}/admin/usage?from=never")
    yield "usage-refused"
    page.goto(f"{door.url}/admin/generations/gen_{17:026}")
    yield "generation"
    page.goto(f"{door.url}/admin/users/{door.person}")
    yield "person"
    page.get_by_role("button", name="Look at the change of credits").click()
    yield "person-refused"
    page.get_by_label("How many").fill("2500")
    page.locator("#reason-credits").fill("The agreed top-up for the trailer")
    page.get_by_role("button", name="Look at the change of credits").click()
    yield "confirm"
    page.get_by_role("button", name="Do it").click()
    yield "done"


@pytest.mark.parametrize(("scheme", "width"), [("dark", "wide"), ("light", "wide"), ("light", "narrow")])
def test_no_page_hinders_anybody(
    browser: Browser, door: Door, scheme: Any, width: str, tmp_path: Path
) -> None:
    size: Any = {"width": WIDTHS[width], "height": 900}
    found, seen = [], []
    with browser.new_context(color_scheme=scheme, viewport=size, bypass_csp=True) as context:
        page = context.new_page()
        for name in _shown(page, door):
            found += [f"{name}: {each}" for each in faults(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{name}: {wide} pixels wide"] if wide > WIDTHS[width] else []
            page.screenshot(path=tmp_path / f"admin-{name}-{scheme}-{width}.png")
            seen.append(name)
    assert not found, "\n".join(found)
    assert len(seen) == 14


def test_a_limit_is_changed_without_a_mouse_or_a_script(browser: Browser, door: Door) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        _log_in(page, door)
        page.goto(f"{door.url}/admin/users/{door.person}")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # past the way around
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("25")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.type("a quiet month")
        page.keyboard.press("Enter")
        page.get_by_text("Drafts a day: 100 now, 25 then.").wait_for()
        page.get_by_role("button", name="Do it").focus()
        page.keyboard.press("Enter")
        page.get_by_role("status").get_by_text("The limits are changed.").wait_for()
        assert page.get_by_label("Drafts a day").input_value() == "25"
