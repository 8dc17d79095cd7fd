"""Answers may gain members: of the published contract only what callers send is closed."""

from collections.abc import Iterator
from typing import Any, Final

_SCHEMAS: Final = "#/components/schemas/"


def open_answers(spec: dict[str, Any]) -> dict[str, Any]:
    """The contract, in which no answer forbids members that a later release adds to it."""
    schemas = spec["components"]["schemas"]
    asked = [
        operation["requestBody"]
        for item in spec["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    closed = _reached(asked, schemas)
    for name, schema in schemas.items():
        if name not in closed and schema.get("additionalProperties") is False:
            del schema["additionalProperties"]
    return spec


def _reached(start: Any, schemas: dict[str, Any]) -> set[str]:
    """The schemas something refers to, and all that those refer to."""
    found: set[str] = set()
    waiting = set(_references(start))
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_references(schemas[name])) - found
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference.startswith(_SCHEMAS):
            yield reference.removeprefix(_SCHEMAS)
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)
