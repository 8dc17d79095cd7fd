"""CometAPI's Luma route: the older API's paths with bodies of its own, behind a gateway's errors."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tests.fakes import inputs
from tests.fakes.answers import Answer, Reply, as_json
from tests.fakes.callbacks import Letter, Manner
from tests.fakes.clock import stamp
from tests.fakes.faults import Door, Kind
from tests.fakes.inputs import InputError
from tests.fakes.jobs import Failure, Job, State
from tests.fakes.pictures import picture
from tests.fakes.routes import Call, Route
from tests.fakes.simulator import Simulator

_GENERATIONS = "/dream-machine/v1/generations"
_FIELDS = {"prompt", "loop", "aspect_ratio", "keyframes", "callback_url"}
_RATIOS = ("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21")
_MOST_INPUT = 200 << 20
_USD = 0.40  # nobody has published a price; any shows a job that is billed twice
_STATES = {
    State.QUEUED: "pending",  # gateways have states of their own
    State.RUNNING: "processing",
    State.DONE: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "failed",
}


class CometApi(Simulator):
    """`POST` and `GET /dream-machine/v1/generations`: no model, no duration, no resolution to choose."""

    name: ClassVar[str] = "comet"
    default_key: ClassVar[str] = "sk-simulated"
    manner: ClassVar[Manner] = Manner(tries=4, pause_seconds=0.1)

    def settings(self) -> dict[str, str]:
        return {"COMET_API_KEY": self.key, "COMET_BASE_URL": self.url}

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", f"{_GENERATIONS}/{{id}}", Door.POLL, self._read),
            Route("POST", _GENERATIONS, Door.SUBMIT, self._create),
            Route("DELETE", f"{_GENERATIONS}/{{id}}", Door.CANCEL, self._delete),
        )

    def error(self, status: int, words: str, **more: Any) -> Answer:
        del more
        request_id = f"{self.random.getrandbits(64):020d}"
        error = {"message": f"{words} (request id: {request_id})", "type": "comet_api_error"}
        return as_json({"error": {**error, "param": "", "code": str(status)}}, status=status)

    def failure(self, *, moderated: bool) -> Failure:
        return Failure("failed", "Advanced moderation failed" if moderated else "Generation failed")

    def letter(self, job: Job, *, forged: bool) -> Letter:
        shown = self._shown(job, origin=self.origin)
        if forged:
            video = {"url": "http://127.0.0.1:9/forged.mp4", "download_url": None, "width": 1, "height": 1}
            shown |= {"state": "completed", "video": video}
        headers = {"Content-Type": "application/json"}
        return Letter(job.callback_url or "", json.dumps(shown).encode(), headers)

    async def _create(self, call: Call) -> Reply:
        try:
            body = call.request.json()
        except ValueError:
            return self.error(400, "invalid request body")
        if (wrong := _wrong(body)) is not None:
            return self.error(400, wrong)
        if self.conduct.suspended or self.balance_usd < _USD:
            return self.error(403, "insufficient user quota")
        job = self._job(body)
        job.failure = await self._unhad_input(body)
        self.accept(call, job)
        return as_json(self._shown(job, origin=call.request.origin))

    def _job(self, body: Mapping[str, Any]) -> Job:
        return Job(
            id=self.new_id(),
            model="luma",
            operation="video",
            body=body,
            usd=_USD,
            accepted_at=self.clock.now(),
            seconds=self.duration(),
            outputs=(picture("720p", body.get("aspect_ratio", "16:9"), 5.0),),
            callback_url=body.get("callback_url"),
        )

    async def _unhad_input(self, body: Mapping[str, Any]) -> Failure | None:
        if not self.conduct.fetches_inputs:
            return None
        for frame in (body.get("keyframes") or {}).values():
            try:
                if frame.get("type") == "image":
                    await inputs.fetched(str(frame["url"]), most=_MOST_INPUT)
            except InputError:
                return Failure("failed", "400: failed to moderate image")
        return None

    def _read(self, call: Call) -> Reply:
        job = self.jobs.get(call.found["id"])
        if job is None or job.is_hidden(self.clock.now()):
            return self.error(404, "task not found")
        return as_json(self._shown(job, origin=call.request.origin))

    def _delete(self, call: Call) -> Reply:
        """Forgets it; nothing says that it stops."""
        job = self.jobs.get(call.found["id"])
        if job is None:
            return self.error(404, "task not found")
        job.deleted = True
        return as_json({"message": "deleted"})

    def _shown(self, job: Job, *, origin: str) -> dict[str, Any]:
        now = self.clock.now()
        state = job.state(now)
        failure = job.failure if state is State.FAILED else None
        return {
            "id": job.id,
            "state": "simmering" if job.is_strange(now) else _STATES[state],
            "failure_reason": failure.words if failure else None,
            "liked": None,
            "prompt": job.body.get("prompt"),
            "video": self._video(job, origin=origin) if state is State.DONE else None,
            "video_raw": None,
            "thumbnail": None,
            "last_frame": None,
            "created_at": stamp(job.accepted_at + self.clock.skew),
        }

    def _video(self, job: Job, *, origin: str) -> dict[str, Any] | None:
        if job.fault is not None and job.fault.kind is Kind.EMPTY_SUCCESS:
            return None
        url, made = self.output_url(job, 0, origin=origin), job.outputs[0]
        return {"url": url, "width": made.width, "height": made.height, "download_url": url}


def _wrong(body: Mapping[str, Any]) -> str | None:
    if not body.get("prompt"):
        return "prompt is required"
    if unknown := sorted(body.keys() - _FIELDS):
        return f"unknown field: {unknown[0]}"
    if body.get("aspect_ratio", "16:9") not in _RATIOS:
        return "invalid aspect_ratio"
    frames = body.get("keyframes") or {}
    if frames.keys() - {"frame0", "frame1"}:
        return "invalid keyframes"
    return None
