"""What clients do after they asked: cancel, give up, have delivered, ask for more, throw away."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from sqlalchemy import Engine, TextClause, text

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.delivery import DeliveryRequest, Host
from plugin_backend.domain.direction.orders import Order, Verb
from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.lifecycle import GENERATION, TakeState
from plugin_backend.services import deliveries, endings, generations
from plugin_backend.services.director import steering
from plugin_backend.services.house import House
from tests.simulation.weather import Weather
from tests.simulation.web import Answer, WebDoor
from tests.simulation.world import World

_LOOK_AGAIN: Final = 20.0
_GIVES_UP: Final = 0.3

_OF_CHUNK = """
    SELECT coalesce(c.delivery_id, t.generation_id) AS id, c.owner_id
    FROM chunks c LEFT JOIN renders r ON r.id = c.render_id LEFT JOIN takes t ON t.id = r.subject_id
    WHERE c.id = :id
"""
_WHOSE: Final[Mapping[str, TextClause]] = {
    Prefix.GENERATION: text("SELECT id, owner_id FROM generations WHERE id = :id"),
    Prefix.TAKE: text("SELECT generation_id AS id, owner_id FROM takes WHERE id = :id"),
    Prefix.CHUNK: text(_OF_CHUNK),
    Prefix.DELIVERY: text("SELECT id, owner_id FROM deliveries WHERE id = :id"),
}
"""What somebody would cancel to stop a step, and who."""


class SecondThoughts:
    """The fate of each accepted generation, drawn when it is accepted; most are left alone."""

    def __init__(self, door: WebDoor, *, world: World, weather: Weather, engine: Engine) -> None:
        self._door = door
        self._engine = engine
        self._world = world
        self._weather = weather
        self._rng = weather.rng
        self.open = 0
        self._callers: dict[str, Caller] = {}
        world.when_one_stands_still = self._meanwhile

    def plan(self, caller: Caller, generation_id: str) -> None:
        """Decide what becomes of one."""
        self._callers[caller.user_id] = caller
        self._draw(
            (0.20, 60, self._asking(lambda house: endings.cancel(house, caller, generation_id))),
            (0.06, 60, self._asking(lambda house: _give_up(house, caller, generation_id))),
            (0.05, 150, self._asking(lambda house: endings.retry(house, caller, generation_id))),
            (0.06, 60, self._telling(caller, generation_id, Order(verb=Verb.STEER, note="slower"))),
            (0.06, 60, self._telling(caller, generation_id, Order(verb=Verb.ACCEPT))),
            (1.00, 400, self._telling(caller, generation_id, Order(verb=Verb.STOP))),
            (0.10, 200, lambda: self._delete(caller, generation_id)),
            (self._weather.forecast.delivered, 30, lambda: self._deliver(caller, generation_id)),
        )

    def _plan_delivery(self, caller: Caller, delivery_id: str) -> None:
        self._draw(
            (0.5, 15, self._asking(lambda house: deliveries.cancel(house, caller, delivery_id))),
            (0.2, 90, self._asking(lambda house: deliveries.request_archive(house, caller, delivery_id))),
            (0.2, 90, self._asking(lambda house: deliveries.applied(house, caller, delivery_id))),
            (0.1, 90, self._asking(lambda house: deliveries.retry(house, caller, delivery_id))),
        )

    def _telling(self, caller: Caller, generation_id: str, order: Order) -> Callable[[], object]:
        return self._asking(lambda house: steering.tell(house, caller, generation_id, order))

    def _meanwhile(self, subject_id: str, seconds: float) -> None:
        """A step of it stands still: people do not wait for a better moment."""
        kind = subject_id.partition("_")[0]
        if kind not in _WHOSE or not self._weather.happens("acts-meanwhile"):
            return
        with self._engine.connect() as connection:
            row = connection.execute(_WHOSE[kind], {"id": subject_id}).one_or_none()
        caller = None if row is None else self._callers.get(row.owner_id)
        if row is None or caller is None:
            return
        if prefix_of(row.id) is Prefix.DELIVERY:
            act = self._asking(lambda house: deliveries.cancel(house, caller, row.id))
        elif self._rng.random() < _GIVES_UP:
            act = self._asking(lambda house: _give_up(house, caller, row.id))
        else:
            act = self._asking(lambda house: endings.cancel(house, caller, row.id))
        self._later(self._rng.uniform(0, seconds), act)

    def _draw(self, *fates: tuple[float, float, Callable[[], object]]) -> None:
        for odds, latest, act in fates:
            if self._rng.random() < odds:
                self._later(self._rng.uniform(0, latest), act)

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        def think() -> None:
            self.open -= 1
            act()

        self.open += 1
        self._world.after(seconds, think)

    def _asking(self, act: Callable[[House], object]) -> Callable[[], object]:
        return partial(self._door.call, act)

    def _delete(self, caller: Caller, generation_id: str) -> None:
        """Only what has ended can go; whoever is early comes back."""
        delete = self._asking(lambda house: endings.delete(house, caller, generation_id))
        self._when_ended(caller, generation_id, lambda _view: delete())

    def _deliver(self, caller: Caller, generation_id: str) -> None:
        """Every stored take of what has ended goes to a host, and so does what was asked for with it."""
        self._when_ended(caller, generation_id, lambda view: self._deliver_all(caller, view))

    def _deliver_all(self, caller: Caller, view: GenerationView) -> None:
        for each in view.deliveries:
            self._plan_delivery(caller, each.id)
        wanted = DeliveryRequest(host=self._rng.choice((Host.PREMIERE_PRO, Host.RESOLVE)))
        for take in view.takes:
            if take.state is TakeState.STORED:
                self._deliver_take(caller, take.id, wanted)

    def _deliver_take(self, caller: Caller, take_id: str, wanted: DeliveryRequest) -> None:
        made: list[str] = []

        def ask(house: House) -> None:
            view, _ = deliveries.request(house, caller, take_id, wanted)
            made.append(view.delivery.id)

        def plan(_answer: Answer) -> None:
            for delivery_id in made:
                self._plan_delivery(caller, delivery_id)

        self._door.call(ask, plan)

    def _when_ended(
        self, caller: Caller, generation_id: str, act: Callable[[GenerationView], object]
    ) -> None:
        """Do something with a generation that has ended; else look again later."""
        found: list[GenerationView] = []

        def look(house: House) -> None:
            found.append(generations.get(house, caller, generation_id))

        def judge(_answer: Answer) -> None:
            if found and found[0].generation.state in GENERATION.terminal:
                act(found[0])
            elif found or not self._weather.calm:  # in good weather no answer is a refusal
                self._later(_LOOK_AGAIN, lambda: self._when_ended(caller, generation_id, act))

        self._door.call(look, judge)


def _give_up(house: House, caller: Caller, generation_id: str) -> None:
    endings.fail_as_admin(house, caller, generation_id, reason="Given up.")
