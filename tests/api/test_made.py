"""A body is loaded member by member; marshmallow's own way says the same about every one of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError

from plugin_backend.api.briefs import (
    AnnotationSchema,
    BriefSchema,
    DirectSchema,
    GenerationRequestSchema,
    KeyframeSchema,
    ReferenceSchema,
    SourceSchema,
)
from plugin_backend.api.delivery_requests import DeliverToSchema, DeliveryRequestSchema

SCHEMAS: tuple[type[Schema], ...] = (
    *(AnnotationSchema, BriefSchema, DeliverToSchema, DeliveryRequestSchema, DirectSchema),
    *(GenerationRequestSchema, KeyframeSchema, ReferenceSchema, SourceSchema),
)
GOOD: dict[str, Any] = {
    "kind": "draft",
    "prompt": "a misty forest",
    "brief": {"prompt": "a misty forest"},
    "model": "animatic",
    "duration_seconds": 2.5,
    "takes": 2,
    "seed": 7,
    "exr": True,
    "asset_id": "ast_a",
    "take_id": "take_a",
    "role": "style",
    "operation": "edit",
    "host": "nuke",
    "tool": "arrow",
    "target": "camera",
    "points": [[0, 0.5], [1, 1]],
    "keyframes": [{"asset_id": "ast_a"}],
    "references": [{"asset_id": "ast_a", "role": "style"}],
    "direct": {"max_iterations": 1},
    "fallback_models": ["animatic"],
    "max_iterations": 1,
    "accept_score": 0.5,
}
values: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.just([]) | st.just({})
)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[Schema, Any]:
    """A schema, and a body that is mostly good for it."""
    schema = draw(st.sampled_from(SCHEMAS))()
    names = draw(st.sets(st.sampled_from([*schema.fields, "stranger"])))
    members = {name: draw(st.just(GOOD[name]) if name in GOOD else values) for name in sorted(names)}
    spoilt = draw(st.booleans())
    if members and spoilt:
        members[draw(st.sampled_from(sorted(members)))] = draw(values)
    return schema, members


@given(bodies())
def test_both_ways_load_the_same_or_refuse_alike(drawn: tuple[Schema, Any]) -> None:
    schema, body = drawn
    assert _said_of(body, schema.load) == _said_of(body, partial(Schema.load, schema))


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("body", [None, [], "text", 3, True])
def test_what_is_no_object_is_refused(schema: type[Schema], body: Any) -> None:
    with pytest.raises(ValidationError, match="Send an object"):
        schema().load(body)


def _said_of(body: Any, load: Callable[[Any], Any]) -> tuple[Any, Any]:
    try:
        return load(body), None
    except ValidationError as refusal:
        return None, refusal.messages
