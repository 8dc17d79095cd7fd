"""Luma's Agents API: `ray-3.2`, no listing, no cancel, no callbacks; files can be uploaded first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from tests.fakes.answers import Answer, Reply, Request, as_json
from tests.fakes.clock import stamp
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Kind
from tests.fakes.inputs import Clip
from tests.fakes.jobs import Failure, Job, State
from tests.fakes.luma_files import LumaFiles
from tests.fakes.luma_inputs import source_of
from tests.fakes.luma_matrix import RefusedError, check
from tests.fakes.luma_prices import price
from tests.fakes.pictures import Picture, like, picture
from tests.fakes.routes import Call, Route
from tests.fakes.simulator import Simulator

VERSION = "2026-04-01"
_STATES = {
    State.QUEUED: "queued",
    State.RUNNING: "processing",
    State.DONE: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "failed",
}


class LumaAgents(Simulator):
    """`POST /v1/generations`, `GET /v1/generations/{id}`, `/v1/files`."""

    name: ClassVar[str] = "luma"
    default_key: ClassVar[str] = "luma-api-simulated"
    root: ClassVar[str] = "/v1"

    def __init__(self, conduct: Conduct | None = None, *, hdr_access: bool = True) -> None:
        self._hdr_access = hdr_access
        self.files = LumaFiles(self)
        super().__init__(conduct)

    def settings(self) -> dict[str, str]:
        return {"LUMA_API_KEY": self.key, "LUMA_BASE_URL": self.url}

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", "/v1/generations/{id}", Door.POLL, self._read),
            Route("POST", "/v1/generations", Door.SUBMIT, self._create),
            *self.files.routes(),
        )

    def error(self, status: int, words: str, **more: Any) -> Answer:
        return as_json({"detail": more.get("listed") or words}, status=status)

    def dressed(self, answer: Answer, request: Request) -> Answer:
        if not request.path.startswith("/v1/"):
            return answer
        request_id = request.headers.get("x-request-id") or f"req_{self.random.getrandbits(64):016x}"
        return answer.with_headers(X_Request_Id=request_id, X_API_Version=VERSION)

    def failure(self, *, moderated: bool) -> Failure:
        if moderated:
            return Failure("content_moderated", "The output was flagged by content moderation.")
        return Failure("generation_failed", "The generation failed; try again.")

    def _read(self, call: Call) -> Reply:
        job = self.jobs.get(call.found["id"])
        if job is None or job.is_hidden(self.clock.now()):
            return self.error(404, "Generation not found")
        return as_json(self._shown(job, call.request))

    async def _create(self, call: Call) -> Reply:
        try:
            body = call.request.json()
        except ValueError:
            return self.error(422, "The body is not a JSON object.")
        try:
            check(body, hdr_access=self._hdr_access)
            job = self._job(body, await source_of(self, body))
            self._check_account(job.usd)
        except RefusedError as error:
            return self.error(error.status, str(error), listed=error.listed)
        self.accept(call, job)
        limit = self.conduct.requests_per_minute or 60_000
        return as_json(self._shown(job, call.request), status=201, X_RateLimit_Limit=str(limit))

    def _check_account(self, usd: float) -> None:
        if self.conduct.suspended:
            raise RefusedError("The account is suspended.", status=403)
        if self.balance_usd < usd:
            raise RefusedError("The account has no balance left.", status=402)

    def _job(self, body: Mapping[str, Any], source: Clip | None) -> Job:
        kind, video = body["type"], body.get("video") or {}
        asked = 10.0 if video.get("duration") == "10s" else 5.0
        seconds = asked if source is None else source.seconds
        return Job(
            id=self.new_id(),
            model=body["model"],
            operation=kind,
            body=body,
            usd=price(kind, video, seconds),
            accepted_at=self.clock.now(),
            seconds=self.duration(),
            outputs=_outputs(body, video, seconds, source),
        )

    def _shown(self, job: Job, request: Request) -> dict[str, Any]:
        now = self.clock.now()
        state = job.state(now)
        failure = job.failure if state is State.FAILED else None
        return {
            "id": job.id,
            "created_at": stamp(job.accepted_at + self.clock.skew),
            "model": job.model,
            "type": job.operation,
            "state": "warming_up" if job.is_strange(now) else _STATES[state],
            "failure_code": failure.code if failure else None,
            "failure_reason": failure.words if failure else None,
            "output": self._output(job, request) if state is State.DONE else [],
        }

    def _output(self, job: Job, request: Request) -> list[dict[str, Any]]:
        if job.fault is not None and job.fault.kind is Kind.EMPTY_SUCCESS:
            return []
        urls = [self.output_url(job, n, origin=request.origin) for n in range(len(job.outputs))]
        types = ["exr" if each.exr else "video" for each in job.outputs]
        return [{"type": kind, "url": url, "layer": None} for kind, url in zip(types, urls, strict=True)]


def _outputs(
    body: Mapping[str, Any], video: Mapping[str, Any], seconds: float, source: Clip | None
) -> tuple[Picture, ...]:
    """The movie, and with it the frames when they are asked for."""
    resolution, hdr = video.get("resolution", "720p"), bool(video.get("hdr"))
    if source is not None and body["type"] == "video_edit":
        movie = like(source.width, source.height, resolution, seconds, hdr=hdr)
    else:
        movie = picture(resolution, body.get("aspect_ratio") or "16:9", seconds, hdr=hdr)
    return (movie, replace(movie, exr=True, hdr=False)) if video.get("exr_export") else (movie,)
