"""A path of an upstream and what it does."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.fakes.answers import Reply, Request
from tests.fakes.faults import Door, Fault


@dataclass(frozen=True, slots=True)
class Call:
    """A request on its way through a route."""

    request: Request
    found: Mapping[str, str]
    """The variable parts of its path."""
    fault: Fault | None = None


Handler = Callable[[Call], Reply | Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path (`{name}` takes one segment) with what it does."""

    method: str
    path: str
    door: Door
    handler: Handler
    open: bool = False
    """Whether it needs no key."""

    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))
