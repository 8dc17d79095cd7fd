"""What a media operation is expected to take beside what its child holds already."""

from collections.abc import Mapping
from typing import Any

from plugin_backend.domain.delivering.conform_plan import ConformPlan
from plugin_backend.domain.delivering.media_memory import EMPTY_MB, conform_mb, take_mb


def needed_mb(op: str, arguments: Mapping[str, Any]) -> int:
    """Megabytes beside an empty child; 0 for operations that take little."""
    match op:
        case "conform_chunk":
            return conform_mb(ConformPlan.from_json(arguments["plan"])) - EMPTY_MB
        case "render_frames":
            shot = arguments["shot"]
            return take_mb(shot["width"], shot["height"], rendered=True) - EMPTY_MB
        case _:
            return 0
