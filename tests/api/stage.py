"""The web door before real steps: what is asked over HTTP is made, by providers in memory or played ones."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from plugin_backend.app import _furnished
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.money.price_list import parse_price_list
from plugin_backend.services.house import House
from tests.api.people import Person, Town
from tests.services.remote import Remote, far, turn_to_next, work_off
from tests.services.studio import Studio, studio_on

PURSE = 1_000
_ENDS = {state.value for state in GENERATION.terminal}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Who asks, who makes it, and the clock that is turned."""

    studio: Studio
    editor: Person
    operator: Person
    town: Town

    @property
    def house(self) -> House:
        return self.studio.house

    def ask(self, kind: str, model: str, **brief: Any) -> dict[str, Any]:
        """Have one accepted by the door."""
        answer = self.editor.post("/v1/generations", asking(kind, model, **brief))
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json
        return found

    def see(self, made: Mapping[str, Any], part: str = "") -> dict[str, Any]:
        """A generation as its panel sees it; `part` as `/receipt`."""
        answer = self.editor.get(f"/v1/generations/{made['id']}{part}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json
        return found

    def end(
        self, made: Mapping[str, Any], *, turned: Callable[[timedelta], object] = lambda by: by
    ) -> dict[str, Any]:
        """A generation once it has ended; who has another clock hears how far ours was `turned`."""
        for _ in range(500):
            work_off(self.studio)
            found = self.see(made)
            if found["state"] in _ENDS:
                return found
            before = self.studio.clock.moment
            turn_to_next(self.studio)
            turned(self.studio.clock.moment - before)
        raise AssertionError(f"it never ends: {found}")

    def at(self, prices: str) -> "Stage":
        """The same stage, whose workers have been started again with other prices."""
        return replace(self, studio=_priced(self.studio, prices))

    def purse(self) -> tuple[int, int]:
        """What the editor can spend, and what is set aside."""
        return self.town.credits_of(self.editor)


def asking(kind: str, model: str, **brief: Any) -> dict[str, Any]:
    """The body of a request for a shot of five seconds."""
    return {"kind": kind, "brief": {"prompt": "fog over a harbour", "model": model, **brief}}


@contextmanager
def stage_of(
    app: Flask,
    settings: Settings,
    folder: Path,
    *remotes: Remote,
    prices: str = "",
    limits: Mapping[str, ProviderLimits] | None = None,
) -> Iterator[Stage]:
    """These providers behind the app's own door, at an operator's prices where nobody has published one."""
    with studio_on(settings.database_url, folder) as opened:
        within = replace(opened, house=replace(opened.house, provider_limits=limits or {}))
        studio = _priced(far(within, *remotes), prices)
        house = studio.house
        furniture = replace(_furnished(settings, house), clock=app.extensions["plugin-backend"].clock)
        furniture.stand_in(app)
        town = Town(house, app.test_client())
        everything = frozenset(Scope)
        yield Stage(
            studio=studio,
            editor=town.settle("asks@example.com", plan="studio", credit=PURSE),
            operator=town.settle("runs@example.com", role=Role.OWNER, scopes=everything, is_operator=True),
            town=town,
        )
        furniture.redis.close()


def _priced(studio: Studio, prices: str) -> Studio:
    house = replace(studio.house, catalogue=Catalogue.load().priced(parse_price_list(prices)))
    return replace(studio, house=house, runtime=replace(studio.runtime, house=house))
