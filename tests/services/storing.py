"""Takes, deliveries and pictures with bytes in storage, made without a media child."""

from datetime import timedelta

from sqlalchemy import text

from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.services import assets, deliveries, stepping
from plugin_backend.services.assets import Upload
from plugin_backend.services.delivering import conforming
from plugin_backend.services.keeping import storage_room
from tests.domain.requests import asked
from tests.services.studio import Studio

PICTURE = Upload(filename="frame.png", media_type="image/png", bytes=3)
FACTS = {"kind": "image", "media_type": "image/png", "width": 960, "height": 540, "duration_seconds": None}


def stored_take(studio: Studio, caller: Caller, *, size: int) -> str:
    """A take whose files lie in storage when it is recorded."""
    view = studio.ask(caller, asked())
    take_id = view.takes[0].id
    studio.house.storage.put_bytes(f"takes/{take_id}/000000.exr", bytes(size))
    studio.finish(view)
    return take_id


def delivered(studio: Studio, caller: Caller, take_id: str, *, size: int) -> str:
    """A delivery of one file, made without a media child."""
    delivery_id = deliveries.request(studio.house, caller, take_id, DeliveryRequest())[0].delivery.id
    for _ in range(2):  # planned; then looked at again once its ranges are away
        claim = stepping.claim(studio.house, delivery_id)
        assert claim is not None
        hand = conforming.look(studio.house, claim)
        assert hand is not None
        if hand.delivery.state == "queued":
            conforming.begin(studio.house, claim, hand, ranges=[(0, 1)])
            studio.clock.turn(timedelta(minutes=1))
    assert claim is not None
    assert hand is not None
    key = f"deliveries/{delivery_id}/clip.mov"
    studio.house.storage.put_bytes(key, bytes(size))
    file = {"role": "master", "name": "clip.mov", "media_type": "video/quicktime", "key": key}
    conforming.ready(studio.house, claim, hand, files=[{**file, "bytes": size, "sha256": "0" * 64}], clips=[])
    return delivery_id


def ready_asset(studio: Studio, caller: Caller, *, size: int) -> str:
    """A picture that was uploaded and checked."""
    row = assets.receive(studio.house, caller, PICTURE, b"png")
    claim = stepping.claim(studio.house, row.id)
    assert claim is not None
    key = f"assets/{row.id}/clean.png"
    studio.house.storage.put_bytes(key, bytes(size))
    assets.accepted(studio.house, claim, row, facts=FACTS, files={"clean": key})
    return row.id


def limit(studio: Studio, count: int | None) -> None:
    """What the plan of these people keeps."""
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE plans SET storage_limit_bytes = :n"), {"n": count})


def used(studio: Studio, caller: Caller) -> dict[str, int]:
    found = storage_room.mine(studio.house, caller)
    assert (
        found.bytes
        == sum(found.by_kind.values())
        == studio.one(
            "SELECT coalesce(sum(bytes), 0)::bigint FROM storage_uses WHERE owner_id = :id", id=caller.user_id
        )
    )
    return {kind.value: size for kind, size in found.by_kind.items() if size}
