"""What clients do after they asked: cancel, give up, have delivered, ask for more, throw away."""

from collections.abc import Callable
from functools import partial

from sqlalchemy.exc import OperationalError

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivery import DeliveryRequest, Host
from plugin_backend.domain.errors import BackendError
from plugin_backend.domain.lifecycle import GENERATION, TakeState
from plugin_backend.services import deliveries, endings, generations
from plugin_backend.services.house import House
from tests.simulation.processes import Crashed, Process
from tests.simulation.weather import Weather
from tests.simulation.world import World

_LOOK_AGAIN = 20.0


class WebDoor:
    """The web process as clients meet it: it may die before or after it did what it was asked."""

    def __init__(self, house: House, process: Process) -> None:
        self.house = house
        self._process = process

    def call(self, act: Callable[[], object]) -> tuple[bool, bool]:
        """Do one request: (it was refused, its answer arrived)."""
        try:
            act()
        except BackendError:
            return True, True
        except Crashed:
            self._process.is_dead = False
            return False, False
        except OperationalError:
            return False, False
        return False, True


class SecondThoughts:
    """The fate of each accepted generation, drawn when it is accepted; most are left alone."""

    def __init__(self, door: WebDoor, *, world: World, weather: Weather) -> None:
        self._door = door
        self._house = door.house
        self._world = world
        self._weather = weather
        self._rng = weather.rng
        self.open = 0

    def plan(self, caller: Caller, generation_id: str) -> None:
        """Decide what becomes of one."""
        house = self._house
        fates: list[tuple[float, float, Callable[[], object]]] = [
            (0.20, 60, self._asking(lambda: endings.cancel(house, caller, generation_id))),
            (0.06, 60, self._asking(lambda: self._give_up(caller, generation_id))),
            (0.05, 150, self._asking(lambda: endings.retry(house, caller, generation_id))),
            (0.10, 200, lambda: self._delete(caller, generation_id)),
            (0.50, 30, lambda: self._deliver(caller, generation_id)),
        ]
        self._draw(fates)

    def _plan_delivery(self, caller: Caller, delivery_id: str) -> None:
        house = self._house
        fates: list[tuple[float, float, Callable[[], object]]] = [
            (0.5, 15, self._asking(lambda: deliveries.cancel(house, caller, delivery_id))),
            (0.2, 90, self._asking(lambda: deliveries.request_archive(house, caller, delivery_id))),
            (0.2, 90, self._asking(lambda: deliveries.applied(house, caller, delivery_id))),
            (0.1, 90, self._asking(lambda: deliveries.retry(house, caller, delivery_id))),
        ]
        self._draw(fates)

    def _draw(self, fates: list[tuple[float, float, Callable[[], object]]]) -> None:
        for odds, latest, act in fates:
            if self._rng.random() < odds:
                self._later(self._rng.uniform(0, latest), act)

    def _later(self, seconds: float, act: Callable[[], object]) -> None:
        def think() -> None:
            self.open -= 1
            act()

        self.open += 1
        self._world.after(seconds, think)

    def _asking(self, act: Callable[[], object]) -> Callable[[], object]:
        return partial(self._door.call, act)

    def _give_up(self, caller: Caller, generation_id: str) -> None:
        endings.fail_as_admin(self._house, caller, generation_id, reason="Given up.")

    def _delete(self, caller: Caller, generation_id: str) -> None:
        """Only what has ended can go; whoever is early comes back."""
        if self._ended(caller, generation_id, or_else=self._delete) is not None:
            self._door.call(lambda: endings.delete(self._house, caller, generation_id))

    def _deliver(self, caller: Caller, generation_id: str) -> None:
        """Every stored take of what has ended goes to a host, and so does what was asked for with it."""
        view = self._ended(caller, generation_id, or_else=self._deliver)
        if view is None:
            return
        found = [each.id for each in view.deliveries]
        wanted = DeliveryRequest(host=self._rng.choice((Host.PREMIERE_PRO, Host.RESOLVE)))

        def deliver(take_id: str) -> None:
            made, _ = deliveries.request(self._house, caller, take_id, wanted)
            found.append(made.delivery.id)

        for take in view.takes:
            if take.state is TakeState.STORED:
                self._door.call(partial(deliver, take.id))
        for delivery_id in found:
            self._plan_delivery(caller, delivery_id)

    def _ended(
        self, caller: Caller, generation_id: str, *, or_else: Callable[[Caller, str], None]
    ) -> GenerationView | None:
        """The generation when it has ended; else None, and another try later."""
        found: list[GenerationView] = []
        self._door.call(lambda: found.append(generations.get(self._house, caller, generation_id)))
        if found and found[0].generation.state in GENERATION.terminal:
            return found[0]
        if found or not self._weather.calm:  # in good weather an answer that does not come is a refusal
            self._later(_LOOK_AGAIN, lambda: or_else(caller, generation_id))
        return None
