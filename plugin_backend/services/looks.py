"""The look that a request is to wear: its project's as it is now, or the one that it brings along."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from plugin_backend.db.tables import assets, projects
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.domain.looks import Look, dressed


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """A look, and what kind of media its references and the brief's are."""

    look: Look
    kinds: Mapping[str, str | None] = field(default_factory=dict)

    def dress(self, request: GenerationRequest, model: Model) -> GenerationRequest:
        """The request as that model is asked for it."""
        if not self.look:
            return replace(request, look=None)
        return dressed(request, self.look, model, self.kinds)


def wardrobe_of(work: UnitOfWork, caller: Caller, wanted: GenerationRequest) -> Wardrobe:
    """What the request wears; nothing where its brief goes without."""
    if not wanted.brief.look:
        return Wardrobe(Look())
    brought = None if wanted.look is None else Look.from_json(wanted.look)
    look = look_of_project(work, caller, wanted.project_id) if brought is None else brought
    if not look.references:
        return Wardrobe(look)
    named = {each.asset_id for each in look.references} | set(wanted.brief.asset_ids())
    return Wardrobe(look, _kinds(work, caller, named))


def look_of_project(work: UnitOfWork, caller: Caller, project_id: str | None) -> Look:
    """An empty one where there is no such project: that is refused elsewhere."""
    if project_id is None:
        return Look()
    found = work.connection.execute(
        select(projects.c.look).where(
            projects.c.id == project_id,
            projects.c.workspace_id == caller.workspace_id,
            projects.c.deleted_at.is_(None),
        )
    ).scalar_one_or_none()
    return Look() if found is None else Look.from_json(found)


def _kinds(work: UnitOfWork, caller: Caller, asset_ids: set[str]) -> Mapping[str, str | None]:
    """Of those that can be used, which stay until the request is committed."""
    found = work.connection.execute(
        select(assets.c.id, assets.c.kind)
        .where(
            assets.c.id.in_(sorted(asset_ids)),
            assets.c.workspace_id == caller.workspace_id,
            assets.c.deleted_at.is_(None),
            assets.c.state == AssetState.READY,
        )
        .order_by(assets.c.id)
        .with_for_update(read=True)
    )
    return {row.id: row.kind for row in found}
