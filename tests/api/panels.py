"""A panel that signs in: what it asks, shows and keeps."""

from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text

from plugin_backend.services.house import House
from plugin_backend.services.people import device_grants
from tests.api.people import Person, told

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
DEVICE = "Premiere Pro on Ada's Mac"


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel before one door."""

    client: FlaskClient
    house: House

    def ask(self, **form: str) -> dict[str, Any]:
        """Begin: the codes."""
        asked = {"client_id": "panel", "device": DEVICE, **form}
        answer = self.client.post("/v1/oauth/device_authorization", data=asked)
        assert answer.status_code == 200, answer.text
        return told(answer)

    def poll(self, codes: dict[str, Any], **form: str) -> Any:
        """Ask for the tokens."""
        asked = {"client_id": "panel", "grant_type": DEVICE_CODE, "device_code": codes["device_code"]}
        return self.client.post("/v1/oauth/token", data={**asked, **form})

    def refresh(self, token: str, **form: str) -> Any:
        """Trade a refresh token."""
        asked = {"client_id": "panel", "grant_type": "refresh_token", "refresh_token": token}
        return self.client.post("/v1/oauth/token", data={**asked, **form})

    def revoke(self, token: str) -> Any:
        """Sign out."""
        return self.client.post("/v1/oauth/revoke", data={"token": token, "client_id": "panel"})

    def me(self, token: str) -> Any:
        """What an access token opens."""
        return self.client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})

    def sign_in(self, person: Person, **form: str) -> dict[str, Any]:
        """The whole way, to the tokens."""
        codes = self.ask(**form)
        self.approve(codes, person)
        answer = self.poll(codes)
        assert answer.status_code == 200, answer.text
        return told(answer)

    def approve(self, codes: dict[str, Any], person: Person, *, is_approved: bool = True) -> None:
        """What the person's browser does."""
        code = codes["user_code"]
        device_grants.decide(self.house, code, user_id=person.id, is_approved=is_approved)

    def age(self, table: str, seconds: int, *columns: str) -> None:
        """Let time pass for these moments of every row."""
        moved = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in columns)
        with self.house.engine.begin() as connection:
            connection.execute(text(f"UPDATE {table} SET {moved}"))


def refusal(answer: Any) -> str:
    """The word a client branches on."""
    assert answer.status_code in (400, 401), answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json["error_description"]
    word: str = answer.json["error"]
    return word
