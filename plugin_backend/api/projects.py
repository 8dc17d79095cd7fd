"""Projects."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validates_schema

from plugin_backend.api.answers import Answer
from plugin_backend.api.asked import house, idempotency
from plugin_backend.api.fields import Named, Strict, Words
from plugin_backend.api.looks import LookSchema, ShownLookSchema, shown_look
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import maybe_text, moment, text
from plugin_backend.api.times import rfc3339
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.naming import MOST_CHARACTERS, NUMBERS, WORDS
from plugin_backend.services import projects as service
from plugin_backend.services.projects import Project

projects = Resource("Projects", "What shots are filed under.")

_NAMING = (
    "How the files and clips of its deliveries are called, such as `{project}_{shot}_{take:02}`; of "
    f"{', '.join(WORDS)} and, with a width, {', '.join(NUMBERS)}. null: as everywhere."
)


class NewProjectSchema(Strict):
    name = Named(least=1, most=200, required=True)


class ProjectChangesSchema(Strict):
    name = Named(least=1, most=200)
    look = fields.Nested(LookSchema, allow_none=True)
    naming = Words(most=MOST_CHARACTERS, allow_none=True, metadata={"description": _NAMING})

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ValidationError("Give a name, a look or a naming.")


class ProjectSchema(Schema):
    id = text()
    name = text()
    look = fields.Nested(ShownLookSchema, required=True, allow_none=True)
    naming = maybe_text()
    owner_id = text()
    created_at = moment()


@projects.operation("GET", "/v1/projects", scope=Scope.READ, query=PageQuery, answer=page_of(ProjectSchema))
def list_projects(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """The workspace's projects, newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=_shown, place=lambda row: row.id)


@projects.operation(
    "POST", "/v1/projects", scope=Scope.GENERATE, status=201, body=NewProjectSchema, answer=ProjectSchema
)
def create_project(caller: Caller, body: dict[str, Any]) -> Answer:
    """Make a project."""
    row = service.create(house(), caller, name=body["name"], idempotency=idempotency(caller))
    return Answer(_shown(row), headers={"Location": f"/v1/projects/{row.id}"})


@projects.operation("GET", "/v1/projects/<project_id>", scope=Scope.READ, answer=ProjectSchema)
def show_project(caller: Caller, *, project_id: str) -> dict[str, Any]:
    """One project."""
    return _shown(service.get(house(), caller, project_id))


@projects.operation(
    "PATCH",
    "/v1/projects/<project_id>",
    scope=Scope.GENERATE,
    body=ProjectChangesSchema,
    answer=ProjectSchema,
)
def change_project(caller: Caller, body: dict[str, Any], *, project_id: str) -> dict[str, Any]:
    """Give a project another name, or the look or naming of its shots from now on; null takes it away."""
    return _shown(service.change(house(), caller, project_id, **body))


@projects.operation("DELETE", "/v1/projects/<project_id>", scope=Scope.GENERATE, status=204)
def delete_project(caller: Caller, *, project_id: str) -> Answer:
    """Close a project; the shots filed under it stay."""
    service.delete(house(), caller, project_id)
    return Answer(None)


def _shown(row: Project) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "look": None if row.look is None else shown_look(row.look),
        "naming": row.naming,
        "owner_id": row.owner_id,
        "created_at": rfc3339(row.created_at),
    }
