"""What a person's panels keep here: templates, the last request, and whatever else is the panel's own."""

from typing import Any

from marshmallow import Schema, fields, validate

from plugin_backend.api.asked import house
from plugin_backend.api.fields import Strict
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import moment
from plugin_backend.api.times import rfc3339_or_none
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.services.people import panel_settings as service
from plugin_backend.services.people.panel_settings import PanelSettings

_LONGEST_NAME = 100

panel = Resource("Panel", "What a person's panels keep here.")


class SettingsChangeSchema(Strict):
    settings = fields.Dict(
        keys=fields.String(validate=validate.Length(1, _LONGEST_NAME)),
        values=fields.Raw(allow_none=True),
        required=True,
        metadata={"description": "Members to set; null removes one, the others stay."},
    )


class PanelSettingsSchema(Schema):
    settings = fields.Dict(keys=fields.String(), required=True)
    updated_at = moment(nullable=True)


@panel.operation("GET", "/v1/me/panel", scope=Scope.READ, answer=PanelSettingsSchema)
def show_panel_settings(caller: Caller) -> dict[str, Any]:
    """What the caller's panels keep here, the same on every machine; viewers have one, too."""
    return _shown(service.get(house(), caller))


@panel.operation(
    "PATCH", "/v1/me/panel", scope=Scope.READ, body=SettingsChangeSchema, answer=PanelSettingsSchema
)
def change_panel_settings(caller: Caller, body: dict[str, Any]) -> dict[str, Any]:
    """Set some members and leave the others; the whole is at most 64 KiB."""
    return _shown(service.change(house(), caller, body["settings"]))


def _shown(found: PanelSettings) -> dict[str, Any]:
    return {"settings": dict(found.settings), "updated_at": rfc3339_or_none(found.updated_at)}
