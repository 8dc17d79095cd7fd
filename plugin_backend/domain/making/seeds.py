"""The seed of a take: the number its model is really sent, so that the same shot can be asked for again."""

import zlib
from collections.abc import Sequence
from typing import Final

from plugin_backend.domain.catalogue import ANIMATIC, Model

LARGEST_SENT: Final = 2**31 - 1
"""No provider is sent more bits than these; the built-in engine takes any whole number."""


def seed_of_take(
    models: Sequence[Model], asked: int | None, *, generation_id: str, number: int
) -> int | None:
    """Counted on from the one asked for, else its own; None where no model that may make it takes one."""
    providers = {model.provider for model in models if model.seed}
    if not providers:
        return None
    seed = _own(generation_id, number) if asked is None else asked + number - 1
    return seed if providers == {ANIMATIC} else seed & LARGEST_SENT


def _own(generation_id: str, number: int) -> int:
    """Different for every take, the same whenever it is worked out again."""
    return zlib.crc32(f"{generation_id}/{number}".encode()) & LARGEST_SENT
