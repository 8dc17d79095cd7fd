"""The page's section about the direction: standings in words and signs, never by colour alone."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import cv2
import numpy as np

from plugin_backend.files.storage import Storage
from worker.media.report_page.pictures import data_address
from worker.media.stills import encode_jpeg

_WIDEST: Final = 960
_STANDINGS: Final = {
    "followed": ("followed", "✓", "good"),
    "partly": ("partly followed", "~", "partly"),
    "missed": ("missed", "✗", "missed"),
    "not-measured": ("not measured", "?", "unmeasured"),
}
_SOURCES: Final = {"words": "words", "mark": "mark", "look": "look"}
_MOST_MOMENTS: Final = 6


def kept_pictures(arguments: Mapping[str, Any], storage: Storage) -> dict[str, bytes]:
    """What an evaluation of the take drew (`direction_pictures`), as far as it is still there."""
    kept = arguments.get("direction_pictures") or {}
    keys = {name: each["key"] for name, each in kept.items()}
    return {name: storage.get_bytes(key) for name, key in keys.items() if storage.exists(key)}


def direction_shown(
    section: Mapping[str, Any] | None, pictures: Mapping[str, bytes]
) -> Mapping[str, Any] | None:
    """What the template shows of `report["direction"]`; `pictures` by name: `frame` (PNG), `motion` (SVG)."""
    if section is None:
        return None
    return {
        "measured": section["measured"],
        "move": section["move"],
        "rows": [_row(row) for row in section["directives"]],
        "faults": [_fault(fault) for fault in section["faults"]],
        "not_measured": section["not_measured"],
        "pictures": list(_pictures(pictures, is_measured=section["measured"])),
    }


def _row(row: Mapping[str, Any]) -> dict[str, str]:
    standing, sign, look = _STANDINGS[row["standing"]]
    score = "" if row["score"] is None else f", {row['score']:.2f}"
    return {
        "says": row["says"],
        "by": _SOURCES.get(row["source"], row["source"]),
        "when": f"{row['from_seconds']:g} to {row['to_seconds']:g} s",
        "standing": f"{standing}{score}",
        "sign": sign,
        "look": look,
        "seen": row["seen"] or "",
    }


def _fault(fault: Mapping[str, Any]) -> dict[str, str]:
    return {
        "title": fault["kind"].replace("-", " ").capitalize(),
        "where": _moments(fault["at_seconds"]),
        "measured": f"{fault['measured']:.3g}, limit {fault['limit']:.3g} {fault['unit']}",
        "says": fault["says"],
    }


def _moments(seconds: Sequence[float]) -> str:
    told = ", ".join(f"{each:.2f}" for each in seconds[:_MOST_MOMENTS])
    more = " and more" if len(seconds) > _MOST_MOMENTS else ""
    return f"{told} s{more}" if told else "throughout"


def _pictures(pictures: Mapping[str, bytes], *, is_measured: bool) -> Iterator[dict[str, str]]:
    over = "asked (dashed) and measured (solid)" if is_measured else "asked (dashed)"
    if (frame := pictures.get("frame")) is not None:
        title = f"The middle frame with what was {over}"
        yield {"address": _smaller(frame), "alt": f"{title}; the table says the same.", "title": title}
    if (motion := pictures.get("motion")) is not None:
        title = "The camera's motion over time against the plan"
        address = data_address(motion, "image/svg+xml")
        yield {"address": address, "alt": f"{title}; the table says the same.", "title": title}


def _smaller(png: bytes) -> str:
    """A JPEG of at most a page's width: a dozen times smaller, and read as well."""
    found = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR_RGB)
    if found is None:
        raise ValueError("The direction's picture cannot be read.")
    image = np.asarray(found, np.uint8)
    height, width = image.shape[:2]
    if width > _WIDEST:
        size = (_WIDEST, round(height * _WIDEST / width))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return data_address(encode_jpeg(image, quality=82), "image/jpeg")
