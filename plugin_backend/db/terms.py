"""The terms of use that stood when a generation was asked for, by the model that may make it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from plugin_backend.db.generations import among
from plugin_backend.db.tables import generations
from plugin_backend.domain.catalogue import Model

TermsByModel = Mapping[str, Mapping[str, Any]]


def snapshot(models: Sequence[Model]) -> str | None:
    """As it is written with the generation; None where nothing is known of any of them."""
    known = {model.id: model.terms.to_json() for model in models if model.terms is not None}
    return json.dumps(known) if known else None


def terms_of(connection: Connection, generation_ids: Sequence[str]) -> Mapping[str, TermsByModel]:
    """By generation; nothing for those of before terms were kept."""
    found = connection.execute(
        select(generations.c.id, generations.c.terms).where(
            generations.c.id == among(generation_ids), generations.c.terms.is_not(None)
        )
    )
    return {row.id: row.terms for row in found}
