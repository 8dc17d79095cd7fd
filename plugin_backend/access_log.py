"""One JSON line for each answer, written past the logging machinery, which costs more than a small answer.

The same members as every other line (`event`, `level`, `logger`, `timestamp`, `request_id`), and like them
without a secret.
"""

import json
import logging
import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from gunicorn.glogging import Logger

from plugin_backend.logs import redacted

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_LONGEST_TEXT: Final = 500


class AccessLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's own log, but for the line of an answer."""

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one answer; nothing that goes wrong here may harm the answer."""
        del req
        if not logging.getLogger().isEnabledFor(logging.INFO):
            return
        try:
            sys.stderr.write(_line(resp, environ, seconds=request_time.total_seconds()))
        except (OSError, ValueError):  # the reader of our log went away
            return


def _line(resp: Any, environ: dict[str, Any], *, seconds: float) -> str:
    said = {
        "method": environ["REQUEST_METHOD"],
        "path": environ["RAW_URI"][:_LONGEST_TEXT],
        "status": int(resp.status[:3]),
        "bytes": resp.sent,
        "seconds": round(seconds, 6),
        "client": environ.get("REMOTE_ADDR", "-"),
        "agent": environ.get("HTTP_USER_AGENT", "-")[:_LONGEST_TEXT],
        "request_id": _request_id(resp.headers),
        "event": "answered",
        "level": "info",
        "logger": "gunicorn.access",
        "timestamp": datetime.fromtimestamp(time.time(), UTC).isoformat().removesuffix("+00:00") + "Z",
    }
    return redacted(_ENCODER.encode(said)) + "\n"


def _request_id(headers: Iterable[tuple[str, str]]) -> str | None:
    return next((value for name, value in headers if name == "X-Request-Id"), None)
