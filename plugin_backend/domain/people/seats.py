"""A table of people as a spreadsheet saves it: read whole, or every wrong cell named by line and column."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import FieldProblem, MalformedError, ValidationFailedError
from plugin_backend.domain.people.addresses import is_address

MOST_LINES: Final = 1_000
COLUMNS: Final = (
    *("email", "role", "plan", "draft_limit_per_day", "max_concurrent"),
    *("credits", "reason"),
)
BACK_TO_PLAN: Final = "plan"
"""In a cell of a limit: no limit of their own any more."""

_DELIMITERS: Final = ",;\t"
_BOUNDS: Final = {
    "draft_limit_per_day": (0, 10**6),
    "max_concurrent": (1, 1_000),
    "credits": (0, 10**12),
}
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One person as a line says; what it leaves out is None, or not in `limits`."""

    line: int
    email: str
    role: Role | None
    plan: str | None
    limits: Mapping[str, int | None]
    credits: int
    reason: str | None


def read_seats(data: bytes) -> tuple[Seat, ...]:
    """Every line; ValidationFailedError names each cell that will not do, MalformedError what is no text."""
    records = _records(_text(data))
    try:
        header = next(records, None)
        if header is None:
            raise ValidationFailedError([FieldProblem("/lines/1", "Begin with the names of the columns.")])
        columns = _columns(*header)
        lines = [record for record in records if any(cell.strip() for cell in record[1])]
    except csv.Error as error:
        raise MalformedError(f"The table cannot be read: {error}.") from error
    if len(lines) > MOST_LINES:
        detail = f"Send at most {MOST_LINES:,} people at once; here are {len(lines):,}."
        raise ValidationFailedError([FieldProblem("/lines", detail)])
    return _seats(columns, lines)


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedError("The table is not UTF-8; save it as CSV UTF-8.") from error
    if "\0" in text:
        raise MalformedError("The table holds null bytes; save it as CSV UTF-8.")
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins on; commas, semicolons or tabs between, as the first line has."""
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for record in reader:
        yield line, record
        line = reader.line_num + 1


def _columns(line: int, cells: Sequence[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    problems = [
        FieldProblem(f"/lines/{line}/{name}", f"There is no such column; there are {', '.join(COLUMNS)}.")
        for name in names
        if name not in COLUMNS
    ]
    problems += [
        FieldProblem(f"/lines/{line}/{name}", "This column stands twice.")
        for name in COLUMNS
        if names.count(name) > 1
    ]
    if "email" not in names:
        problems.append(FieldProblem(f"/lines/{line}/email", "There must be a column with this name."))
    if problems:
        raise ValidationFailedError(problems)
    return names


def _seats(columns: Sequence[str], lines: Sequence[tuple[int, list[str]]]) -> tuple[Seat, ...]:
    seats, problems, seen = [], [], set()
    for line, cells in lines:
        said = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
        wrong = dict(_wrong(said))
        if len(cells) > len(columns):
            wrong[""] = f"There are {len(cells)} cells for {len(columns)} columns."
        if said.get("email", "").lower() in seen:
            wrong["email"] = "This address stands above already."
        seen.add(said.get("email", "").lower())
        problems += [
            FieldProblem(f"/lines/{line}/{name}".rstrip("/"), detail) for name, detail in wrong.items()
        ]
        if not wrong:
            seats.append(_seat(line, said))
    if problems:
        raise ValidationFailedError(problems)
    return tuple(seats)


def _wrong(said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not is_address(said.get("email", "")):
        yield "email", "Write an e-mail address."
    if "role" in said and said["role"] not in [*Role]:
        yield "role", f"Use one of {', '.join(Role)}."
    for name, (least, most) in _BOUNDS.items():
        if name in said and not _fits(name, said[name], least, most):
            yield name, f"Give a whole number from {least:,} to {most:,}."
    if len(said.get("reason", "")) > _LONGEST_REASON:
        yield "reason", f"Give at most {_LONGEST_REASON} characters."
    if "reason" not in said and said.keys() & _BOUNDS.keys():
        yield "reason", "Say why: limits and credits are given for a reason."


def _fits(name: str, cell: str, least: int, most: int) -> bool:
    if cell == BACK_TO_PLAN:
        return name != "credits"
    return cell.isascii() and cell.isdigit() and len(cell) < 16 and least <= int(cell) <= most


def _seat(line: int, said: Mapping[str, str]) -> Seat:
    limits = ("draft_limit_per_day", "max_concurrent")
    return Seat(
        line=line,
        email=said["email"],
        role=Role(said["role"]) if "role" in said else None,
        plan=said.get("plan"),
        limits={
            name: None if said[name] == BACK_TO_PLAN else int(said[name]) for name in limits if name in said
        },
        credits=int(said.get("credits", "0")),
        reason=said.get("reason"),
    )
