"""A stored take, and the people who look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from plugin_backend.config import Settings
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.services import generations
from tests.api.people import Person, told
from tests.api.stage import Stage, stage_of
from tests.domain.requests import asked
from tests.services.remote import Remote


@dataclass(frozen=True, slots=True)
class Room:
    """A take that two people look at."""

    stage: Stage
    take: str
    generation: str
    viewer: Person
    admin: Person

    @property
    def editor(self) -> Person:
        return self.stage.editor

    def path(self, part: str) -> str:
        return f"/v1/takes/{self.take}/{part}"

    def review(self) -> dict[str, Any]:
        return told(self.editor.get(self.path("review")))

    def listed(self, query: str) -> list[str]:
        """The generations that a filter finds."""
        return [each["id"] for each in told(self.editor.get(f"/v1/generations?{query}"))["items"]]


@contextmanager
def room_of(app: Flask, settings: Settings, folder: Path) -> Iterator[Room]:
    """One with a generation of two takes."""
    with stage_of(app, settings, folder, Remote()) as stage:
        view = stage.studio.finish(
            generations.request(stage.house, caller_of(stage.editor), [asked(takes=2)]).views[0]
        )
        within = stage.editor.workspace_id
        yield Room(
            stage,
            view.takes[0].id,
            view.generation.id,
            stage.town.settle("looks@example.com", role=Role.VIEWER, workspace_id=within),
            stage.town.settle("leads@example.com", role=Role.ADMIN, workspace_id=within),
        )


def caller_of(person: Person) -> Caller:
    """An editor, as the services know them."""
    return Caller(
        user_id=person.id, workspace_id=person.workspace_id, role=Role.EDITOR, scopes=frozenset(Scope)
    )
