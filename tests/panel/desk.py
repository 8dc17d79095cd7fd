"""An editor's desk: the shipped panel in a host of its own, before a whole running service."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, BrowserContext, Page

from manifests.bundle import PanelConfig, PanelHost, files_for
from tests.journeys.stack import Stack
from tests.panel.adapters import faked

PANELS: Final = {
    "browser": PanelHost.BROWSER,
    "uxp-premiere": PanelHost.PREMIERE_PRO,
    "uxp-photoshop": PanelHost.PHOTOSHOP,
    "cep-after-effects": PanelHost.CEP,
    "cep-premiere": PanelHost.CEP,
    "resolve": PanelHost.RESOLVE,
}
LONG: Final = 240_000
"""Milliseconds that making something may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Editor:
    """Who sits there, and how they sign in."""

    email: str
    password: str = field(repr=False)


def stack_editor(stack: Stack) -> Editor:
    """The ordinary user that a service on one machine is born with."""
    told: Any = stack.keys["sign_in"]
    return Editor(told["email"], told["password"])


@dataclass(frozen=True, slots=True)
class Desk:
    """One panel, open."""

    stack: Stack
    page: Page
    context: BrowserContext

    def press(self, words: str, *, within: str = "#app", last: bool = False) -> None:
        """Press the button that says so."""
        found = self.page.locator(within).get_by_role("button", name=words, exact=True)
        (found.last if last else found.first).click()

    def tab(self, words: str) -> None:
        """Go to a screen."""
        self.page.get_by_role("tab", name=re.compile(f"^{words}")).click()

    def reads(self, words: str, *, patience: float = LONG) -> None:
        """Wait until it can be read."""
        self.page.get_by_text(words).first.wait_for(timeout=patience)

    def fake(self, expression: str) -> Any:
        """What the faked host says of itself."""
        return self.page.evaluate(f"() => window.fake.{expression}")

    def sign_in(self, editor: Editor) -> None:
        """The device flow as its user does it: compare the code, approve in another browser."""
        self.press("Sign in")
        code = self.page.locator(".code").inner_text()
        with self.context.browser.new_context() as elsewhere:  # type: ignore[union-attr]  # launched, so there
            approve(elsewhere.new_page(), f"{self.stack.url}/activate?user_code={code}", editor, code)
        self.page.get_by_role("tab", name="Generate").wait_for(timeout=60_000)

    def generate(self, prompt: str, *, seconds: str = "1") -> None:
        """Ask for a short draft."""
        self.tab("Generate")
        self.page.locator("textarea[data-focus=prompt]").fill(prompt)
        self.page.get_by_label("Seconds", exact=True).fill(seconds)
        self.page.get_by_label("Takes", exact=True).fill("1")
        self.page.get_by_label("Takes", exact=True).press("Tab")
        self.press("Generate")


def approve(page: Page, address: str, editor: Editor, code: str) -> None:
    """Sign in on the service's own page and let the panel in that shows this code."""
    page.set_default_timeout(60_000)
    page.goto(address)
    page.get_by_label("E-mail address").fill(editor.email)
    page.get_by_label("Password").fill(editor.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text(code).first.wait_for()
    page.get_by_role("button", name="Let it in").click()
    page.get_by_text("The panel is signed in").wait_for()


@contextmanager
def opened(
    browser: Browser, stack: Stack, kind: str, folder: Path, *, width: int = 320, **options: Any
) -> Iterator[Desk]:
    """The panel as it ships to that host: served, or from files beside the fake of its program."""
    viewport = {"width": width, "height": 760}
    context = browser.new_context(viewport=viewport, locale="en-US", accept_downloads=True, **options)  # type: ignore[arg-type]  # a plain dictionary
    thrown: list[str] = []
    context.on("weberror", lambda error: thrown.append(str(error.error)))
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.add_init_script(script=faked(kind))
    address = _address(stack, kind, folder)
    page.add_init_script(script=packaged(folder))
    page.goto(address)
    try:
        yield Desk(stack, page, context)
    finally:
        context.close()
    assert thrown == []


def packaged(folder: Path) -> str:
    """The script that lets the fake of UXP `require` what lies beside the page."""
    beside = {f"./{path.relative_to(folder)}": path.read_text() for path in folder.rglob("*.js")}
    return f"window.packaged = {json.dumps(beside)};"


def _address(stack: Stack, kind: str, folder: Path) -> str:
    if kind == "browser":
        return stack.keys["panel_url"]
    config = PanelConfig(api=stack.url, version="0.1.0", host=PANELS[kind])
    for path, content in files_for(config).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return (folder / "index.html").as_uri()
