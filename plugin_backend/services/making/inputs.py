"""What a request builds on: its project, its assets, the takes it comes from; all there, and all of use."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from plugin_backend.db.generations import find_take, hold_generation_of
from plugin_backend.db.tables import projects
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import Brief, GenerationRequest
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.errors import (
    ConflictError,
    FieldProblem,
    GoneError,
    UnsupportedByModelError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import TakeState
from plugin_backend.services.assets import require_ready
from plugin_backend.services.delivering.delivery_sounds import check_sound
from plugin_backend.services.making.sources import check_source


def check_inputs(
    work: UnitOfWork,
    caller: Caller,
    request: GenerationRequest,
    models: Sequence[Model],
    *,
    from_take_id: str | None,
) -> None:
    """Refuse what names something that is not there, or that one of its models cannot be given."""
    brief = request.brief
    if request.project_id is not None:
        require_project(work, caller, request.project_id)
    kinds = require_ready(work, caller, brief.asset_ids(), pointer="/brief", places=_places(brief))
    _check_media(brief, kinds, models)
    if from_take_id is not None:
        _require_stored(work, caller, from_take_id)
    if brief.source is not None and brief.source.take_id is not None:
        _require_stored(work, caller, brief.source.take_id)
    check_source(work, brief, models)
    if request.deliver_to is not None:
        check_sound(work, caller, request.deliver_to, pointer="/deliver_to")


def check_film(work: UnitOfWork, caller: Caller, brief: Brief) -> None:
    """Refuse a source that is not there, or a length that its film has not: what every model would refuse."""
    source = brief.source
    if source is not None and source.asset_id is not None:
        require_ready(work, caller, [source.asset_id], pointer="/brief/source/asset_id")
    if source is not None and source.take_id is not None:
        _require_stored(work, caller, source.take_id)
    check_source(work, brief, ())


def require_project(work: UnitOfWork, caller: Caller, project_id: str) -> None:
    """Refuse a project that is not there."""
    found = work.connection.execute(
        select(projects.c.id).where(
            projects.c.id == project_id,
            projects.c.workspace_id == caller.workspace_id,
            projects.c.deleted_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise _no_such("/project_id", "project", project_id)


def _places(brief: Brief) -> dict[str, str]:
    """Where the brief names each of its assets first."""
    frames = [(each.asset_id, f"/brief/keyframes/{at}/asset_id") for at, each in enumerate(brief.keyframes)]
    others = [(each.asset_id, f"/brief/references/{at}/asset_id") for at, each in enumerate(brief.references)]
    source = brief.source.asset_id if brief.source is not None else None
    film = [] if source is None else [(source, "/brief/source/asset_id")]
    return dict(reversed([*frames, *others, *film]))


def _check_media(brief: Brief, kinds: Mapping[str, str | None], models: Sequence[Model]) -> None:
    """Frames are pictures, and references what every model that may make the takes can be given."""
    problems = tuple(_frame_problems(brief, kinds))
    if problems:
        raise ValidationFailedError(problems)
    for model in models if brief.references else ():
        assert model.references is not None, "a model that takes references says which"
        wrong = tuple(model.references.media_problems(brief.references, kinds, model=model.id))
        if wrong:
            raise UnsupportedByModelError(model.id, wrong)


def _frame_problems(brief: Brief, kinds: Mapping[str, str | None]) -> Iterator[FieldProblem]:
    for index, frame in enumerate(brief.keyframes):
        if kinds[frame.asset_id] != "image":
            detail = f"A keyframe is a picture; {frame.asset_id} is none."
            yield FieldProblem(f"/brief/keyframes/{index}/asset_id", detail)


def _require_stored(work: UnitOfWork, caller: Caller, take_id: str) -> None:
    """The take a request builds on is there, and its generation is not deleted before we commit."""
    hold_generation_of(work.connection, take_id)
    take = find_take(work.connection, take_id, workspace_id=caller.workspace_id)
    if take is None:
        raise _no_such("/brief/source/take_id", "take", take_id)
    if take.media_deleted_at is not None:
        raise GoneError("The media of this take has been deleted.")
    if take.state is not TakeState.STORED:
        raise ConflictError(f"A take that is {take.state} cannot be built on; wait until it is stored.")


def _no_such(pointer: str, what: str, identifier: str) -> ValidationFailedError:
    return ValidationFailedError(
        [FieldProblem(pointer, f"There is no {what} {identifier} in this workspace.")]
    )
