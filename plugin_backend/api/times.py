"""Times on the wire: RFC 3339 in UTC, with milliseconds."""

import time
from datetime import UTC, datetime


def rfc3339(moment: datetime) -> str:
    """`2026-11-21T03:15:00.123Z`."""
    in_utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return in_utc.isoformat(timespec="milliseconds")[:-6] + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    """The same, where there may be no moment."""
    return None if moment is None else rfc3339(moment)


def wall_clock() -> datetime:
    """This process's own clock: good enough for links and ETags, and for nothing that is written down."""
    return datetime.fromtimestamp(time.time(), UTC)
