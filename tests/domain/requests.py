"""Requests for the tests of the domain: a plain one, and any that Hypothesis can think of."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from plugin_backend.domain.annotations import Annotation, AnnotationTarget, AnnotationTool
from plugin_backend.domain.brief import (
    Brief,
    Direct,
    DynamicRange,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Reference,
    ReferenceRole,
    Resolution,
    Route,
    Source,
)
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host, TimelineFile
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat, ExrProfile
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.sequence import ColourSpace, FrameRate, Sequence, Timecode

RATE = FrameRate(Fraction(24000, 1001))
SEQUENCE = Sequence(RATE, 3840, 2160, ColourSpace.REC709, Timecode.parse("01:00:10:00", rate=RATE), 0)


def asked(
    *, kind: Kind = Kind.DRAFT, takes: int = 1, direct: Direct | None = None, **brief: Any
) -> GenerationRequest:
    """A request that is right in every way but the one a test changes."""
    shot = replace(Brief(prompt="slow dolly in through a misty forest"), **brief)
    return GenerationRequest(kind=kind, brief=shot, takes=takes, direct=direct or Direct())


times = st.one_of(
    st.integers(0, 100).map(Fraction),
    st.builds(lambda frames: frames * Fraction(1001, 24000), st.integers(0, 2_000)),
    st.decimals(0, 99, places=6).map(Fraction),
)
ids = st.text(alphabet="abcdefghjkmnpqrstvwxyz0123456789", min_size=4, max_size=8).map("ast_{}".format)
annotations = st.builds(
    Annotation,
    tool=st.sampled_from(AnnotationTool),
    target=st.sampled_from(AnnotationTarget),
    points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=5).map(tuple),
    from_seconds=times,
    to_seconds=st.none() | times,
    note=st.text(max_size=20),
)
deliveries = st.builds(
    DeliveryRequest,
    host=st.sampled_from(Host),
    master_format=st.none() | st.sampled_from(DeliveryFormat),
    exr_profile=st.none() | st.sampled_from(ExrProfile),
    timeline=st.none() | st.lists(st.sampled_from(TimelineFile), max_size=3).map(tuple),
    proxy=st.sampled_from([None, False]),
    retime=st.sampled_from(Retime),
    fit=st.sampled_from(Fit),
    position=st.none() | st.builds(Position, x=st.floats(0, 1), y=st.floats(0, 1)),
    shapes=st.none() | st.lists(st.sampled_from(Shape), min_size=1, max_size=3).map(tuple),
    in_frame=st.none() | st.integers(0, 99),
    out_frame=st.none() | st.integers(0, 99),
    frames=st.none() | st.lists(st.integers(0, 99), min_size=1, max_size=5).map(tuple),
    audio=st.sampled_from(Audio),
    audio_asset_id=st.none() | ids,
    audio_offset_seconds=st.floats(-9, 9),
    audio_gain_db=st.floats(-9, 9),
)
briefs = st.builds(
    Brief,
    prompt=st.text(max_size=50),
    model=st.sampled_from(["animatic", "ray-3.2", "auto"]),
    duration_seconds=times,
    aspect_ratio=st.sampled_from(["16:9", "9:16"]),
    resolution=st.sampled_from(Resolution),
    dynamic_range=st.sampled_from(DynamicRange),
    exr=st.booleans(),
    loop=st.booleans(),
    seed=st.none() | st.integers(0, 2**53),
    audio=st.booleans(),
    keyframes=st.lists(st.builds(Keyframe, ids, times), max_size=3).map(tuple),
    references=st.lists(st.builds(Reference, ids, st.sampled_from(ReferenceRole)), max_size=3).map(tuple),
    annotations=st.lists(annotations, max_size=3).map(tuple),
    source=st.none()
    | st.builds(
        Source, operation=st.sampled_from(Operation), take_id=st.none() | ids, asset_id=st.none() | ids
    ),
)
requests = st.builds(
    GenerationRequest,
    kind=st.sampled_from(Kind),
    brief=briefs,
    takes=st.integers(1, 8),
    direct=st.builds(
        Direct, max_iterations=st.integers(0, 3), accept_score=st.floats(0, 1), pause=st.booleans()
    ),
    max_credits=st.none() | st.integers(0, 10**6),
    sequence=st.none() | st.just(SEQUENCE),
    deliver_to=st.none() | deliveries,
    project_id=st.none() | st.just("prj_1"),
    label=st.none() | st.text(max_size=20),
    route=st.sampled_from(Route),
    fallback_models=st.lists(st.sampled_from(["ray-2", "veo-3.1"]), unique=True).map(tuple),
)
