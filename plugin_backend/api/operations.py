"""For those who run the service, and for a panel that wonders whether it is there."""

import hmac
from importlib.metadata import version
from typing import Any, Final

from flask import Response, request
from marshmallow import Schema, fields

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.metrics import exposition
from plugin_backend.api.resource import PUBLIC, Resource
from plugin_backend.api.shapes import moment, text
from plugin_backend.api.times import rfc3339, wall_clock
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import UnauthenticatedError
from plugin_backend.services.running import operations as service

operations = Resource("Operations", "Health, readiness, metrics.")

MINIMUM_PANEL_VERSION: Final = "0.1.0"
VERSION: Final = version("plugin-backend")
_PROBE_KEY: Final = "probe/nothing.txt"
"""No file: a link to it shows whether a panel can reach what serves files, and is let in to read."""
_LOOPBACK: Final = ("127.0.0.1", "::1")


class HealthSchema(Schema):
    status = text()


class ReadinessSchema(Schema):
    status = text(metadata={"enum": ["ready", "unavailable"]})
    problems = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    degraded = fields.List(fields.String(), required=True)


class DoctorSchema(Schema):
    server_version = text()
    minimum_panel_version = text()
    now = moment()
    user_id = text()
    role = text()
    scopes = fields.List(fields.String(), required=True)
    degraded = fields.List(fields.String(), required=True)
    problems = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    storage_probe_url = text(
        metadata={"description": "A link as to any file; that something answers, 404 too, is the answer."}
    )


@operations.operation("GET", "/healthz", scope=PUBLIC, answer=HealthSchema)
def show_health() -> dict[str, Any]:
    """This process runs."""
    return {"status": "alive"}


@operations.operation("GET", "/readyz", scope=PUBLIC, answer=ReadinessSchema)
def show_readiness() -> Answer:
    """Whether requests can be served; 503 says what is wrong."""
    found = service.readiness(house(), furniture().redis)
    body = {
        "status": "ready" if found.is_ready else "unavailable",
        "problems": dict(found.problems),
        "degraded": list(found.degraded),
    }
    return Answer(body, status=200 if found.is_ready else 503, headers={"Cache-Control": "no-store"})


@operations.operation("GET", "/metrics", scope=PUBLIC, media_type="text/plain")
def show_metrics() -> Response:
    """Figures for Prometheus: with the metrics token, or from this machine where none is set."""
    _check_reader()
    return exposition(furniture().clock, house(), furniture().redis)


@operations.operation("GET", "/v1/doctor", scope=Scope.READ, answer=DoctorSchema)
def show_doctor(caller: Caller) -> dict[str, Any]:
    """What a panel asks when something is wrong: versions, the clock, its scopes, what is degraded."""
    found, now = service.readiness(house(), furniture().redis), wall_clock()
    return {
        "server_version": VERSION,
        "minimum_panel_version": MINIMUM_PANEL_VERSION,
        "now": rfc3339(now),
        "user_id": caller.user_id,
        "role": caller.role,
        "scopes": sorted(caller.scopes),
        "degraded": list(found.degraded),
        "problems": dict(found.problems),
        "storage_probe_url": furniture().links.download(_PROBE_KEY, now=now).url,
    }


def _check_reader() -> None:
    token = settings().metrics_token
    if token is None:
        if request.remote_addr not in _LOOPBACK or request.access_route[0] not in _LOOPBACK:
            raise UnauthenticatedError("Metrics are read from this machine, or with METRICS_TOKEN.")
        return
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.encode()):
        raise UnauthenticatedError("Metrics need the metrics token.")
