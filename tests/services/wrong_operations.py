"""A media child's operations whose finished files are not what was asked for."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

from worker.media.conformance import compared, refusal
from worker.media.listing import file_entry
from worker.media.operations import OperationContext

OPERATIONS: Final[Mapping[str, str]] = {
    "conform_finish": "tests.services.wrong_operations:find_it_wrong",
}
PRELOAD: Final = ("json",)


def find_it_wrong(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    """A movie and its report are stored; the report alone is told of."""
    data = {"shot.mov": b"a movie of another size", "report.json": b"{}", "report.html": b"<!doctype html>"}
    entries = []
    for name, content in data.items():
        key, sha256 = f"{arguments['prefix']}/{name}", hashlib.sha256(content).hexdigest()
        context.storage.put_bytes(key, content)
        entries.append(file_entry("report", key, name=name, size=len(content), sha256=sha256))
    wrong = [compared("shot.mov", f"check {number}", asked="right", found="wrong") for number in range(60)]
    return {"files": entries[1:], "refused": refusal(wrong), "measures": {}, "leftovers": []}
