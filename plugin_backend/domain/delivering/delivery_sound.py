"""Which sound a delivery has, and how it lies under the picture."""

from enum import StrEnum
from typing import Final

from plugin_backend.domain.errors import FieldProblem


class Audio(StrEnum):
    """What is heard where no sound of one's own is given."""

    TAKE = "take"  # the take's, where it has any
    SILENT = "silent"  # a track with nothing on it, for programs that want one
    NONE = "none"


LONGEST_OFFSET_SECONDS: Final = 3600.0
GAIN_DB: Final = (-60.0, 24.0)


def sound_problems(
    audio: Audio, *, asset_id: str | None, offset_seconds: float, gain_db: float
) -> list[FieldProblem]:
    """What does not go together: each field with its way out."""
    if asset_id is not None and audio is not Audio.TAKE:
        detail = f"A delivery has one sound: leave audio_asset_id out, or audio ({audio})."
        return [FieldProblem("/audio_asset_id", detail)]
    if audio is Audio.TAKE:
        return []
    given = (("audio_offset_seconds", offset_seconds), ("audio_gain_db", gain_db))
    detail = f"With audio {audio} nothing is heard: leave this out."
    return [FieldProblem(f"/{name}", detail) for name, value in given if value]
