"""What Luma Agents bills for a job: its published table, in US dollars."""

from collections.abc import Mapping
from typing import Any

_GENERATED = {"360p": 0.06, "540p": 0.15, "720p": 0.30, "1080p": 1.20}
_HDR = {"720p": 0.60, "1080p": 2.40}
_EXR = {"720p": 0.90, "1080p": 3.60}
_EDITED = {"360p": 0.54, "540p": 0.72, "720p": 1.08, "1080p": 2.16}
_EDITED_HDR = {"720p": 2.16, "1080p": 4.32}
_EDITED_EXR = {"720p": 3.24, "1080p": 6.48}
_REFRAMED = {"360p": 0.03, "540p": 0.06, "720p": 0.12, "1080p": 0.36}


def price(kind: str, video: Mapping[str, Any], seconds: float) -> float:
    """Ten seconds cost three times five; edits and reframes go by their source's length."""
    resolution = video.get("resolution", "720p")
    tables = (_EDITED, _EDITED_HDR, _EDITED_EXR) if kind == "video_edit" else (_GENERATED, _HDR, _EXR)
    table = tables[bool(video.get("hdr")) + bool(video.get("exr_export"))]
    if kind == "video_reframe":
        return round(_REFRAMED[resolution] * seconds, 4)
    if kind == "video_edit":
        return round(table[resolution] * seconds / 5, 4)
    return round(table[resolution] * (3 if seconds > 5 else 1), 4)
