"""Files an editor supplies: uploaded, checked by decoding in a media step, and only then used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select, update

from plugin_backend.db.assets import find_asset, list_assets
from plugin_backend.db.journal import record_event
from plugin_backend.db.rows import AssetRow, columns_of, read_row
from plugin_backend.db.storage_use import forget_uses
from plugin_backend.db.tables import assets
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.db.work import Due
from plugin_backend.domain.callers import Caller, Scope
from plugin_backend.domain.errors import (
    AssetNotReadyError,
    ConflictError,
    FieldProblem,
    NotFoundError,
    PayloadTooLargeError,
    RightsNotAttestedError,
    ValidationFailedError,
)
from plugin_backend.domain.ids import Prefix, new_id
from plugin_backend.domain.keeping import UPLOADS, Kept
from plugin_backend.domain.lifecycle import ASSET, AssetEvent, AssetState
from plugin_backend.domain.work import STRAYS_END, Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency, begin, keep
from plugin_backend.services.keeping import asset_removal, storage_room
from plugin_backend.services.moves import move_asset

MULTIPART_BYTES: Final = 10 << 20
PRESIGNED_BYTES: Final = 200 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that is to come, or has come."""

    filename: str | None
    media_type: str | None
    bytes: int
    sha256: str | None = None
    rights_attested: bool = False
    """Whether who sends it says that they hold the rights to it."""


def upload_key(asset_id: str) -> str:
    """Where the untrusted original lies until it is checked; nothing there is ever served."""
    return f"{UPLOADS}/{asset_id}/original"


def receive(
    house: House, caller: Caller, upload: Upload, data: bytes, *, idempotency: Idempotency | None = None
) -> AssetRow:
    """Keep a small file that came with the request, and have it checked."""
    if len(data) > MULTIPART_BYTES:
        raise PayloadTooLargeError(
            "Files over 10 MB are uploaded with a presigned PUT: send their description."
        )
    if not data:
        raise ValidationFailedError([FieldProblem("/file", "The file is empty.")])
    row = expect(house, caller, upload, idempotency=idempotency)
    if row.state is not AssetState.UPLOADING:
        return row  # the same upload, sent again
    house.storage.put_bytes(upload_key(row.id), data)
    return complete(house, caller, row.id)


def expect(house: House, caller: Caller, upload: Upload, *, idempotency: Idempotency | None) -> AssetRow:
    """Make room for a file that will be put at `upload_key`."""
    caller.require(Scope.GENERATE)
    if upload.bytes < 1:
        raise ValidationFailedError([FieldProblem("/bytes", "The file is empty.")])
    if upload.bytes > PRESIGNED_BYTES:
        raise PayloadTooLargeError(f"Files are at most {PRESIGNED_BYTES >> 20} MB.")
    with house.begin() as work:
        kept = begin(work, idempotency)
        if kept is not None:
            return _mine(work, caller, kept["id"])
        storage_room.stand_in_line(work, caller.user_id)
        storage_room.require_room(work, caller.user_id, further=upload.bytes)
        values: dict[str, Any] = {
            "id": new_id(Prefix.ASSET, at=work.now),
            "workspace_id": caller.workspace_id,
            "owner_id": caller.user_id,
            "state": AssetState.UPLOADING,
            "filename": upload.filename,
            "media_type": upload.media_type,
            "bytes": upload.bytes,
            "sha256": upload.sha256,
            "created_at": work.now,
            "updated_at": work.now,
            **(_attestation(work, caller) if upload.rights_attested else {}),
        }
        statement = insert(assets).values(values).returning(*columns_of(assets, AssetRow))
        row = read_row(AssetRow, work.connection.execute(statement).one())
        keep(work, idempotency, {"id": row.id})
        return row


def complete(house: House, caller: Caller, asset_id: str) -> AssetRow:
    """The file is there: have it checked. Saying so twice is saying so once."""
    caller.require(Scope.GENERATE)
    size = _uploaded(house, asset_id)
    with house.begin() as work:
        row = _mine(work, caller, asset_id, lock=True)
        if row.state is not AssetState.UPLOADING:
            return row
        if size is None:
            raise ConflictError(
                "Nothing has been uploaded for this asset yet; PUT the file, then complete it."
            )
        move_asset(work, row, AssetEvent.UPLOADED)
        storage_room.record(work, Kept.ASSET, row.id, owned=row.owned, bytes_=size)
        stepping.make_due(work, Due(row.id, Lane.MEDIA_DRAFT, row.owned))
        return _mine(work, caller, asset_id)


def attest(house: House, caller: Caller, asset_id: str) -> AssetRow:
    """The caller says that they hold the rights to it; who said so first is kept."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, asset_id, lock=True)
        if row.attested_at is None:
            values = {**_attestation(work, caller), "version": row.version + 1, "updated_at": work.now}
            work.connection.execute(update(assets).where(assets.c.id == row.id).values(values))
            record_event(work, "asset.attested", subject_id=row.id, owned=row.owned)
        return _mine(work, caller, asset_id)


def _attestation(work: UnitOfWork, caller: Caller) -> dict[str, Any]:
    return {"attested_by": caller.user_id, "attested_at": work.now}


def get(house: House, caller: Caller, asset_id: str) -> AssetRow:
    """One asset of the caller's workspace."""
    with house.begin() as work:
        return _mine(work, caller, asset_id)


def find(house: House, caller: Caller, *, before: str | None, limit: int) -> tuple[AssetRow, ...]:
    """The workspace's assets, newest first."""
    with house.begin() as work:
        return list_assets(work.connection, workspace_id=caller.workspace_id, before=before, limit=limit)


def delete(house: House, caller: Caller, asset_id: str) -> None:
    """Remove an asset and its files; ConflictError while something unfinished uses it."""
    caller.require(Scope.GENERATE)
    with house.begin() as work:
        row = _mine(work, caller, asset_id, lock=True)
        if not asset_removal.bury(work, row):
            raise ConflictError(
                "An unfinished generation, delivery or shot uses this asset; wait for it or cancel it."
            )
    _remove_files(house, row.id)


def require_ready(
    work: UnitOfWork,
    caller: Caller,
    asset_ids: Sequence[str],
    *,
    pointer: str,
    places: Mapping[str, str] | None = None,
) -> Mapping[str, str | None]:
    """Every asset a request names is here and was checked, and stays until the request is committed.

    Returns the kind of each: `image`, `video` or `audio`. `places` says where each is named, else `pointer`.
    """
    at = {each: (places or {}).get(each, pointer) for each in asset_ids}
    if not asset_ids:
        return {}
    found = work.connection.execute(
        select(assets.c.id, assets.c.state, assets.c.kind, assets.c.attested_at)
        .where(
            assets.c.id.in_(asset_ids),
            assets.c.workspace_id == caller.workspace_id,
            assets.c.deleted_at.is_(None),
        )
        .order_by(assets.c.id)
        .with_for_update(read=True)
    )
    rows = found.all()
    states = {row.id: row.state for row in rows}
    missing = [each for each in asset_ids if each not in states]
    if missing:
        raise ValidationFailedError(
            [FieldProblem(at[each], f"There is no asset {each} in this workspace.") for each in missing]
        )
    for each, state in states.items():
        if state != AssetState.READY:
            raise AssetNotReadyError(each, state)
    _require_attested(caller, {row.id: row.attested_at is not None for row in rows}, places=at)
    return {row.id: row.kind for row in rows}


def _require_attested(caller: Caller, attested: Mapping[str, bool], *, places: Mapping[str, str]) -> None:
    """Where the workspace asks for it, somebody said that they hold the rights to each."""
    missing = [each for each, is_attested in attested.items() if not is_attested]
    if missing and caller.allowance.policy.attestation_required:
        raise RightsNotAttestedError({each: places[each] for each in missing})


def look(house: House, claim: Claim) -> AssetRow | None:
    """Read a claimed asset; None (and the row closed) when there is nothing to check."""
    with house.begin() as work:
        row = find_asset(work.connection, claim.subject_id)
        if row is not None and row.state in ASSET.terminal:
            stepping.done(work, claim)
            return None
    if row is None:
        _remove_again(house, claim)
    return row


def accepted(
    house: House, claim: Claim, row: AssetRow, *, facts: Mapping[str, Any], files: Mapping[str, str]
) -> None:
    """It was decoded and re-encoded: it may be used."""
    size = house.storage.size(Kept.ASSET.prefix(row.id))
    with house.begin() as work:
        move_asset(work, row, AssetEvent.ACCEPTED, files=dict(files), **facts)
        storage_room.record(work, Kept.ASSET, row.id, owned=row.owned, bytes_=size)
        stepping.done(work, claim)
    remove_upload(house, row.id)


def rejected(house: House, claim: Claim, row: AssetRow, *, problem: str) -> None:
    """It is not what we read; the sentence says why. Nothing of it stays."""
    with house.begin() as work:
        move_asset(work, row, AssetEvent.REJECTED, problem=problem)
        forget_uses(work.connection, [row.id])
        stepping.done(work, claim)
    remove_upload(house, row.id)


def _uploaded(house: House, asset_id: str) -> int | None:
    """How large the untrusted original is; None while it is not there."""
    try:
        return house.storage.head(upload_key(asset_id)).bytes
    except FileNotFoundError:
        return None


def remove_upload(house: House, asset_id: str) -> None:
    """The untrusted original goes; what was made of it stays."""
    house.storage.delete_prefix(f"{UPLOADS}/{asset_id}")


def _remove_files(house: House, asset_id: str) -> None:
    remove_upload(house, asset_id)
    house.storage.delete_prefix(Kept.ASSET.prefix(asset_id))


def _remove_again(house: House, claim: Claim) -> None:
    """It was deleted, perhaps while it was checked: a stray step may have written files since."""
    _remove_files(house, claim.subject_id)
    with house.begin() as work:
        asked = select(assets.c.deleted_at).where(assets.c.id == claim.subject_id)
        deleted_at = work.connection.execute(asked).scalar_one_or_none()
        stepping.done_removing(work, claim, since=deleted_at or work.now - STRAYS_END)


def _mine(work: UnitOfWork, caller: Caller, asset_id: str, *, lock: bool = False) -> AssetRow:
    row = find_asset(work.connection, asset_id, workspace_id=caller.workspace_id, lock=lock)
    if row is None:
        raise NotFoundError("asset")
    return row
