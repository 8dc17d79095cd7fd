"""Storyboards: shots in order, drafted as a batch, looked at as a board, assembled into one cut."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from plugin_backend.api.answers import LOOK_AGAIN_SECONDS, Answer
from plugin_backend.api.asked import house, idempotency, renderer
from plugin_backend.api.board_shapes import StoryboardSchema, StoryboardSummarySchema, shown_board, summary
from plugin_backend.api.briefs import BriefSchema, DirectSchema
from plugin_backend.api.delivery_requests import PositionSchema
from plugin_backend.api.fields import (
    Bounded,
    Choice,
    Flag,
    Identifier,
    Made,
    SequenceField,
    Strict,
    Whole,
    Words,
    given,
)
from plugin_backend.api.looks import LookSchema
from plugin_backend.api.paging import PageQuery, before, one_more, page, page_of
from plugin_backend.api.resource import Resource
from plugin_backend.api.shapes import DeliverySchema
from plugin_backend.domain.brief import Route
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, TimelineFile
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.sequence import MAX_HANDLES
from plugin_backend.domain.storyboard import (
    MAX_SCRIPT_CHARACTERS,
    MAX_SHOTS,
    MAX_TITLE_CHARACTERS,
    AskedShot,
)
from plugin_backend.domain.validation import MAX_FALLBACK_MODELS, MAX_LABEL_CHARACTERS, MAX_TAKES
from plugin_backend.services import storyboards as service
from plugin_backend.services.boards import storyboard_changes, storyboard_drafts
from plugin_backend.services.boards.storyboard_changes import ShotChange, StoryboardChange
from plugin_backend.services.boards.storyboard_drafts import Drafting
from plugin_backend.services.delivering import assembling
from plugin_backend.services.delivering.assembling import Assembling
from plugin_backend.services.storyboards import NewStoryboard, StoryboardView

storyboards = Resource("Storyboards", "Shots in order: drafted together, picked, assembled into one cut.")

_CONTINUE = "Begin with the last frame of the shot before."
_HANDLES = {"minimum": 0, "maximum": MAX_HANDLES}


class NewShotSchema(Made):
    brief = fields.Nested(BriefSchema, required=True)
    label = Words(most=1_000, metadata={"maxLength": MAX_LABEL_CHARACTERS})
    handles_frames = Whole(allow_none=True, metadata=_HANDLES)
    continues = Flag(data_key="continue", metadata={"description": _CONTINUE})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> AskedShot:
        return AskedShot(**given(data))


class NewStoryboardSchema(Strict):
    title = Words(least=1, most=MAX_TITLE_CHARACTERS, required=True)
    shots = Bounded(fields.Nested(NewShotSchema), least=1, most=MAX_SHOTS)
    script = Words(least=1, most=MAX_SCRIPT_CHARACTERS)
    brief = fields.Nested(
        BriefSchema, metadata={"description": "With a script: what its shots have in common, but the prompt."}
    )
    sequence = SequenceField(allow_none=True)
    look = fields.Nested(LookSchema, allow_none=True)
    project_id = Identifier(allow_none=True)

    @validates_schema
    def check(self, data: dict[str, Any], **_: Any) -> None:
        if ("shots" in data) == ("script" in data):
            raise ValidationError("Give `shots` or a `script`, one of them.")
        if "brief" in data and "shots" in data:
            raise ValidationError("Each of the shots has a brief of its own: leave this out.", "brief")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> NewStoryboard:
        data["shots"] = tuple(data.get("shots", ()))
        return NewStoryboard(**given(data))


class ShotChangeSchema(Strict):
    id = Identifier(required=True)
    brief = fields.Nested(BriefSchema)
    label = Words(least=1, most=1_000, metadata={"maxLength": MAX_LABEL_CHARACTERS})
    handles_frames = Whole(allow_none=True, metadata=_HANDLES)
    continues = Flag(data_key="continue", metadata={"description": _CONTINUE})
    take_id = Identifier(allow_none=True, metadata={"description": "The take that is picked; null: none."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> ShotChange:
        return ShotChange(id=data.pop("id"), says=data)


class StoryboardChangesSchema(Strict):
    title = Words(least=1, most=MAX_TITLE_CHARACTERS)
    sequence = SequenceField(allow_none=True)
    look = fields.Nested(LookSchema, allow_none=True)
    order = Bounded(Identifier(), least=1, most=MAX_SHOTS, metadata={"description": "Every shot's id."})
    shots = Bounded(fields.Nested(ShotChangeSchema), most=MAX_SHOTS)

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> StoryboardChange:
        order, shots = data.pop("order", None), tuple(data.pop("shots", ()))
        return StoryboardChange(says=data, order=None if order is None else tuple(order), shots=shots)


class DraftingSchema(Made):
    takes = Whole(least=1, most=MAX_TAKES)
    direct = fields.Nested(DirectSchema, allow_none=True)
    route = Choice(Route, metadata={"description": "How `model: auto` chooses."})
    fallback_models = Bounded(Words(least=1, most=64), most=MAX_FALLBACK_MODELS)
    max_credits = Whole(least=0, allow_none=True, metadata={"description": "For all shots together."})
    shots = Bounded(Identifier(), least=1, most=MAX_SHOTS, allow_none=True)
    again = Flag(metadata={"description": "Shots that have a take too."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Drafting:
        for name in ("fallback_models", "shots"):
            if data.get(name) is not None:
                data[name] = tuple(data[name])
        return Drafting(**given(data))


class AssemblingSchema(Strict):
    """A delivery of whole takes in one shape: a cut has no other."""

    host = Choice(Host)
    master_format = Choice(DeliveryFormat, allow_none=True)
    exr_profile = Choice(ExrProfile, allow_none=True)
    timeline = Bounded(Choice(TimelineFile), most=len(TimelineFile), allow_none=True)
    proxy = Flag(allow_none=True)
    sequence = SequenceField(allow_none=True)
    retime = Choice(Retime)
    fit = Choice(Fit)
    position = fields.Nested(PositionSchema, allow_none=True)
    audio = Choice(Audio)
    handles_frames = Whole(
        least=0,
        most=MAX_HANDLES,
        allow_none=True,
        metadata={"description": "Of the shots that say none themselves."},
    )
    skip_unpicked = Flag(metadata={"description": "Leave out the shots that have no picked take."})

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Assembling:
        said = ("handles_frames", "skip_unpicked")
        own: dict[str, Any] = {name: data.pop(name) for name in said if name in data}
        if data.get("timeline") is not None:
            data["timeline"] = tuple(dict.fromkeys(data["timeline"]))
        return Assembling(delivery=DeliveryRequest(**given(data)), **given(own))


@storyboards.operation(
    "GET", "/v1/storyboards", scope=Scope.READ, query=PageQuery, answer=page_of(StoryboardSummarySchema)
)
def list_all_storyboards(caller: Caller, query: dict[str, Any]) -> dict[str, Any]:
    """The workspace's storyboards, newest first."""
    rows = service.find(house(), caller, before=before(query), limit=one_more(query))
    return page(rows, limit=query["limit"], shown=lambda each: summary(*each), place=lambda each: each[0].id)


@storyboards.operation(
    "POST",
    "/v1/storyboards",
    scope=Scope.GENERATE,
    status=201,
    body=NewStoryboardSchema,
    answer=StoryboardSchema,
)
def create_storyboard(caller: Caller, wanted: NewStoryboard) -> Answer:
    """Make a storyboard of shots, or of a script that is split into them; nothing is spent."""
    view = service.create(house(), caller, wanted, idempotency=idempotency(caller))
    return _answer(view, created=True)


@storyboards.operation("GET", "/v1/storyboards/<storyboard_id>", scope=Scope.READ, answer=StoryboardSchema)
def show_storyboard(caller: Caller, *, storyboard_id: str) -> Answer:
    """The board: every shot with what was generated for it, its takes, and the one that was picked."""
    return _answer(service.get(house(), caller, storyboard_id))


@storyboards.operation(
    "PATCH",
    "/v1/storyboards/<storyboard_id>",
    scope=Scope.GENERATE,
    body=StoryboardChangesSchema,
    answer=StoryboardSchema,
)
def change_storyboard(caller: Caller, wanted: StoryboardChange, *, storyboard_id: str) -> Answer:
    """Pick takes, put shots in another order, change what is not being generated."""
    return _answer(storyboard_changes.change(house(), caller, storyboard_id, wanted))


@storyboards.operation("DELETE", "/v1/storyboards/<storyboard_id>", scope=Scope.GENERATE, status=204)
def delete_storyboard(caller: Caller, *, storyboard_id: str) -> Answer:
    """Close a storyboard; what was generated and delivered stays."""
    service.delete(house(), caller, storyboard_id)
    return Answer(None)


@storyboards.operation(
    "POST",
    "/v1/storyboards/<storyboard_id>/generate",
    scope=Scope.GENERATE,
    status=202,
    body=DraftingSchema,
    body_required=False,
    answer=StoryboardSchema,
)
def generate_storyboard(caller: Caller, wanted: Drafting, *, storyboard_id: str) -> Answer:
    """Draft every shot that has no take, all or none; a shot that continues another waits for its take."""
    view = storyboard_drafts.generate(house(), caller, storyboard_id, wanted, idempotency=idempotency(caller))
    return _answer(view)


@storyboards.operation(
    "POST",
    "/v1/storyboards/<storyboard_id>/assemble",
    scope=Scope.GENERATE,
    status=202,
    body=AssemblingSchema,
    body_required=False,
    answer=DeliverySchema,
)
def assemble_storyboard(caller: Caller, wanted: Assembling, *, storyboard_id: str) -> Answer:
    """One delivery of the picked takes, in order: files for each, and a cut timeline of all.

    A picked draft that has a master is cut in as its master.
    """
    view = assembling.assemble(house(), caller, storyboard_id, wanted, idempotency=idempotency(caller))
    headers = {"Location": f"/v1/deliveries/{view.delivery.id}", "Retry-After": LOOK_AGAIN_SECONDS}
    return Answer(renderer().delivery(view), headers=headers)


def _answer(view: StoryboardView, *, created: bool = False) -> Answer:
    headers = {"Retry-After": LOOK_AGAIN_SECONDS} if view.is_unfinished else {}
    if created:
        headers["Location"] = f"/v1/storyboards/{view.row.id}"
    return Answer(shown_board(view, renderer()), headers=headers)
