"""The pages for signing in, in a real Chromium: read by an accessibility audit, used by keyboard alone."""

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import text
from werkzeug.serving import BaseWSGIServer, make_server

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain.people.letters import Letter
from plugin_backend.services import accounts, sealing
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import passwords
from plugin_backend.settings.joining import SignUp

pytestmark = pytest.mark.slow

AXE: Final = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
EMAIL, PASSWORD = "editor@example.com", "correct horse battery staple"
WIDTHS: Final = {"narrow": 320, "wide": 1200}


@dataclass(frozen=True, slots=True)
class Door:
    """A web process on this machine, and the house behind it."""

    url: str
    house: House

    def code(self) -> str:
        """What a panel that wants in would show."""
        form = {"client_id": "panel", "device": "Premiere Pro 26 on a workstation"}
        answer = httpx.post(f"{self.url}/v1/oauth/device_authorization", data=form, trust_env=False)
        return str(answer.json()["user_code"])

    def link(self) -> str:
        """Where the newest letter leads, read where it waits."""
        with self.house.engine.connect() as connection:
            kept = connection.execute(text("SELECT letter FROM mails ORDER BY id DESC LIMIT 1")).scalar_one()
        letter = Letter.from_json(json.loads(sealing.unseal(self.house, "letter", kept)))
        (found,) = [line for line in letter.text.splitlines() if line.startswith(self.url)]
        return found.removeprefix(self.url)


@pytest.fixture
def door(settings: Settings) -> Iterator[Door]:
    server = _server(Flask("nothing yet"))
    url = f"http://127.0.0.1:{server.server_port}"
    here = replace(
        settings,
        public_url=url,
        sign_up=SignUp.OPEN,
        smtp_url="smtp://127.0.0.1:1",  # the letters wait: nobody carries them here
        mail_from="video@studio.example",
    )
    with closing(server.socket):
        house = open_house(here, pool_size=4, application="tests")
        person = accounts.create_user(house, actor=None, user=NewUser(email=EMAIL))
        passwords.set_by_operator(house, person.email, PASSWORD)
        app = create_app(here, house)
        server.app = app
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Door(url, house)
        server.shutdown()
        thread.join()
        app.extensions["plugin-backend"].redis.close()
        house.engine.dispose()


def _server(app: Flask) -> BaseWSGIServer:
    return make_server("127.0.0.1", 0, app, threaded=True)


def _log_in(page: Page, door: Door) -> None:
    page.goto(f"{door.url}/login")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account")


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}" for each in found["violations"]]


def _pages(context: BrowserContext, door: Door) -> Iterator[tuple[str, Page]]:
    """Every page there is, one after the other, right and wrong."""
    page = context.new_page()
    page.goto(f"{door.url}/login")
    yield "login", page
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_role("button", name="Sign in").click()
    yield "login refused", page
    page.goto(f"{door.url}/set-password?token={passwords.invite(door.house, EMAIL)}")
    yield "set password", page
    page.goto(f"{door.url}/set-password?token=x")
    yield "gone", page
    yield from _joining(page, door)
    _log_in(page, door)
    yield "account", page
    page.goto(f"{door.url}/activate")
    yield "activate", page
    page.goto(f"{door.url}/activate?user_code=nothing")
    yield "activate refused", page
    page.goto(f"{door.url}/activate?user_code={door.code()}")
    yield "approve", page
    page.get_by_role("button", name="Let it in").click()
    yield "approved", page


def _joining(page: Page, door: Door) -> Iterator[tuple[str, Page]]:
    """Somebody new, as far as the account that is made next."""
    page.goto(f"{door.url}/forgot")
    yield "forgot", page
    page.goto(f"{door.url}/join/confirm?token=x")
    yield "join gone", page
    page.goto(f"{door.url}/join")
    yield "join", page
    page.get_by_label("E-mail address").fill(f"{secrets.token_hex(4)}@studio.example")
    page.get_by_role("button", name="Send me the link").click()
    yield "join refused", page
    for label in ("Password", "The same again"):
        page.get_by_label(label).fill(PASSWORD)
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_role("heading", name="Look into your mailbox").wait_for()
    yield "letter sent", page
    page.goto(f"{door.url}{door.link()}")
    yield "join confirm", page


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_hinders_anybody(browser: Browser, door: Door, scheme: Any, width: str) -> None:
    size: Any = {"width": WIDTHS[width], "height": 800}
    seen = []
    with browser.new_context(color_scheme=scheme, viewport=size, bypass_csp=True) as context:
        for name, page in _pages(context, door):
            assert _violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
            seen.append(name)
    assert len(seen) == 15


def test_a_panel_is_let_in_without_a_mouse_or_a_script(browser: Browser, door: Door) -> None:
    code = door.code()
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{door.url}/activate?user_code={code}")
        page.keyboard.press("Tab")
        page.keyboard.type(EMAIL)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text(code).wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="The panel is signed in").wait_for()
