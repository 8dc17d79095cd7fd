"""CSV for those who keep their books in a spreadsheet: the same rows, with `Accept: text/csv`."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import Response, request

from plugin_backend.api.answers import Json

MEDIA_TYPE: Final = "text/csv"

# A spreadsheet runs a cell that starts like a formula; labels and reasons are people's own words.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class TableAnswer:
    """Rows that leave as CSV."""

    name: str
    rows: Sequence[Json]

    def response(self) -> Response:
        """A file a spreadsheet opens."""
        out = io.StringIO()
        writer = csv.DictWriter(out, fieldnames=list(self.rows[0]) if self.rows else ["empty"])
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in self.rows)
        headers = {"Content-Disposition": f'attachment; filename="{self.name}.csv"'}
        return Response(out.getvalue(), content_type=f"{MEDIA_TYPE}; charset=utf-8", headers=headers)


def wants_csv() -> bool:
    """Whether the caller prefers CSV to JSON."""
    best = request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE], default="application/json")
    return best == MEDIA_TYPE


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
