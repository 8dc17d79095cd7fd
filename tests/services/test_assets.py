"""Files that editors supply: expected, received, checked, used and removed."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.brief import Keyframe, Reference, ReferenceRole
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import (
    AssetNotReadyError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    PayloadTooLargeError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.domain.work import STEP_LEASE, STRAYS_END, Lane, LeaseLostError
from plugin_backend.services import assets, endings, stepping
from plugin_backend.services.assets import MULTIPART_BYTES, PRESIGNED_BYTES, Upload, upload_key
from tests.domain.requests import asked
from tests.services.storing import FACTS
from tests.services.studio import Studio, keyed, with_brief

PICTURE = Upload(filename="frame.png", media_type="image/png", bytes=3, sha256="0" * 64)


def _received(studio: Studio, caller: Caller) -> AssetRow:
    return assets.receive(studio.house, caller, PICTURE, b"png")


def _ready(studio: Studio, caller: Caller) -> AssetRow:
    row = _received(studio, caller)
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    key = f"assets/{row.id}/clean.png"
    studio.house.storage.put_bytes(key, b"clean")
    assets.accepted(studio.house, claim, row, facts=FACTS, files={"clean": key})
    return assets.get(studio.house, caller, row.id)


def test_a_received_file_lies_apart_until_it_is_checked(studio: Studio) -> None:
    caller = studio.person()
    row = _received(studio, caller)

    assert row.state is AssetState.CHECKING
    assert studio.house.storage.exists(upload_key(row.id))
    assert studio.rows("SELECT subject_id, lane FROM work") == [(row.id, Lane.MEDIA_DRAFT)]


def test_an_expected_file_is_checked_once_it_is_there(studio: Studio) -> None:
    caller = studio.person()
    row = assets.expect(studio.house, caller, PICTURE, idempotency=None)
    assert row.state is AssetState.UPLOADING
    with pytest.raises(ConflictError):
        assets.complete(studio.house, caller, row.id)

    studio.house.storage.put_bytes(upload_key(row.id), b"png")

    for _ in range(2):
        assert assets.complete(studio.house, caller, row.id).state is AssetState.CHECKING
    assert studio.count("work") == 1


@pytest.mark.parametrize(
    ("upload", "data", "refusal"),
    [
        (PICTURE, b"", ValidationFailedError),
        (replace(PICTURE, bytes=MULTIPART_BYTES + 1), bytes(MULTIPART_BYTES + 1), PayloadTooLargeError),
        (replace(PICTURE, bytes=0), None, ValidationFailedError),
        (replace(PICTURE, bytes=-1), None, ValidationFailedError),
        (replace(PICTURE, bytes=PRESIGNED_BYTES + 1), None, PayloadTooLargeError),
    ],
    ids=["empty", "large", "expected empty", "expected negative", "expected huge"],
)
def test_an_empty_or_too_large_file_leaves_nothing_behind(
    studio: Studio, upload: Upload, data: bytes | None, refusal: type[Exception]
) -> None:
    caller = studio.person()
    before = studio.everything()

    with pytest.raises(refusal):
        assets.expect(studio.house, caller, upload, idempotency=None) if data is None else assets.receive(
            studio.house, caller, upload, data
        )

    assert studio.everything() == before
    assert studio.house.storage.list("incoming") == ()


def test_the_same_key_expects_one_file(studio: Studio) -> None:
    caller = studio.person()
    keys = [keyed(caller) for _ in range(2)]

    found = {assets.expect(studio.house, caller, PICTURE, idempotency=key).id for key in keys}

    assert len(found) == studio.count("assets") == 1


def test_a_checked_file_can_be_used_and_its_original_is_gone(studio: Studio) -> None:
    caller = studio.person()
    row = _ready(studio, caller)

    assert (row.state, row.width, row.kind) == (AssetState.READY, 960, "image")
    assert not studio.house.storage.exists(upload_key(row.id))
    studio.ask(caller, with_brief(asked(), keyframes=(Keyframe(row.id),)))


def test_a_rejected_file_says_why_and_leaves_nothing(studio: Studio) -> None:
    caller = studio.person()
    row = _received(studio, caller)
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None

    assets.rejected(studio.house, claim, row, problem="This is a zip.")

    found = assets.get(studio.house, caller, row.id)
    assert (found.state, found.problem) == (AssetState.REJECTED, "This is a zip.")
    assert not studio.house.storage.exists(upload_key(row.id))
    assert studio.count("work") == 0


@pytest.mark.parametrize("made", [_received, _ready])
def test_an_asset_is_used_only_when_ready_and_only_in_its_workspace(
    studio: Studio, made: Callable[[Studio, Caller], AssetRow]
) -> None:
    caller, stranger = studio.person(), studio.person()
    row = made(studio, caller)
    wanted = with_brief(asked(), keyframes=(Keyframe(row.id),))

    with pytest.raises(ValidationFailedError):
        studio.ask(stranger, wanted)
    if row.state is not AssetState.READY:
        with pytest.raises(AssetNotReadyError):
            studio.ask(caller, wanted)
    assert studio.count("generations") == 0


USES: dict[str, Callable[[AssetRow], dict[str, Any]]] = {
    "first frame": lambda row: {"keyframes": (Keyframe(row.id),)},
    "last frame": lambda row: {"keyframes": (Keyframe(row.id, Fraction(5)),)},
    "reference": lambda row: {"references": (Reference(row.id, ReferenceRole.STYLE),)},
}


@pytest.mark.parametrize("use", USES)
def test_an_asset_in_use_is_not_deleted_until_its_generation_ends(studio: Studio, use: str) -> None:
    caller = studio.person()
    row = _ready(studio, caller)
    view = studio.ask(caller, with_brief(asked(), **USES[use](row)))

    with pytest.raises(ConflictError):
        assets.delete(studio.house, caller, row.id)
    endings.cancel(studio.house, caller, view.generation.id)
    assets.delete(studio.house, caller, row.id)

    with pytest.raises(NotFoundError):
        assets.get(studio.house, caller, row.id)
    assert studio.house.storage.list(f"assets/{row.id}") == ()


def test_a_file_deleted_while_it_was_checked_stays_deleted(studio: Studio) -> None:
    caller = studio.person()
    row = _received(studio, caller)
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    assets.delete(studio.house, caller, row.id)

    with pytest.raises(LeaseLostError):
        assets.accepted(studio.house, claim, row, facts=FACTS, files={"clean": "x"})

    assert studio.rows("SELECT state, files FROM assets") == [("checking", None)]


def test_what_a_stray_check_writes_after_a_file_was_deleted_goes_too(studio: Studio) -> None:
    row = _ready(studio, caller := studio.person())
    assets.delete(studio.house, caller, row.id)
    key = f"assets/{row.id}/clean.png"
    studio.house.storage.put_bytes(key, b"late")

    began = studio.clock.moment
    while studio.count("work"):
        studio.clock.turn(STEP_LEASE)
        studio.step(row.id)

    assert not studio.house.storage.exists(key)
    assert STRAYS_END <= studio.clock.moment - began <= 2 * STRAYS_END


Act = Callable[[Studio, Caller, str], object]
BY_ID: dict[str, Act] = {
    "get": lambda s, c, a: assets.get(s.house, c, a),
    "complete": lambda s, c, a: assets.complete(s.house, c, a),
    "delete": lambda s, c, a: assets.delete(s.house, c, a),
}


@pytest.mark.parametrize("act", BY_ID)
def test_outside_its_workspace_an_asset_does_not_exist(studio: Studio, act: str) -> None:
    stranger = studio.person(role=Role.OWNER)
    row = _ready(studio, studio.person())
    before = studio.everything()

    for identifier in (row.id, "ast_00000000000000000000000000"):
        with pytest.raises(NotFoundError, match=r"^No such asset\.$"):
            BY_ID[act](studio, stranger, identifier)

    assert studio.everything() == before
    assert assets.find(studio.house, stranger, before=None, limit=10) == ()


def test_a_viewer_supplies_and_removes_nothing(studio: Studio) -> None:
    caller = studio.person()
    viewer = studio.person(role=Role.VIEWER, colleague_of=caller)
    row = _ready(studio, caller)

    assert assets.get(studio.house, viewer, row.id) == row
    for act in (
        lambda: assets.receive(studio.house, viewer, PICTURE, b"png"),
        lambda: assets.complete(studio.house, viewer, row.id),
        lambda: assets.delete(studio.house, viewer, row.id),
    ):
        with pytest.raises(ForbiddenError):
            act()
