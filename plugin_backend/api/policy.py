"""What a workspace allows its people to ask for."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.fields import Bounded, Changes, Flag, Words
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import maybe_text
from plugin_backend.domain.allowance import Policy
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services import policies as service
from plugin_backend.services.policies import MAX_ATTESTATION_CHARACTERS, MAX_TERM_CHARACTERS, MAX_TERMS

policy = Resource("Policy", "What a workspace allows its people to ask for.")

_MOST_MODELS = 100


class PolicyChangesSchema(Changes):
    models = Bounded(
        Words(least=1, most=64),
        most=_MOST_MODELS,
        allow_none=True,
        metadata={"description": "Ids of GET /v1/models; null: every one."},
    )
    blocked_terms = Bounded(
        Words(least=1, most=MAX_TERM_CHARACTERS),
        most=MAX_TERMS,
        metadata={"description": "Found as whole words, whatever their case, width or spacing."},
    )
    attestation_required = Flag(
        metadata={"description": "Whether uploaded files are used only once somebody attested the rights."}
    )
    attestation_text = Words(
        least=1,
        most=MAX_ATTESTATION_CHARACTERS,
        allow_none=True,
        metadata={"description": "What people state with it; null: the panel's own sentence."},
    )
    reason = Words(most=500, allow_none=True)


class PolicySchema(Schema):
    models = fields.List(fields.String(), required=True, allow_none=True)
    blocked_terms = fields.List(fields.String(), required=True)
    attestation_required = fields.Boolean(required=True)
    attestation_text = maybe_text()


@policy.operation("GET", "/v1/workspace/policy", scope=Scope.READ, answer=PolicySchema)
def show_policy(caller: Caller) -> dict[str, Any]:
    """What the caller's workspace allows; everybody in it may read it."""
    return service.mine(house(), caller).to_json()


@policy.operation(
    "PATCH", "/v1/workspace/policy", scope=Scope.ADMIN, body=PolicyChangesSchema, answer=PolicySchema
)
def change_policy(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Change what the caller's workspace allows; what is not named stays."""
    return _changed(caller, body, caller.workspace_id).to_json()


@policy.operation("GET", "/v1/admin/workspaces/<workspace_id>/policy", scope=Scope.ADMIN, answer=PolicySchema)
def show_policy_of(caller: Caller, *, workspace_id: str) -> dict[str, Any]:
    """What a workspace within reach allows."""
    return service.get(house(), caller, workspace_id).to_json()


@policy.operation(
    "PATCH",
    "/v1/admin/workspaces/<workspace_id>/policy",
    scope=Scope.ADMIN,
    body=PolicyChangesSchema,
    answer=PolicySchema,
)
def change_policy_of(caller: Caller, body: dict[str, Any], *, workspace_id: str) -> dict[str, Any]:
    """Change what a workspace within reach allows."""
    return _changed(caller, body, workspace_id).to_json()


def _changed(caller: Caller, body: dict[str, Any], workspace_id: str) -> Policy:
    reason = body.pop("reason", None)
    return service.change(house(), caller, workspace_id, body, reason=reason, request_id=request_id())
