"""A storyboard as a board: what an answer holds, and how it is spelt."""

from typing import Any

from marshmallow import Schema, fields

from plugin_backend.api.looks import ShownLookSchema, shown_look
from plugin_backend.api.renderings import Renderer, delivery_summary
from plugin_backend.api.shapes import (
    DeliverySummarySchema,
    GenerationSchema,
    TakeSchema,
    count,
    figure,
    maybe_text,
    moment,
    text,
)
from plugin_backend.api.times import rfc3339
from plugin_backend.db.storyboards import StoryboardRow
from plugin_backend.domain.boards.storyboard_script import NoteKind
from plugin_backend.domain.direction.drift import Drift
from plugin_backend.domain.storyboard import ShotState
from plugin_backend.services.storyboards import ShotView, StoryboardView


class ProblemOfShotSchema(Schema):
    detail = text()


class ShareSchema(Schema):
    colour = text(metadata={"example": "#20406a"})
    share = figure(nullable=False)


class DriftSchema(Schema):
    """Of the take that is shown: CIELAB distances; null is not measured, `not_measured` says why."""

    palette = fields.List(fields.Nested(ShareSchema), required=True)
    distance_to_look = figure()
    share_in_look = figure()
    distance_to_others = figure()
    subject_resemblance = figure()
    likeness_of_both_ends = figure()
    not_measured = fields.List(fields.String(), required=True)


class ShotSchema(Schema):
    id = text()
    label = text()
    brief = fields.Dict(required=True)
    handles_frames = count(nullable=True)
    continues = fields.Boolean(required=True, data_key="continue")
    state = text(metadata={"enum": [state.value for state in ShotState]})
    problem = fields.Nested(ProblemOfShotSchema, required=True, allow_none=True)
    take_id = maybe_text()
    drift = fields.Nested(DriftSchema, required=True)
    generation = fields.Nested(
        GenerationSchema, required=True, allow_none=True, metadata={"description": "The newest."}
    )
    takes = fields.List(
        fields.Nested(TakeSchema),
        required=True,
        metadata={"description": "All that can be picked, of earlier generations too."},
    )


class ScriptNoteSchema(Schema):
    kind = text(metadata={"enum": [kind.value for kind in NoteKind]})
    line = count()
    text = text()


class StoryboardSummarySchema(Schema):
    id = text()
    title = text()
    project_id = maybe_text()
    owner_id = text()
    shot_count = count()
    created_at = moment()
    updated_at = moment()


class StoryboardSchema(StoryboardSummarySchema):
    sequence = fields.Dict(required=True, allow_none=True)
    look = fields.Nested(ShownLookSchema, required=True, allow_none=True)
    notes = fields.List(fields.Nested(ScriptNoteSchema), required=True)
    shots = fields.List(fields.Nested(ShotSchema), required=True)
    deliveries = fields.List(fields.Nested(DeliverySummarySchema), required=True)


def summary(row: StoryboardRow, shots: int) -> dict[str, Any]:
    """A storyboard in a list."""
    return {
        "id": row.id,
        "title": row.title,
        "project_id": row.project_id,
        "owner_id": row.owner_id,
        "shot_count": shots,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }


def shown_board(view: StoryboardView, renderer: Renderer) -> dict[str, Any]:
    """The whole board."""
    return {
        **summary(view.row, len(view.shots)),
        "sequence": view.row.sequence,
        "look": shown_look(view.look) if view.look else None,
        "notes": view.row.notes,
        "shots": [
            _shot(shot, drift, renderer) for shot, drift in zip(view.shots, view.drifts(), strict=True)
        ],
        "deliveries": [delivery_summary(cut) for cut in view.cuts],
    }


def _shot(view: ShotView, drift: Drift, renderer: Renderer) -> dict[str, Any]:
    row, models = view.row, {draft.generation.id: draft.generation.model for draft in view.drafts}
    return {
        "id": row.id,
        "label": row.label,
        "brief": row.brief,
        "handles_frames": row.handles_frames,
        "continue": row.continues,
        "state": view.state,
        "problem": row.problem,
        "take_id": row.take_id,
        "drift": drift.to_json(),
        "generation": renderer.generation(view.drafts[0]) if view.drafts else None,
        "takes": [renderer.take(take, label=take.model or models[take.generation_id]) for take in view.takes],
    }
