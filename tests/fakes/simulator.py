"""What all five upstreams have in common: routes, keys, limits, faults, jobs, files, books."""

import asyncio
import math
import random
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.fakes import control, downloads
from tests.fakes.answers import Answer, Raw, Reply, Request
from tests.fakes.callbacks import Callbacks, Letter, Manner
from tests.fakes.clock import Clock
from tests.fakes.conduct import Conduct
from tests.fakes.downloads import Links, served
from tests.fakes.faults import Door, Faults, Kind
from tests.fakes.flaws import flaws_of
from tests.fakes.jobs import Books, Failure, Job, Jobs
from tests.fakes.limits import RateWindow
from tests.fakes.misbehaving import ON_THE_WIRE, misbehave
from tests.fakes.pictures import Pictures
from tests.fakes.routes import Call, Route
from tests.fakes.serving import InThread, Server
from tests.fakes.tokens import marks_of, token_in

_KEPT_BODY = 1 << 20


class Simulator(ABC):
    """One upstream on a port of this machine; use it as a block, or `start` it on a loop of your own."""

    name: ClassVar[str]
    """The catalogue's name of the provider."""
    default_key: ClassVar[str]
    manner: ClassVar[Manner] = Manner(tries=1, pause_seconds=0.1)
    usual_per_minute: ClassVar[int | None] = None
    """Submissions in a minute where nobody says otherwise."""
    root: ClassVar[str] = ""
    """What a client's base address ends in."""

    def __init__(self, conduct: Conduct | None = None) -> None:
        self.conduct = conduct or Conduct()
        self.key = self.conduct.key or self.default_key
        self.clock = Clock(speed=self.conduct.speed)
        self.faults = Faults(seed=self.conduct.seed)
        self.jobs = Jobs()
        self.links = Links(self.clock, self.conduct.url_seconds)
        self.pictures = Pictures(scale=self.conduct.picture_scale)
        self.requests: deque[Request] = deque(maxlen=1000)
        """The latest, without bodies over a megabyte."""
        self.seen: Counter[Door] = Counter()
        """How many requests came to each door."""
        self.random = random.Random(self.conduct.seed)
        self.callbacks = Callbacks(
            clock=self.clock, faults=self.faults, manner=self.manner, write=self.letter
        )
        self._luck = random.Random(self.conduct.seed)
        self._rate = RateWindow.of(self.conduct.requests_per_minute or self.usual_per_minute)
        self._server = Server(self.handle, skew=lambda: self.clock.skew, port=self.conduct.port)
        self._routes = [(route, route.pattern()) for route in self.routes()]
        self._thread: InThread | None = None

    # What each upstream says for itself.

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Its paths."""

    @abstractmethod
    def error(self, status: int, words: str, **more: Any) -> Answer:
        """A refusal in its own shape."""

    def letter(self, job: Job, *, forged: bool) -> Letter:
        """What it posts to a callback; `forged`: what a stranger would."""
        raise AssertionError(f"{self.name} calls nobody back ({job.id}, {forged}).")

    @abstractmethod
    def settings(self) -> dict[str, str]:
        """The variables that lead a service to this simulator."""

    # Life.

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base address as settings name it."""
        return self.origin + self.root

    def __enter__(self) -> Self:
        self._thread = InThread(self.start, self.stop)
        self._thread.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._thread.__exit__(kind, error, trace)

    async def start(self) -> None:
        """Listen, on the event loop of the caller."""
        await self._server.listen()

    async def stop(self) -> None:
        """Listen no more, and drop what goes on."""
        await self.callbacks.close()
        await self._server.leave()
        self.pictures.close()

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Refuse connections for the length of the block."""
        loop = self._server.loop
        assert loop is not None
        asyncio.run_coroutine_threadsafe(self._server.leave(), loop).result()
        try:
            yield
        finally:
            asyncio.run_coroutine_threadsafe(self._server.listen(), loop).result()

    async def outage(self, seconds: float) -> None:
        """Refuse connections for so long, in real time."""
        await self._server.outage(seconds)

    @property
    def balance_usd(self) -> float:
        """What the account can still pay."""
        given = self.conduct.balance_usd
        return float("inf") if given is None else given - self.books().billed_usd

    def books(self) -> Books:
        """What it accepted and would bill."""
        return Books.of(self.jobs, now=self.clock.now(), bills_failures=self.conduct.bills_failures)

    # A request's way.

    def handle(self, request: Request) -> Reply | Awaitable[Reply]:
        """Answer a request, or do what a fault says."""
        if request.path.startswith(control.PREFIX):
            return control.answer(self, request)
        found = self._find(request)
        if isinstance(found, Answer):
            return self.dressed(found, request)
        return found if isinstance(found, Raw) else self._dressed_later(found, request)

    def dressed(self, answer: Answer, request: Request) -> Answer:
        """An answer with the headers that all of its answers have."""
        del request
        return answer

    async def _dressed_later(self, found: Awaitable[Reply], request: Request) -> Reply:
        reply = await found
        return self.dressed(reply, request) if isinstance(reply, Answer) else reply

    def _find(self, request: Request) -> Reply | Awaitable[Reply]:
        path = request.path
        self.requests.append(request if len(request.body) < _KEPT_BODY else replace(request, body=b""))
        if path.startswith(downloads.PREFIX):
            return self._through(Route("GET", path, Door.DOWNLOAD, self._download, open=True), request, {})
        known = False
        for route, pattern in self._routes:
            if (match := pattern.fullmatch(path)) is not None:
                if route.method == request.method:
                    return self._through(route, request, match.groupdict())
                known = True
        if (refused := self.unauthorised(request)) is not None:
            return refused
        return self.error(405, "Method Not Allowed") if known else self.error(404, "Not Found")

    def _through(self, route: Route, request: Request, found: Mapping[str, str]) -> Reply | Awaitable[Reply]:
        self.seen[route.door] += 1
        fault = self.faults.strike(route.door)
        call = Call(request, found, fault)
        if fault is None or fault.kind not in ON_THE_WIRE:
            return self._do(route, call)

        async def right() -> Reply:
            done = self._do(route, replace(call, fault=None))
            return done if isinstance(done, Answer | Raw) else await done

        return misbehave(fault, door=route.door, right=right, error=self.error)

    def _do(self, route: Route, call: Call) -> Reply | Awaitable[Reply]:
        if not route.open and (refused := self.unauthorised(call.request)) is not None:
            return refused
        if route.door is Door.SUBMIT and (refused := self._over_limit()) is not None:
            return refused
        return route.handler(call)

    def unauthorised(self, request: Request) -> Answer | None:
        """The refusal of a missing or wrong key."""
        if request.headers.get("authorization") == f"Bearer {self.key}":
            return None
        return self.error(401, "Invalid API key")

    def _over_limit(self) -> Answer | None:
        now = self.clock.now()
        if (shut := self._rate.admit(now)) is not None:
            return self.too_many("Rate limit exceeded", shut)
        most = self.conduct.concurrency
        if most is not None and self.jobs.going_on(now) >= most:
            return self.too_many("Too many concurrent jobs", 5.0)
        return None

    def too_many(self, words: str, seconds: float) -> Answer:
        """429, saying when to come back."""
        real = max(1, math.ceil(self.clock.real(seconds)))
        return self.error(429, words).with_headers(Retry_After=str(real))

    async def _download(self, call: Call) -> Reply:
        request = call.request
        if (refused := self.links.refusal(request)) is not None:
            return refused
        job_id, _, file = request.path.removeprefix(downloads.PREFIX).partition("/")
        job = self.jobs.get(job_id)
        number = int(file.split(".")[0])
        if job is None or number >= len(job.outputs) or request.method not in ("GET", "HEAD"):
            return downloads.forbidden("NoSuchKey", "The specified key does not exist.")
        picture = job.outputs[number]
        return served(request, await self.pictures.path(picture), media_type=picture.media_type)

    # Accepting.

    def accept(self, call: Call, job: Job) -> Job:
        """Take a job on, with what a fault makes of it."""
        fault = call.fault
        job.fault = fault
        job.marks = marks_of(call.request, job.body)
        job.token = token_in(job.marks)
        if fault is not None and fault.kind in (Kind.MODERATED, Kind.FAILED):
            job.failure = self.failure(moderated=fault.kind is Kind.MODERATED)
        if self.conduct.draws_prompts:
            self._draw_what_was_asked(job)
        self._take_on(job)
        if fault is not None and fault.kind is Kind.DUPLICATE:
            self._take_on(replace(job, id=self.new_id(), facts=dict(job.facts)))
        return job

    def _draw_what_was_asked(self, job: Job) -> None:
        """Films of the job's own words, some of them flawed; its books say which."""
        prompt, luck = str(job.body.get("prompt") or ""), self._luck
        flaw = luck.choice(flaws_of(prompt)).value if luck.random() < self.conduct.disobeys else ""
        seed = luck.randrange(1 << 31)
        job.outputs = tuple(replace(each, prompt=prompt, seed=seed, flaw=flaw) for each in job.outputs)
        job.facts["flaw"] = flaw

    @abstractmethod
    def failure(self, *, moderated: bool) -> Failure:
        """How its jobs fail."""

    def new_id(self) -> str:
        """A job's id."""
        raw = self.random.getrandbits(128).to_bytes(16, "big").hex()
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"

    def duration(self) -> float:
        """How long the next job takes."""
        seconds = self.conduct.seconds
        return seconds if isinstance(seconds, int | float) else self.random.uniform(*seconds)

    def _take_on(self, job: Job) -> None:
        self.jobs.add(job)
        for picture in job.outputs:
            self.pictures.begin(picture)
        if job.callback_url:
            for when in self.tells_at(job):
                self.callbacks.at(when, job)

    def tells_at(self, job: Job) -> Sequence[float]:
        """When its callbacks are due."""
        return (job.ends_at,)

    def output_url(self, job: Job, number: int, *, origin: str) -> str:
        """A fresh address of one of a job's files."""
        if job.fault is not None and job.fault.kind is Kind.FOREIGN_OUTPUT:
            return job.fault.location
        path = f"{downloads.PREFIX}{job.id}/{number}{job.outputs[number].suffix}"
        return origin + self.links.sign(path)
