"""CSV for those who keep their books in a spreadsheet: the same rows, with `Accept: text/csv`."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from tempfile import SpooledTemporaryFile
from typing import Any, Final

from flask import Response, request

from plugin_backend.api.answers import Json

MEDIA_TYPE: Final = "text/csv"

# A spreadsheet runs a cell that starts like a formula; labels and reasons are people's own words.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


_IN_MEMORY: Final = 1 << 20
_BLOCK: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """Rows that leave as CSV; they may come one by one, and however many there are, few are in memory."""

    name: str
    rows: Iterable[Json]
    onward: str | None = None
    """Where the rows go on, if they do."""

    def response(self) -> Response:
        """A file a spreadsheet opens; its reader may be slow, so all rows are read before."""
        file = self._written()
        headers = {"Content-Disposition": f'attachment; filename="{self.name}.csv"'}
        if self.onward is not None:
            headers["Link"] = f'<{self.onward}>; rel="next"'
        answer = Response(_blocks(file), content_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)
        answer.call_on_close(file.close)
        return answer

    def _written(self) -> SpooledTemporaryFile[bytes]:
        file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it once it is sent
        out = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        rows = iter(self.rows)
        first = next(rows, None)
        writer = csv.DictWriter(out, fieldnames=["empty"] if first is None else list(first))
        writer.writeheader()
        found = () if first is None else chain([first], rows)
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in found)
        out.detach()
        file.seek(0)
        return file


def _blocks(file: SpooledTemporaryFile[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block


def wants_csv() -> bool:
    """Whether the caller prefers CSV to JSON."""
    best = request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE], default="application/json")
    return best == MEDIA_TYPE


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
