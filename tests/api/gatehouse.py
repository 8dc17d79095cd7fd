"""A web door that takes an issuer's tokens."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.app import _furnished
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.people import problem
from tests.fakes.issuer import FakeIssuer


@dataclass(frozen=True, slots=True)
class Gatehouse:
    """A door that takes the issuer's tokens."""

    app: Flask
    house: House
    settings: Settings
    issuer: FakeIssuer

    def with_settings(self, **changes: Any) -> "Gatehouse":
        """The same door set up otherwise."""
        return gatehouse_of(self.app, self.house, replace(self.settings, **changes), self.issuer)

    def ask(self, token: str | None = None, *, path: str = "/v1/me", body: Any = None) -> Any:
        """Somebody with a token of the issuer's."""
        client: FlaskClient = self.app.test_client()
        headers = {"Authorization": f"Bearer {token or self.issuer.access_token()}"}
        if body is None:
            return client.get(path, headers=headers)
        return client.post(path, headers=headers, json=body)

    def is_refused(self, token: str) -> bool:
        answer = self.ask(token)
        return (answer.status_code, problem(answer)) == (401, "unauthenticated")

    def one(self, query: str, **values: Any) -> Any:
        with self.house.engine.connect() as connection:
            return connection.execute(text(query), values).scalar_one()


def gatehouse_of(app: Flask, house: House, settings: Settings, issuer: FakeIssuer) -> Gatehouse:
    replace(_furnished(settings, house), clock=app.extensions["plugin-backend"].clock).stand_in(app)
    return Gatehouse(app, house, settings, issuer)
