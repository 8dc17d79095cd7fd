"""A media child's operations that say no: for good, or this time."""

from collections.abc import Mapping
from typing import Any, Final

from worker.media.operations import OperationContext, OperationError

OPERATIONS: Final[Mapping[str, str]] = {
    "conform_chunk": "tests.services.refusing_operations:refuse_for_good",
    "conform_finish": "tests.services.refusing_operations:refuse_for_now",
}
PRELOAD: Final = ("json",)


def refuse_for_good(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    raise OperationError("invalid-input", "The size of shot.mov is 160 x 90, asked 320 x 180.")


def refuse_for_now(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    raise OperationError("disk-full", "There is no room left.")
