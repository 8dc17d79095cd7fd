"""An asset's step: decoded in a fresh, bounded child that knows no secret, and kept only re-encoded."""

import hashlib
from pathlib import Path
from typing import Any

from plugin_backend.domain.work import Claim
from plugin_backend.services import assets
from worker.media.asset_check import check_asset
from worker.media.inspection.verdict import Verdict
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Check a claimed asset."""
    house = runtime.house
    row = assets.look(house, claim)
    if row is None:
        return
    assert runtime.media is not None
    with runtime.media.folder() as folder:
        original = folder / "original"
        house.storage.get_file(assets.upload_key(row.id), original)
        if row.sha256 is not None and _sha256(original) != row.sha256:
            assets.rejected(
                house, claim, row, problem="The file does not match the sha256 you gave; upload it again."
            )
            return
        found = check_asset(runtime.media, original, folder=folder, on_progress=runtime.renewing(claim))
        if found.problem is not None:
            assets.rejected(house, claim, row, problem=found.problem)
            return
        files = {}
        for role, name in _made(found):
            if name is not None:
                files[role] = f"assets/{row.id}/{role}{Path(name).suffix}"
                house.storage.put_file(files[role], folder / name)
    assets.accepted(house, claim, row, facts=_facts(found), files=files)


def _made(found: Verdict) -> tuple[tuple[str, str | None], ...]:
    return (("clean", found.file), ("poster", found.poster), ("rendition", found.rendition))


def _facts(found: Verdict) -> dict[str, Any]:
    """What the asset's row keeps of a verdict."""
    seconds = found.duration_seconds
    return {
        "kind": found.kind,
        "media_type": found.media_type,
        "width": found.width,
        "height": found.height,
        "duration_seconds": None if seconds is None else float(seconds),
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
