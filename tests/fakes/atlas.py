"""Atlas Cloud: one route for many models, three error shapes, signed webhooks, no cancel and no listing."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tests.fakes import inputs
from tests.fakes.answers import Answer, Reply, Request, as_json
from tests.fakes.atlas_models import MODELS, AtlasModel, FieldError
from tests.fakes.callbacks import Letter, Manner
from tests.fakes.conduct import Conduct
from tests.fakes.ed25519 import SigningKey
from tests.fakes.faults import Door, Kind
from tests.fakes.inputs import InputError
from tests.fakes.jobs import Failure, Job, State
from tests.fakes.routes import Call, Route
from tests.fakes.simulator import Simulator
from tests.fakes.uploads import Part, parts_of

_API = "/api/v1"
_MOST_INPUT = 200 << 20
_SUCCESSES = ("completed", "succeeded")  # both are seen
_STATES = {State.QUEUED: "starting", State.RUNNING: "processing", State.FAILED: "failed"}
_CODES = {"moderated": 1039, "failed": 1000, "input": 1004}


class AtlasCloud(Simulator):
    """`POST /model/generateVideo`, `GET /model/prediction/{id}`, `POST /model/uploadMedia`, `GET /models`."""

    name: ClassVar[str] = "atlas"
    default_key: ClassVar[str] = "apikey-simulated"
    root: ClassVar[str] = _API
    manner: ClassVar[Manner] = Manner(tries=1, pause_seconds=0.0, good=frozenset(range(200, 300)))

    def __init__(self, conduct: Conduct | None = None) -> None:
        super().__init__(conduct)
        self._uploads: dict[str, Part] = {}
        self._signing = SigningKey(hashlib.sha256(f"atlas {self.conduct.seed}".encode()).digest())
        self._key_id = f"atlas-{self.conduct.seed}"

    def settings(self) -> dict[str, str]:
        return {"ATLAS_API_KEY": self.key, "ATLAS_BASE_URL": self.url}

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", f"{_API}/model/prediction/{{id}}", Door.POLL, self._read),
            Route("POST", f"{_API}/model/generateVideo", Door.SUBMIT, self._create),
            Route("POST", f"{_API}/model/uploadMedia", Door.UPLOAD, self._upload),
            Route("GET", f"{_API}/models", Door.OTHER, self._models, open=True),
            Route("GET", f"{_API}/webhooks/jwks.json", Door.OTHER, self._keys, open=True),
            Route("GET", "/_schemas/{name}", Door.OTHER, self._schema, open=True),
            Route("GET", "/_uploads/{name}", Door.OTHER, self._uploaded, open=True),
            Route("GET", "/public/v1/balance", Door.OTHER, self._balance, open=True),
        )

    def error(self, status: int, words: str, **more: Any) -> Answer:
        """A wrong path is answered like a wrong key."""
        del more
        if words == "Not Found":
            status, words = 401, "Unauthorized"
        return as_json(
            {"code": status, "msg": words, "request_id": self._request_id(), "data": None}, status=status
        )

    def dressed(self, answer: Answer, request: Request) -> Answer:
        del request
        return answer.with_headers(X_Request_ID=self._request_id())

    def failure(self, *, moderated: bool) -> Failure:
        if moderated:
            return Failure("moderated", "The content was flagged by moderation.")
        return Failure("failed", "Generation failed")

    # Creating.

    async def _create(self, call: Call) -> Reply:
        try:
            body = call.request.json()
            model = self._model(body)
            model.check(body)
        except ValueError:
            return self.error(400, "invalid request body")
        except FieldError as error:
            return self.error(400, str(error))
        if self.conduct.suspended:
            return self.error(403, "account suspended")
        if self.balance_usd < model.costs(body):
            return self.error(402, "insufficient balance")
        job = self._job(model, body)
        job.failure = await self._unhad_input(body)
        self.accept(call, job)
        return as_json({"code": 200, "data": {"id": job.id, "status": "starting"}})

    def _model(self, body: Mapping[str, Any]) -> AtlasModel:
        model = MODELS.get(str(body.get("model") or ""))
        if model is None or model.retired:
            raise FieldError("model is required" if not body.get("model") else "model not found")
        webhook = body.get("webhook_url")
        if webhook is not None and not str(webhook).startswith(("http://", "https://")):
            raise FieldError("invalid webhook_url")
        return model

    def _job(self, model: AtlasModel, body: Mapping[str, Any]) -> Job:
        return Job(
            id=f"prediction_{self.random.getrandbits(96):024x}",
            model=model.id,
            operation=model.id.rpartition("/")[2],
            body=body,
            usd=model.costs(body),
            accepted_at=self.clock.now(),
            seconds=self.duration(),
            outputs=(model.makes(body),),
            callback_url=body.get("webhook_url"),
        )

    def new_id(self) -> str:
        return f"prediction_{self.random.getrandbits(96):024x}"

    async def _unhad_input(self, body: Mapping[str, Any]) -> Failure | None:
        """An input it cannot have is found out only later."""
        for name in ("image", "end_image", "last_image", "images", "reference_images"):
            given = body.get(name) or []
            try:
                for each in given if isinstance(given, list) else [given]:
                    await self._had(str(each))
            except InputError as error:
                return Failure("input", f"{name}: {error}")
        return None

    async def _had(self, given: str) -> None:
        if not given.startswith("http"):
            data = inputs.decoded(given)
        elif self.conduct.fetches_inputs:
            data = await inputs.fetched(given, most=_MOST_INPUT)
        else:
            return
        if not inputs.is_image(data):
            raise InputError("unsupported image format")

    def _upload(self, call: Call) -> Reply:
        request = call.request
        part = parts_of(request.headers.get("content-type", ""), request.body).get("file")
        if part is None:
            return self.error(400, "file is required")
        name = f"{self.random.getrandbits(64):016x}-{part.filename or 'file'}"
        self._uploads[name] = part
        url = f"{request.origin}/_uploads/{name}"
        data = {"download_url": url, "filename": part.filename, "size": len(part.body)}
        return as_json({"code": 200, "data": data})

    # Reading.

    def _read(self, call: Call) -> Reply:
        job = self.jobs.get(call.found["id"])
        if job is None or job.is_hidden(self.clock.now()):
            status = (job.fault.status if job and job.fault else None) or 404
            return self.error(status, "prediction not found")
        return as_json({"code": 200, "data": self._shown(job, origin=call.request.origin)})

    def _shown(self, job: Job, *, origin: str) -> dict[str, Any]:
        now = self.clock.now()
        state = job.state(now)
        success = _SUCCESSES[job.id[-1] in "01234567"]
        failure = job.failure if state is State.FAILED else None
        is_empty = job.fault is not None and job.fault.kind is Kind.EMPTY_SUCCESS
        done = state is State.DONE and not is_empty
        return {
            "id": job.id,
            "model": job.model,
            "status": "warming" if job.is_strange(now) else _STATES.get(state, success),
            "outputs": [self.output_url(job, 0, origin=origin)] if done else [],
            "error": failure.words if failure else "",
            "error_code": _CODES[failure.code] if failure else 0,
            "metrics": {"predict_time": job.seconds} if state.is_over else None,
        }

    def _models(self, call: Call) -> Reply:
        listed = [self._listed(model, origin=call.request.origin) for model in MODELS.values()]
        return as_json({"code": 200, "data": listed})

    def _listed(self, model: AtlasModel, *, origin: str) -> dict[str, Any]:
        schema = f"{origin}/_schemas/{model.id.replace('/', '~')}"
        return {"model": model.id, "type": "Video", "display_console": not model.retired, "schema": schema}

    def _schema(self, call: Call) -> Reply:
        model = MODELS.get(call.found["name"].replace("~", "/"))
        if model is None:
            return self.error(404, "no such schema")
        names = (*model.required, *model.optional, *model.choices)
        properties = {
            name: {"enum": list(model.choices[name])} if name in model.choices else {} for name in names
        }
        schema = {"type": "object", "required": list(model.required), "properties": properties}
        return as_json({"openapi": "3.0.0", "components": {"schemas": {"Input": schema}}})

    def _uploaded(self, call: Call) -> Reply:
        part = self._uploads.get(call.found["name"])
        if part is None:
            return self.error(404, "no such file")
        return Answer(200, part.body, content_type=part.media_type or "application/octet-stream")

    def _balance(self, call: Call) -> Reply:
        """Billing has error bodies of its own."""
        if self.unauthorised(call.request) is None:
            balance = self.balance_usd
            return as_json({"balance": 1000.0 if balance == float("inf") else balance})
        error = {"type": "invalid_request_error", "code": "invalid_api_key", "message": "Unauthorized"}
        return as_json({"error": {**error, "param": None}, "request_id": self._request_id()}, status=401)

    # Calling back.

    def letter(self, job: Job, *, forged: bool) -> Letter:
        shown = self._shown(job, origin=self.origin)
        if forged:
            shown |= {"status": "completed", "outputs": ["http://127.0.0.1:9/forged.mp4"]}
        body = {
            "event_type": "video.task.terminal",
            "session_id": job.id,
            "status": "OK" if forged or job.failure is None else "ERROR",
            "payload": {"status": shown["status"], "outputs": shown["outputs"], "error": shown["error"]},
        }
        data = json.dumps(body).encode()
        return Letter(job.callback_url or "", data, self._signed(job, data, forged=forged))

    def _signed(self, job: Job, body: bytes, *, forged: bool) -> dict[str, str]:
        timestamp = str(int(time.time() + self.clock.skew))
        key = SigningKey(hashlib.sha256(b"a stranger").digest()) if forged else self._signing
        signature = base64.urlsafe_b64encode(key.sign(f"{timestamp}.".encode() + body)).rstrip(b"=").decode()
        return {
            "Content-Type": "application/json",
            "X-AtlasCloud-Webhook-Id": f"wh_{job.id}",
            "X-AtlasCloud-Webhook-Timestamp": timestamp,
            "X-AtlasCloud-Webhook-Key-Id": self._key_id,
            "X-AtlasCloud-Webhook-Signature-Ed25519": signature,
        }

    def _keys(self, call: Call) -> Reply:
        del call
        x = base64.urlsafe_b64encode(self._signing.public).rstrip(b"=").decode()
        key = {"kty": "OKP", "crv": "Ed25519", "kid": self._key_id, "x": x, "use": "sig", "alg": "EdDSA"}
        return as_json({"keys": [key]})

    def _request_id(self) -> str:
        return f"{self.random.getrandbits(96):024x}"
