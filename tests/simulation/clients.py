"""The people of the simulation: they ask, ask again, change their minds, and remember every answer."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Final

from plugin_backend.domain.brief import Brief, Direct, GenerationRequest, Kind, Resolution
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.services import accounts, credits, generations, quotas
from plugin_backend.services.accounts import NewUser
from plugin_backend.services.house import House
from plugin_backend.services.idempotency import Idempotency
from tests.simulation.second_thoughts import SecondThoughts
from tests.simulation.weather import Weather
from tests.simulation.web import Answer, WebDoor
from tests.simulation.world import World

PEOPLE: Final = 6
_BETWEEN_REQUESTS: Final = 0.5
_PROMPT: Final = "slow dolly in through a misty forest"


class Person:
    """One user, and what they may do at most."""

    def __init__(self, caller: Caller, *, most_at_once: int) -> None:
        self.caller = caller
        self.most_at_once = most_at_once


class Clients:
    """Sends requests until enough were accepted; each accepted one has a fate."""

    def __init__(self, house: House, door: WebDoor, *, world: World, weather: Weather, wanted: int) -> None:
        self.people: list[Person] = []
        self.answers: dict[str, tuple[str, ...]] = {}
        self.refused = 0
        self.house = house
        self._door = door
        self._second_thoughts = SecondThoughts(door, world=world, weather=weather, engine=house.engine)
        self._world = world
        self._weather = weather
        self._rng = weather.rng
        self._wanted = wanted
        self._asked = 0
        self._open = 0

    @property
    def accepted(self) -> int:
        """How many generations clients know of."""
        return sum(len(ids) for ids in self.answers.values())

    @property
    def are_done(self) -> bool:
        """Whether everybody has what they came for and waits for no answer."""
        return self._second_thoughts.open == 0 and self._door.is_idle and self.have_asked

    @property
    def have_asked(self) -> bool:
        """Whether everybody has asked for all they came for."""
        return self._open == 0 and (self.accepted >= self._wanted or self._asked > 6 * self._wanted)

    def move_in(self) -> None:
        """Make the people, with small and large quotas, and let them begin."""
        for number in range(PEOPLE):
            at_once = self._rng.choice((2, 4, 16)) if number else 40
            user = NewUser(email=f"person-{number}@example.com", role=Role.OWNER, plan="studio")
            standing = accounts.create_user(self.house, actor=None, user=user)
            drafts = self._wanted * 10 if number == 0 else self._rng.choice((5, 20, 100))
            limits = {"draft_limit_per_day": drafts, "max_concurrent": at_once}
            quotas.override(self.house, actor=None, user_id=standing.id, limits=limits, reason=None)
            amount = self._wanted * 100 if number == 0 else self._rng.choice((50, 500, 5_000))
            credits.change(self.house, actor=None, user_id=standing.id, amount=amount, reason="a start")
            caller = Caller(
                user_id=standing.id,
                workspace_id=standing.workspace_id,
                role=Role.OWNER,
                scopes=frozenset(Scope),
            )
            self.people.append(Person(caller, most_at_once=at_once))
        self._world.after(0, self._ask)

    def _ask(self) -> None:
        if self.accepted + self._open >= self._wanted or self._asked > 6 * self._wanted:
            if not self.have_asked:
                self._world.after(1, self._ask)
            return
        self._asked += 1
        person = self._rng.choices(self.people, [3] + [1] * (PEOPLE - 1))[0]
        batch = self._rng.choice((2, 3)) if self._rng.random() < 0.1 else 1
        wanted = [_request(self._rng, self._weather.forecast.briefs) for _ in range(batch)]
        key = f"key-{self._asked}"
        self._open += 1
        self._send(person, wanted, key)
        if self._weather.happens("client-repeats"):
            self._open += 1
            self._world.after(self._rng.uniform(0, 20), lambda: self._send(person, wanted, key))
        self._world.after(self._rng.uniform(0, _BETWEEN_REQUESTS), self._ask)

    def _send(self, person: Person, wanted: Sequence[GenerationRequest], key: str) -> None:
        """Ask until there is an answer: a lost one is asked for again, under the same key."""
        fingerprint = hashlib.sha256(repr(wanted).encode()).hexdigest()
        asked = Idempotency(
            owner_id=person.caller.user_id, route="generations", key=key, fingerprint=fingerprint
        )
        answers: list[generations.Asked] = []

        def ask(house: House) -> None:
            answers.append(generations.request(house, person.caller, wanted, idempotency=asked))

        def hear(answer: Answer) -> None:
            if answer is Answer.REFUSED:
                self._open -= 1
                self.refused += 1
            elif answer is Answer.NONE or self._weather.happens("answer-lost"):
                self._world.after(self._rng.uniform(1, 10), lambda: self._send(person, wanted, key))
            else:
                self._open -= 1
                self._note(person, key, tuple(view.generation.id for view in answers[-1].views))

        self._door.call(ask, hear)

    def _note(self, person: Person, key: str, ids: tuple[str, ...]) -> None:
        if key in self.answers:
            if self.answers[key] != ids:
                self._world.complaints.append(f"{key} was answered with other generations")
            return
        self.answers[key] = ids
        for generation_id in ids:
            self._second_thoughts.plan(person.caller, generation_id)


def _request(rng: Random, weights: Sequence[int]) -> GenerationRequest:
    """A shot one of the four providers is asked for."""
    kind = rng.choices((Kind.DRAFT, Kind.MASTER), (7, 3))[0]
    delivered = DeliveryRequest(host=Host.PREMIERE_PRO) if rng.random() < 0.2 else None
    brief = rng.choices(_BRIEFS, weights)[0]
    return GenerationRequest(
        kind=kind,
        brief=brief,
        takes=rng.choices((1, 2, 3), (6, 3, 1))[0],
        direct=_direct(rng) if kind is Kind.DRAFT else Direct(),
        deliver_to=delivered,
        label=rng.choice((None, "Opening")),
        fallback_models=("ray-flash-2",) if brief is _ROUTED else (),
    )


def _direct(rng: Random) -> Direct:
    """Most are made once; some are judged and made again, and a few ask before each spend."""
    return Direct(
        max_iterations=rng.choices((0, 1, 2), (8, 2, 1))[0],
        accept_score=rng.choice((0.3, 0.7, 0.95)),
        pause=rng.random() < 0.05,
    )


_ROUTED: Final = Brief(prompt=_PROMPT, model="ray-3.2", resolution=Resolution.P540)
_RAY: Final = Brief(prompt=_PROMPT, model="ray-3.2", resolution=Resolution.P360)
_BRIEFS: Final = (
    Brief(prompt=_PROMPT, duration_seconds=Fraction(1, 2)),
    _RAY,
    replace(_RAY, duration_seconds=Fraction(15)),  # in two parts
    Brief(prompt=_PROMPT, model="veo-3.1", resolution=Resolution.P720, duration_seconds=Fraction(4)),
    _ROUTED,
)
