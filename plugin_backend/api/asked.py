"""What the current request brought along: the house it came to, its Idempotency-Key, its body."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app, g, request
from redis import Redis

from plugin_backend.api.edges import REQUEST_ID
from plugin_backend.api.metrics import RequestClock
from plugin_backend.api.reading import json_body
from plugin_backend.api.renderings import Renderer
from plugin_backend.api.times import wall_clock
from plugin_backend.api.waiting import WaitingRoom
from plugin_backend.auth.gate import Gate
from plugin_backend.auth.issuer import Issuer
from plugin_backend.auth.limits import Limiter
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.making.measures import Measures
from plugin_backend.files.urls import LinkSigner
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from plugin_backend.services.making.measured import lately
from plugin_backend.services.verification import VerifyingRoom

_FURNITURE = "plugin-backend"
_KEY_LENGTH = 255
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What the app was built with; nothing of it is a global."""

    house: House
    gate: Gate
    limiter: Limiter
    settings: Settings
    links: LinkSigner
    waiting_room: WaitingRoom
    redis: Redis
    clock: RequestClock
    issuer: Issuer | None = None
    verifying: VerifyingRoom = field(default_factory=VerifyingRoom)

    def stand_in(self, app: Flask) -> None:
        """Put it where the views find it."""
        app.extensions[_FURNITURE] = self


def furniture() -> Furniture:
    """All of it."""
    return cast("Furniture", current_app.extensions[_FURNITURE])


def house() -> House:
    """The house behind this door."""
    return furniture().house


def measures() -> Measures:
    """What each model has really taken here, as of a minute ago at most."""
    return lately(house())


def settings() -> Settings:
    """How this process was set up."""
    return furniture().settings


def renderer() -> Renderer:
    """Spells rows for this answer."""
    return Renderer(furniture().links, public_url=settings().public_url, now=wall_clock())


def request_id() -> str:
    """The id on this answer and on every log line behind it."""
    found: str = request.environ[REQUEST_ID]
    return found


def idempotency(caller: Caller, *, content: Any = None) -> Idempotency | None:
    """The caller's key for this request, or None; `content` stands for a body that is not JSON."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 1 <= len(key) <= _KEY_LENGTH or not key.isascii() or not key.isprintable():
        detail = f"An Idempotency-Key has 1 to {_KEY_LENGTH} printable ASCII characters."
        raise ValidationFailedError([FieldProblem("/Idempotency-Key", detail)])
    said = json_body(request, required=False) if content is None else content
    g.idempotency = Idempotency(
        caller.user_id, f"{request.method} {request.url_rule}", key, _fingerprint(said, request.path)
    )
    return cast("Idempotency", g.idempotency)


def _fingerprint(body: Any, path: str) -> str:
    text = f"{path}\n{_CANONICAL.encode(_canonical(body))}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: Any) -> Any:
    """As RFC 8785 has it, 5.0 and 5 are one number: some writers of JSON say the one, some the other."""
    match value:
        case dict():
            return {name: _canonical(inner) for name, inner in value.items()}
        case list():
            return [_canonical(inner) for inner in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
