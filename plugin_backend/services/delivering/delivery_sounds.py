"""Where a delivery's sound comes from: looked up when it is asked for, as the plan keeps it."""

from collections.abc import Mapping
from typing import Any

from plugin_backend.db.assets import find_asset
from plugin_backend.db.rows import TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.delivery_sound import Audio
from plugin_backend.domain.errors import AssetNotReadyError, FieldProblem, ValidationFailedError
from plugin_backend.domain.lifecycle import AssetState
from plugin_backend.domain.sequence import Sequence
from plugin_backend.services.assets import require_ready

_POINTER = "/audio_asset_id"


def sound_of(work: UnitOfWork, wanted: DeliveryRequest, take: TakeRow) -> Mapping[str, Any] | None:
    """`key` (None: silence), `from`, `offset_seconds` and `gain_db`; None for a delivery without a track."""
    if wanted.is_pictures:
        return None
    if wanted.audio_asset_id is not None:
        found = _asset_key(work, wanted.audio_asset_id, workspace_id=take.workspace_id)
        return _sound(wanted, key=found, source="asset")
    own = (take.files or {}).get("sound")
    if wanted.audio is Audio.TAKE and own is not None:
        return _sound(wanted, key=own["key"], source="take")
    return _sound(wanted, key=None, source="silence") if wanted.audio is Audio.SILENT else None


def check_sound(work: UnitOfWork, caller: Caller, wanted: DeliveryRequest, *, pointer: str) -> None:
    """Refuse a sound of one's own that cannot be used, of a delivery that is to come; it stays until then.

    `pointer` is where the delivery stands in the request.
    """
    asset_id = wanted.audio_asset_id
    if asset_id is None:
        return
    pointer += _POINTER
    kind = require_ready(work, caller, [asset_id], pointer=pointer)[asset_id]
    if kind != "audio":
        raise _refused(_no_sound(asset_id, kind), pointer=pointer)


def check_files(work: UnitOfWork, caller: Caller, wanted: DeliveryRequest, sequence: Sequence | None) -> None:
    """Refuse files that the caller's plan leaves out, or a sound that they may not lay."""
    caller.allowance.check_delivery(wanted, sequence)
    check_sound(work, caller, wanted, pointer="")


def _sound(wanted: DeliveryRequest, *, key: str | None, source: str) -> Mapping[str, Any]:
    return {
        "key": key,
        "from": source,
        "offset_seconds": str(wanted.audio_offset_seconds),
        "gain_db": wanted.audio_gain_db,
    }


def _asset_key(work: UnitOfWork, asset_id: str, *, workspace_id: str) -> str:
    asset = find_asset(work.connection, asset_id, workspace_id=workspace_id)
    if asset is None:
        raise _refused(f"There is no asset {asset_id} in this workspace.")
    if asset.state is not AssetState.READY:
        raise AssetNotReadyError(asset_id, asset.state)
    if asset.kind != "audio":
        raise _refused(_no_sound(asset_id, asset.kind))
    key: str = (asset.files or {})["clean"]
    return key


def _no_sound(asset_id: str, kind: str | None) -> str:
    return f"{asset_id} is of kind {kind}; give sound of its own, e.g. WAV, MP3 or AAC."


def _refused(detail: str, *, pointer: str = _POINTER) -> ValidationFailedError:
    return ValidationFailedError([FieldProblem(pointer, detail)])
