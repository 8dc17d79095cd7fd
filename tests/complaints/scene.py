"""A web door, real steps and played upstreams on one clock that we turn: hours of waiting take a moment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask

from plugin_backend.app import _furnished
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.domain.lifecycle import GENERATION
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.money.price_list import parse_price_list
from plugin_backend.files.storage import open_storage
from plugin_backend.services import reconciliation
from tests.api.people import Person, Town
from tests.fakes.conduct import Conduct
from tests.fakes.simulator import Simulator
from tests.providers.contract import KEY, SUBJECTS, Subject, provider_for
from tests.services.remote import turn_to_next, work_off
from tests.services.studio import Studio, TurnedClock, studio_on
from worker.media.process import MediaProcess

BY_NAME: Final[Mapping[str, Subject]] = {subject.name: subject for subject in SUBJECTS}
EVERY: Final = tuple(BY_NAME)
LISTS: Final = tuple(name for name, subject in BY_NAME.items() if subject.lists)
LISTS_NOT: Final = tuple(name for name, subject in BY_NAME.items() if not subject.lists)
PURSE: Final = 1_000
_WIDE: Final = ProviderLimits(concurrency=100, requests_per_minute=10**6)
_ENDS: Final = {state.value for state in GENERATION.terminal}


class KilledError(BaseException):
    """What SIGKILL is to a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Who asks, who makes it, and the time."""

    studio: Studio
    editor: Person
    operator: Person
    town: Town
    played: Mapping[str, Simulator]

    def upstream(self, name: str) -> Simulator:
        return self.played[name]

    def master(self, name: str, **brief: Any) -> dict[str, Any]:
        """The plainest request of a master of this provider's."""
        plain = BY_NAME[name].brief
        shot = {"prompt": plain.prompt, "model": plain.model, "resolution": plain.resolution.value}
        return {"kind": "master", "brief": {**shot, **_MASTERS.get(name, {}), **brief}}

    def ask(self, name: str, *, key: str | None = None, **brief: Any) -> dict[str, Any]:
        """Have one accepted by our door."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self.editor.post("/v1/generations", self.master(name, **brief), headers=headers)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json
        return found

    def see(self, made: Mapping[str, Any]) -> dict[str, Any]:
        """A generation as its panel sees it."""
        found: dict[str, Any] = self.editor.get(f"/v1/generations/{made['id']}").json
        return found

    def receipt(self, made: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.editor.get(f"/v1/generations/{made['id']}/receipt").json
        return found

    def dying(self, at: str) -> "Scene":
        """The same scene, whose worker is killed once at this point of a step."""
        left = [at]

        def failpoint(name: str) -> None:
            if name in left:
                left.remove(name)
                raise KilledError(name)

        house = replace(self.studio.house, failpoint=failpoint)
        runtime = replace(self.studio.runtime, house=house)
        return replace(self, studio=replace(self.studio, house=house, runtime=runtime))

    def work(self) -> None:
        """Whatever is due now is done, by the next worker where one was killed."""
        try:
            work_off(self.studio)
        except KilledError:
            work_off(self.studio)

    def turn(self, by: timedelta) -> None:
        """Time passes, here and there."""
        self.studio.clock.turn(by)
        for simulator in self.played.values():
            simulator.clock.advance(by.total_seconds())

    def go_on(self) -> None:
        """Time passes until something is due, and what is due is done."""
        before = self.studio.clock.moment
        turn_to_next(self.studio)
        for simulator in self.played.values():
            simulator.clock.advance((self.studio.clock.moment - before).total_seconds())
        self.work()

    def end(self, made: Mapping[str, Any], *, within: timedelta = timedelta(days=3)) -> dict[str, Any]:
        """A generation once it has ended."""
        latest = self.studio.clock.moment + within
        self.work()
        while (found := self.see(made))["state"] not in _ENDS:
            assert self.studio.clock.moment < latest, found
            self.go_on()
        return found

    def recovered(self, made: Mapping[str, Any]) -> dict[str, Any] | None:
        """What was found after it had ended, delivered free."""
        reconciliation.sweep(self.studio.house)
        self.work()
        found = self.receipt(made)["recovered_as"]
        return self.end({"id": found[0]}) if found else None

    def purse(self) -> tuple[int, int]:
        """What the editor can spend, and what is set aside."""
        return self.town.credits_of(self.editor)

    def exposures(self) -> list[dict[str, Any]]:
        """What the operator is shown as possibly owed."""
        found: list[dict[str, Any]] = self.operator.get("/v1/admin/exposures").json["items"]
        return found

    def check_books(self) -> None:
        """The ledger is the balance, every hold ended at most once, nobody was billed twice."""
        ended_twice = (
            "SELECT generation_id FROM ledger_entries WHERE kind = 'settle'"
            " GROUP BY generation_id HAVING count(*) > 1"
        )
        sums = "SELECT sum(available_delta), sum(held_delta) FROM ledger_entries WHERE account_id = :id"
        ((account_id,),) = self.studio.rows("SELECT id FROM accounts WHERE owner_id = :id", id=self.editor.id)
        assert self.studio.rows(ended_twice) == []
        assert self.studio.rows(sums, id=account_id) == [self.purse()]
        assert [token for each in self.played.values() for token in each.books().billed_twice()] == []


_MASTERS: Final[Mapping[str, Mapping[str, Any]]] = {"luma": {"resolution": "540p"}}


@contextmanager
def scene_of(
    names: Sequence[str],
    *,
    app: Flask,
    settings: Settings,
    media: MediaProcess,
    conduct: Conduct | None = None,
) -> Iterator[Scene]:
    """These upstreams, played, behind the app's own door."""
    folder = Path(settings.storage_url.removeprefix("file://")).parent
    given = conduct or Conduct(key=KEY, picture_scale=0.1, fetches_inputs=False, seconds=60.0)
    with ExitStack() as kept:
        studio = kept.enter_context(studio_on(settings.database_url, folder))
        played = {name: kept.enter_context(BY_NAME[name].simulator(given)) for name in names}
        providers = [provider_for(each, open_storage(settings.storage_url)) for each in played.values()]
        for each in providers:
            kept.callback(each.close)
        for simulator in played.values():
            simulator.clock.run(speed=0)
        clock = TurnedClock()
        house = replace(
            studio.house,
            clock=clock,
            catalogue=studio.house.catalogue.priced(parse_price_list("firefly-video=50")),
            configured_providers=frozenset(names),
            provider_limits=dict.fromkeys(names, _WIDE),
        )
        reached = {**studio.runtime.providers, **{each.name: each for each in providers}}
        runtime = replace(studio.runtime, house=house, media=media, providers=reached)
        studio = replace(studio, house=house, clock=clock, runtime=runtime)
        furniture = replace(_furnished(settings, house), clock=app.extensions["plugin-backend"].clock)
        furniture.stand_in(app)
        kept.callback(furniture.redis.close)
        town = Town(house, app.test_client())
        yield Scene(
            studio=studio,
            editor=town.settle("editor@example.com", plan="studio", credit=PURSE),
            operator=town.settle(
                "operator@example.com", role=Role.OWNER, scopes=frozenset(Scope), is_operator=True
            ),
            town=town,
            played=played,
        )
