"""The OpenAPI contract, assembled from the operations: titles, security, the one shape of every refusal."""

from typing import Any

from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields

from plugin_backend.api.admin_alerts import admin_alerts
from plugin_backend.api.admin_credits import admin_credits
from plugin_backend.api.admin_plans import admin_plans
from plugin_backend.api.admin_users import admin_users
from plugin_backend.api.admin_work import admin_work
from plugin_backend.api.admin_workspaces import admin_workspaces
from plugin_backend.api.api_keys import api_keys
from plugin_backend.api.assets import assets
from plugin_backend.api.batches import together
from plugin_backend.api.deliveries import deliveries
from plugin_backend.api.direction import direction
from plugin_backend.api.erasures import erasures
from plugin_backend.api.events import events
from plugin_backend.api.exports import exports
from plugin_backend.api.files import files
from plugin_backend.api.freezing import freezing
from plugin_backend.api.generations import generations
from plugin_backend.api.hooks import hooks
from plugin_backend.api.invitations import invitations
from plugin_backend.api.me import me
from plugin_backend.api.models import models
from plugin_backend.api.oauth import oauth
from plugin_backend.api.operations import VERSION, operations
from plugin_backend.api.panel_settings import panel
from plugin_backend.api.policy import policy
from plugin_backend.api.projects import projects
from plugin_backend.api.quota_changes import quota_changes
from plugin_backend.api.receipts import receipts
from plugin_backend.api.refusals import MEDIA_TYPE
from plugin_backend.api.reviews import reviews
from plugin_backend.api.seat_import import seat_import
from plugin_backend.api.sessions import sessions
from plugin_backend.api.storage import storage
from plugin_backend.api.storyboards import storyboards
from plugin_backend.api.takes import takes
from plugin_backend.api.usage import usage
from plugin_backend.api.verify import verifying
from plugin_backend.api.webhooks import webhooks
from plugin_backend.api.workspace import workspace

RESOURCES = (
    oauth,
    me,
    storage,
    exports,
    erasures,
    panel,
    sessions,
    api_keys,
    workspace,
    invitations,
    models,
    generations,
    together,
    direction,
    receipts,
    takes,
    reviews,
    assets,
    deliveries,
    files,
    verifying,
    hooks,
    projects,
    policy,
    storyboards,
    events,
    webhooks,
    admin_users,
    seat_import,
    quota_changes,
    admin_credits,
    admin_alerts,
    freezing,
    admin_plans,
    admin_work,
    admin_workspaces,
    usage,
    operations,
)

_ABOUT = """Drafts, masters and timeline-ready deliveries for editors' panels.

Send `Authorization: Bearer <token>`. Every refusal is a problem document (RFC 9457). POSTs that spend
or create take an `Idempotency-Key`; GETs answer 304 to a matching `If-None-Match`;
lists go on at `next_cursor`."""


_BEARER = (
    "An access token of a signed-in panel (`pba_...`), an API key (`pbk_...`), or the issuer's own token."
)


class FieldProblemSchema(Schema):
    pointer = fields.String(required=True, metadata={"example": "/brief/prompt"})
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    type = fields.String(required=True, metadata={"format": "uri"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(FieldProblemSchema))
    model = fields.String(metadata={"description": "The model that cannot."})
    limit = fields.Raw(
        metadata={"description": "What is not to be gone beyond: a number, or a term of a plan."}
    )
    plan = fields.String()
    remaining = fields.Integer()
    resets_at = fields.String(metadata={"format": "date-time"})
    required = fields.Integer(metadata={"description": "Credits it takes."})
    available = fields.Integer(metadata={"description": "Credits there are."})
    credits = fields.Integer(metadata={"description": "The price."})
    max_credits = fields.Integer(metadata={"description": "What was allowed."})
    state = fields.String(metadata={"description": "Where it stands instead."})
    asset_id = fields.String()
    resource_id = fields.String(metadata={"description": "What the first request with this key made."})


class Contract(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's Api, but refusals are `refusals.py`'s business and problem+json in the document."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Nothing: its handler cannot answer a validation error without headers, and ours answers all."""

    def _register_responses(self) -> None:
        content = {MEDIA_TYPE: {"schema": ProblemSchema}}
        refusal = {"description": "A problem document.", "content": content}
        self.spec.components.response(self.DEFAULT_ERROR_RESPONSE_NAME, refusal, lazy=True)
        self.spec.components.response(
            "UNPROCESSABLE_ENTITY",
            {"description": "Some fields need attention.", "content": content},
            lazy=True,
        )


def publish(app: Flask) -> None:
    """Put every resource on the map and in the contract."""
    app.config.update(API_TITLE="plugin-backend", API_VERSION=VERSION, OPENAPI_VERSION="3.1.0")
    contract = Contract(app, spec_kwargs={"info": {"description": _ABOUT}, "servers": [_server(app)]})
    bearer = {"type": "http", "scheme": "bearer", "description": _BEARER}
    contract.spec.components.security_scheme("bearer", bearer)
    for resource in RESOURCES:
        contract.register_blueprint(resource)


def _server(app: Flask) -> dict[str, Any]:
    return {"url": app.config["PUBLIC_URL"]}
