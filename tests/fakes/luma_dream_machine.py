"""Luma's older Dream Machine API: `ray-2` and `ray-flash-2`, listed, called back, never cancelled."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from tests.fakes import inputs
from tests.fakes.answers import Answer, Reply, as_json
from tests.fakes.callbacks import Letter, Manner
from tests.fakes.clock import stamp
from tests.fakes.dream_machine_requests import (
    CONCEPTS,
    RefusedError,
    addresses,
    check_audio,
    check_modify,
    check_reframe,
    check_upscale,
    check_video,
    generations_named,
)
from tests.fakes.faults import Door, Kind
from tests.fakes.inputs import Clip, InputError
from tests.fakes.jobs import Failure, Job, State
from tests.fakes.pictures import Picture, like, picture
from tests.fakes.routes import Call, Route
from tests.fakes.simulator import Simulator

_MOST_INPUT = 200 << 20
_STATES = {
    State.QUEUED: "queued",
    State.RUNNING: "dreaming",
    State.DONE: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "failed",
}
_USD = {  # 5 s and 9 s
    "ray-2": {"540p": (0.40, 0.72), "720p": (0.71, 1.27), "1080p": (1.59, 2.87), "4k": (6.37, 11.47)},
    "ray-flash-2": {"540p": (0.14, 0.26), "720p": (0.24, 0.43), "1080p": (0.56, 1.00), "4k": (2.19, 3.94)},
}
_AUDIO_USD = 0.10  # nobody has published a price
_ROOT = "/dream-machine/v1"


class LumaDreamMachine(Simulator):
    """`/dream-machine/v1/generations` and what hangs below it."""

    name: ClassVar[str] = "luma-dream-machine"
    default_key: ClassVar[str] = "luma-simulated"
    root: ClassVar[str] = _ROOT
    manner: ClassVar[Manner] = Manner(tries=4, pause_seconds=0.1, timeout_seconds=5.0)

    def settings(self) -> dict[str, str]:
        return {"LUMA_DREAM_MACHINE_API_KEY": self.key, "LUMA_DREAM_MACHINE_BASE_URL": self.url}

    def routes(self) -> Sequence[Route]:
        generations = f"{_ROOT}/generations"
        return (
            Route("GET", f"{generations}/{{id}}", Door.POLL, self._read),
            Route("POST", generations, Door.SUBMIT, self._create_video),
            Route("POST", f"{generations}/video", Door.SUBMIT, self._create_video),
            Route("POST", f"{generations}/video/modify", Door.SUBMIT, self._modify),
            Route("POST", f"{generations}/video/reframe", Door.SUBMIT, self._reframe),
            Route("POST", f"{generations}/{{id}}/upscale", Door.SUBMIT, self._upscale),
            Route("POST", f"{generations}/{{id}}/audio", Door.SUBMIT, self._add_audio),
            Route("GET", generations, Door.LIST, self._list),
            Route("DELETE", f"{generations}/{{id}}", Door.CANCEL, self._delete),
            Route("GET", f"{generations}/concepts/list", Door.OTHER, self._concepts),
            Route("GET", f"{_ROOT}/credits", Door.OTHER, self._credits),
            Route("GET", f"{_ROOT}/ping", Door.OTHER, self._ping, open=True),
        )

    def error(self, status: int, words: str, **more: Any) -> Answer:
        return as_json({"detail": more.get("listed") or words}, status=status)

    def failure(self, *, moderated: bool) -> Failure:
        return Failure("failed", "Advanced moderation failed" if moderated else "Generation failed")

    def tells_at(self, job: Job) -> Sequence[float]:
        return (job.accepted_at + job.seconds / 10, job.ends_at)

    def letter(self, job: Job, *, forged: bool) -> Letter:
        shown = self._shown(job, origin=self.origin)
        if forged:
            shown |= {"state": "completed", "assets": {"video": "http://127.0.0.1:9/forged.mp4"}}
        return Letter(
            job.callback_url or "", json.dumps(shown).encode(), {"Content-Type": "application/json"}
        )

    # Creating.

    async def _create_video(self, call: Call) -> Reply:
        return await self._create(call, check_video, self._video)

    async def _modify(self, call: Call) -> Reply:
        return await self._create(call, check_modify, self._from_media)

    async def _reframe(self, call: Call) -> Reply:
        return await self._create(call, check_reframe, self._from_media)

    async def _upscale(self, call: Call) -> Reply:
        return await self._create(call, check_upscale, self._upscaled)

    async def _add_audio(self, call: Call) -> Reply:
        return await self._create(call, check_audio, self._sounding)

    async def _create(self, call: Call, check: Any, make: Any) -> Reply:
        try:
            body = call.request.json()
        except ValueError:
            return self.error(422, "The body is not a JSON object.")
        try:
            check(body)
            job: Job = make(call, body)
            self._check_account(job.usd)
        except RefusedError as error:
            return self.error(error.status, str(error), listed=error.listed)
        job.callback_url = body.get("callback_url")
        job.failure = await self._unhad_input(job, body)
        self.accept(call, job)
        return as_json(self._shown(job, origin=call.request.origin), status=201)

    def _check_account(self, usd: float) -> None:
        if self.conduct.suspended:
            raise RefusedError("The account is suspended.", status=403)
        if self.balance_usd < usd:
            raise RefusedError("Insufficient credits", status=402)

    async def _unhad_input(self, job: Job, body: Mapping[str, Any]) -> Failure | None:
        """An address it cannot read is found out only later, and worded as moderation."""
        if not self.conduct.fetches_inputs:
            return None
        source = (body.get("media") or {}).get("url")
        try:
            for url in addresses(body):
                data = await inputs.fetched(url, most=_MOST_INPUT)
                if url == source:
                    job.outputs = (_after(inputs.clip_of(data), body),)
        except InputError:
            return Failure("failed", "400: failed to moderate image")
        return None

    def _video(self, call: Call, body: Mapping[str, Any]) -> Job:
        del call
        for job_id in generations_named(body):
            self._completed(job_id)
        seconds = float(body.get("duration", "5s").removesuffix("s"))
        resolution = body.get("resolution", "720p")
        made = picture(resolution, body.get("aspect_ratio", "16:9"), seconds)
        return self._job("video", body, made, usd=_usd(body["model"], resolution, seconds))

    def _from_media(self, call: Call, body: Mapping[str, Any]) -> Job:
        """Modify and reframe: their prices are not published; a new 720p clip's stands for them.

        The shape of the result is known once the source was fetched.
        """
        del call
        made = picture("720p", body.get("aspect_ratio", "16:9"), 5.0)
        return self._job(body["generation_type"], body, made, usd=_usd(body["model"], "720p", 5.0))

    def _upscaled(self, call: Call, body: Mapping[str, Any]) -> Job:
        source = self._completed(call.found["id"])
        before = source.outputs[0]
        after = like(before.width, before.height, body.get("resolution", "1080p"), before.seconds)
        if after.height <= before.height:
            raise RefusedError("The resolution must be higher than the generation's own.", status=400)
        made = replace(after, audio=before.audio)
        usd = _usd(source.model, body.get("resolution", "1080p"), before.seconds)
        return self._job("upscale_video", {**body, "model": source.model}, made, usd=usd)

    def _sounding(self, call: Call, body: Mapping[str, Any]) -> Job:
        source = self._completed(call.found["id"])
        made = replace(source.outputs[0], audio=True)
        return self._job("add_audio", {**body, "model": source.model}, made, usd=_AUDIO_USD)

    def _completed(self, job_id: str) -> Job:
        job = self.jobs.get(job_id)
        if job is None:
            raise RefusedError("Generation not found", status=404)
        if job.state(self.clock.now()) is not State.DONE:
            raise RefusedError("Generation is not completed", status=400)
        return job

    def _job(self, operation: str, body: Mapping[str, Any], made: Picture, *, usd: float) -> Job:
        return Job(
            id=self.new_id(),
            model=body["model"],
            operation=operation,
            body=body,
            usd=usd,
            accepted_at=self.clock.now(),
            seconds=self.duration(),
            outputs=(made,),
        )

    # Reading.

    def _read(self, call: Call) -> Reply:
        job = self.jobs.get(call.found["id"])
        if job is None or job.is_hidden(self.clock.now()):
            return self.error(404, "Generation not found")
        return as_json(self._shown(job, origin=call.request.origin))

    def _list(self, call: Call) -> Reply:
        query = call.request.query
        limit, offset = query.get("limit", "100"), query.get("offset", "0")
        if not (limit.isdigit() and offset.isdigit() and 1 <= int(limit) <= 100):
            return self.error(400, "limit is 1 to 100, offset from 0")
        now, start = self.clock.now(), int(offset)
        jobs = [job for job in self.jobs.newest_first() if not job.is_hidden(now)]
        page = jobs[start : start + int(limit)]
        content = {
            "generations": [self._shown(job, origin=call.request.origin) for job in page],
            "has_more": start + len(page) < len(jobs),
            "count": len(page),
            "limit": int(limit),
            "offset": start,
        }
        return as_json(content)

    def _delete(self, call: Call) -> Reply:
        job = self.jobs.get(call.found["id"])
        if job is None:
            return self.error(404, "Generation not found")
        job.deleted = True
        return Answer(204)

    def _concepts(self, call: Call) -> Reply:
        del call
        return as_json(list(CONCEPTS))

    def _credits(self, call: Call) -> Reply:
        del call
        balance = self.balance_usd
        return as_json({"credit_balance": 1_000_000.0 if balance == float("inf") else balance * 100})

    def _ping(self, call: Call) -> Reply:
        del call
        return as_json({"message": "pong"})

    def _shown(self, job: Job, *, origin: str) -> dict[str, Any]:
        now = self.clock.now()
        state = job.state(now)
        return {
            "id": job.id,
            "generation_type": "video",
            "state": "simmering" if job.is_strange(now) else _STATES[state],
            "failure_reason": job.failure.words if job.failure and state is State.FAILED else None,
            "created_at": stamp(job.accepted_at + self.clock.skew),
            "assets": self._assets(job, origin=origin) if state is State.DONE else None,
            "model": job.model,
            "request": {"generation_type": job.operation, **job.body},
        }

    def _assets(self, job: Job, *, origin: str) -> dict[str, Any]:
        is_empty = job.fault is not None and job.fault.kind is Kind.EMPTY_SUCCESS
        video = None if is_empty else self.output_url(job, 0, origin=origin)
        return {"video": video, "image": None, "progress_video": None}


def _after(source: Clip, body: Mapping[str, Any]) -> Picture:
    """As long as its source; of its shape too, unless it is reframed."""
    if "aspect_ratio" in body:
        return picture("720p", body["aspect_ratio"], source.seconds)
    return like(source.width, source.height, "720p", source.seconds)


def _usd(model: str, resolution: str, seconds: float) -> float:
    five, nine = _USD[model][resolution]
    return nine if seconds > 5 else five
