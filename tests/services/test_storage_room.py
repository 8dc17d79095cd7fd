"""Everybody's bytes: counted where files are recorded, held to the plan, refused with what to delete."""

from dataclasses import replace

import pytest

from plugin_backend.db.rows import AssetRow
from plugin_backend.domain.callers import Role
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import NotFoundError, PlanLimitError
from plugin_backend.domain.keeping import Kept
from plugin_backend.services import assets, deliveries, endings, generations, stepping
from plugin_backend.services.keeping import storage_room
from tests.domain.requests import asked
from tests.services.storing import PICTURE, delivered, limit, ready_asset, stored_take, used
from tests.services.studio import Studio, at_once


def test_takes_deliveries_and_assets_count_from_when_they_are_recorded_until_they_are_deleted(
    studio: Studio,
) -> None:
    caller = studio.person()
    take_id = stored_take(studio, caller, size=700)
    assert used(studio, caller) == {"take": 700}
    delivered(studio, caller, take_id, size=90)
    asset_id = ready_asset(studio, caller, size=5)
    assert used(studio, caller) == {"take": 700, "delivery": 90, "asset": 5}
    found = storage_room.mine(studio.house, caller)
    assert [use.bytes for use in found.largest] == [700, 90, 5]

    assets.delete(studio.house, caller, asset_id)
    assert used(studio, caller) == {"take": 700, "delivery": 90}
    (generation_id,) = studio.rows("SELECT generation_id FROM takes WHERE id = :id", id=take_id)[0]
    endings.delete(studio.house, caller, generation_id)
    assert used(studio, caller) == {}


def test_an_upload_counts_as_it_came_and_then_as_it_is_kept(studio: Studio) -> None:
    caller = studio.person()
    row = assets.receive(studio.house, caller, PICTURE, b"png")
    assert used(studio, caller) == {"asset": 3}

    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    assets.rejected(studio.house, claim, row, problem="It is no picture.")
    assert used(studio, caller) == {}


def test_who_is_over_the_limit_is_told_what_to_delete_and_spends_nothing(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    small, large = (stored_take(studio, caller, size=size) for size in (2_000, 3_000_000))
    limit(studio, 3_001_000)
    before = studio.everything()

    refusals = []
    for act in (
        lambda: studio.ask(caller, asked()),
        lambda: deliveries.request(studio.house, caller, small, DeliveryRequest()),
        lambda: assets.receive(studio.house, caller, PICTURE, b"png"),
    ):
        with pytest.raises(PlanLimitError) as refusal:
            act()
        refusals.append(str(refusal.value))

    assert studio.everything() == before
    told = "Your plan keeps 3.0 MB and 3.0 MB are stored (takes 3.0 MB): delete some first."
    assert set(refusals) == {f"{told} The largest are {large} (3.0 MB), {small} (2.0 kB)."}
    (generation_id,) = studio.rows("SELECT generation_id FROM takes WHERE id = :id", id=large)[0]
    endings.delete(studio.house, caller, generation_id)
    deliveries.request(studio.house, caller, small, DeliveryRequest())


def test_an_upload_that_would_not_fit_is_refused_before_it_comes(studio: Studio) -> None:
    caller = studio.person()
    limit(studio, 1_000)

    with pytest.raises(PlanLimitError):
        assets.expect(studio.house, caller, replace(PICTURE, bytes=1_001), idempotency=None)
    assets.expect(studio.house, caller, replace(PICTURE, bytes=1_000), idempotency=None)


def test_each_has_their_own_and_administrators_see_their_peoples(studio: Studio) -> None:
    boss = studio.person(role=Role.OWNER)
    editor = studio.person(colleague_of=boss)
    stranger = studio.person(role=Role.OWNER)
    stored_take(studio, editor, size=10)
    stored_take(studio, stranger, size=500)

    assert used(studio, boss) == {}
    assert storage_room.of_user(studio.house, boss, editor.user_id).by_kind[Kept.TAKE] == 10
    assert storage_room.of_everybody(studio.house, boss).bytes == 10
    assert storage_room.of_everybody(studio.house, studio.person(is_operator=True)).bytes == 510
    with pytest.raises(NotFoundError):
        storage_room.of_user(studio.house, boss, stranger.user_id)


def test_uploads_that_are_to_come_take_their_room(studio: Studio) -> None:
    caller = studio.person()
    limit(studio, 1_000)

    def ask(_number: int) -> AssetRow:
        return assets.expect(studio.house, caller, replace(PICTURE, bytes=400), idempotency=None)

    refusals = [str(each) for each in at_once(4, ask) if isinstance(each, PlanLimitError)]

    said = "Your plan keeps 1.0 kB and 0 bytes are stored, with about 800 bytes under way: "
    assert refusals == [f"{said}wait until some of it is finished, or delete some."] * 2
    assert studio.one("SELECT count(*) FROM assets WHERE owner_id = :id", id=caller.user_id) == 2


def test_what_is_queued_takes_its_room_until_it_is_finished(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    first = studio.ask(caller, asked())
    ((expected,),) = studio.rows(
        "SELECT expected_bytes FROM generations WHERE id = :id", id=first.generation.id
    )
    limit(studio, expected * 2)
    studio.ask(caller, asked())
    with pytest.raises(PlanLimitError) as refusal:
        studio.ask(caller, asked())
    assert "under way" in str(refusal.value)
    with pytest.raises(PlanLimitError):
        assets.receive(studio.house, caller, PICTURE, b"png")

    endings.cancel(studio.house, caller, first.generation.id)
    studio.ask(caller, asked())


def test_a_batch_and_a_delivery_take_theirs(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)
    take_id = stored_take(studio, caller, size=10)
    limit(studio, 11)
    with pytest.raises(PlanLimitError):
        generations.request(studio.house, caller, [asked(), asked()])
    deliveries.request(studio.house, caller, take_id, DeliveryRequest())
    with pytest.raises(PlanLimitError):
        deliveries.request(studio.house, caller, take_id, DeliveryRequest())
