"""A web door whose letters arrive: its settings, a mail server, and the step that sends."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from sqlalchemy import text

from plugin_backend.app import _furnished
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.browsers import Browser, Page, led_to
from tests.fakes.postbox import SENDER, Postbox, Received
from worker import steps
from worker.errands import InlineErrands
from worker.postman import open_postman
from worker.runtime import Runtime

PASSWORD = "nine tame rivers"


@dataclass(frozen=True, slots=True)
class Village:
    """Where letters are carried."""

    app: Flask
    house: House
    settings: Settings
    box: Postbox

    def with_settings(self, **changes: Any) -> "Village":
        """The same door set up otherwise."""
        settings = replace(self.settings, **changes)
        return settled(self.app, replace(self.house, sends_mail=False), settings, self.box)

    def browser(self) -> Browser:
        return Browser(self.app)

    def ask(self, email: str, *, password: str = PASSWORD) -> Page:
        """Ask to join."""
        return self.browser().send("/join", "/join", email=email, password=password, again=password)

    def forget(self, email: str) -> Page:
        """Ask for another password."""
        return self.browser().send("/forgot", "/forgot", email=email)

    def letters(self, email: str) -> list[Received]:
        """What has come for somebody, once all is carried."""
        runtime = Runtime(
            house=self.house,
            providers={},
            errands=InlineErrands(),
            postman=open_postman(self.settings.mail_account()),
            monotonic=lambda: 0.0,
        )
        for (mail_id,) in self.rows("SELECT subject_id FROM work WHERE topic = 'mail' ORDER BY created_at"):
            assert steps.advance(runtime, mail_id)
        return self.box.to(email)

    def link(self, email: str) -> str:
        """The path that the newest letter to somebody leads to."""
        return self.letters(email)[-1].link.removeprefix(self.settings.public_url)

    def joined(self, email: str) -> Browser:
        """Somebody who went all the way."""
        assert self.ask(email).heading == "Look into your mailbox"
        browser = self.browser()
        page = browser.send(self.link(email), "/join/confirm", password=PASSWORD)
        assert led_to(page) == "/account"
        return browser

    def standing(self, email: str) -> tuple[str, str, int]:
        """Their role, their plan and their credits."""
        (found,) = self.rows(
            "SELECT u.role, u.plan_id, a.available FROM users u JOIN accounts a ON a.owner_id = u.id"
            " AND a.owner_kind = 'user' WHERE u.email = :email",
            email=email,
        )
        return found

    def credit(self) -> int:
        """What the free plan gives once for joining."""
        ((found,),) = self.rows("SELECT sign_up_credits FROM plans WHERE id = 'free'")
        return int(found)

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        with self.house.engine.begin() as connection:
            found = connection.execute(text(query), values)
            return [tuple(row) for row in found] if found.returns_rows else []


def settled(app: Flask, house: House, settings: Settings, box: Postbox) -> Village:
    """This app with these settings, and letters where they name a server."""
    house = replace(house, sends_mail=settings.mail_account() is not None)
    furniture = replace(_furnished(settings, house), clock=app.extensions["plugin-backend"].clock)
    furniture.stand_in(app)
    return Village(app, house, settings, box)


def mailing(settings: Settings, box: Postbox, **changes: Any) -> Settings:
    """Settings that name a mail server."""
    return replace(settings, smtp_url=box.url(), smtp_authority=box.authority, mail_from=SENDER, **changes)
