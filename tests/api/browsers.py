"""A person's browser: pages as they are rendered, forms as they are sent, cookies as they are kept."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from plugin_backend.services.house import House
from plugin_backend.services.people import passwords

EMAIL = "editor@example.com"
BACK = "/login/issuer/back"
PASSWORD = "correct horse battery staple"


@dataclass(slots=True)
class Page:
    """One page as a person meets it."""

    answer: Any
    tree: Any = field(init=False)

    def __post_init__(self) -> None:
        self.tree = html.fromstring(self.answer.text) if self.answer.text else None

    @property
    def status(self) -> int:
        return int(self.answer.status_code)

    @property
    def heading(self) -> str:
        return str(self.tree.findtext(".//h1"))

    @property
    def text(self) -> str:
        return " ".join(self.tree.text_content().split())

    @property
    def problems(self) -> list[str]:
        return [str(each.text_content()) for each in self.tree.xpath("//div[@id='errors']//a")]

    def form(self, action: str) -> dict[str, str]:
        """What a form would send if nobody typed anything."""
        (found,) = self.tree.xpath(f"//form[@action='{action}']")
        return {each.get("name"): each.get("value", "") for each in found.xpath(".//input[@name]")}


class Browser:
    """Keeps its cookies; every form it sends was on a page it was shown."""

    def __init__(self, app: Flask, **cookies: str) -> None:
        self.client: FlaskClient = app.test_client()
        for name, value in cookies.items():
            self.client.set_cookie(name, value)

    def open(self, path: str, **options: Any) -> Page:
        return Page(self.client.get(path, **options))

    def send(self, path: str, action: str, **typed: str) -> Page:
        """Open a page and send its form."""
        fields = self.open(path).form(action)
        return Page(self.client.post(action, data={**fields, **typed}))

    def log_in(self, email: str, password: str = PASSWORD, *, onward: str | None = None) -> Page:
        path = "/login" if onward is None else f"/login?next={onward}"
        return self.send(path, "/login", email=email, password=password)

    def cookie(self, name: str = "pb_session") -> str | None:
        found = self.client.get_cookie(name)
        return None if found is None else found.value

    @property
    def is_signed_in(self) -> bool:
        return self.open("/account").status == 200


def with_password(house: House, email: str, password: str = PASSWORD) -> None:
    """Let somebody sign in."""
    passwords.set_by_operator(house, email, password)


def tries_until_refused(knock: Callable[[int], int]) -> int:
    """How often one is heard before a 429: the limit; up to twice that where its window ended meanwhile."""
    for number in range(200):
        status = knock(number)
        if status == 429:
            return number
        assert status == 422
    raise AssertionError("there is no limit")


def led_to(page: Page) -> str:
    """Where an answer sends the browser."""
    assert page.status == 303, page.answer.text
    location = str(page.answer.headers["Location"])
    assert not urlsplit(location).netloc
    return location


@dataclass(frozen=True, slots=True)
class Traveller:
    """A browser that goes to the issuer and comes back."""

    browser: Browser

    def leave(self, onward: str = "/account") -> str:
        """To where the issuer sends the browser back."""
        answer = self.browser.client.get(f"/login/issuer?next={onward}")
        assert answer.status_code == 303, answer.text
        there = httpx.get(answer.headers["Location"], trust_env=False)
        assert there.status_code == 302, there.text
        back = urlsplit(there.headers["Location"])
        assert back.path == BACK
        return f"{back.path}?{back.query}"

    def travel(self, onward: str = "/account") -> Page:
        return Page(self.browser.client.get(self.leave(onward)))
