"""Adobe Firefly Video and its token service: jobs are followed and cancelled by address."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.answers import Answer, Reply, Request, as_json
from tests.fakes.conduct import Conduct
from tests.fakes.faults import Door, Kind
from tests.fakes.firefly_requests import InvalidError, Source, check, sources
from tests.fakes.inputs import is_image
from tests.fakes.jobs import Failure, Job, State
from tests.fakes.pictures import Picture
from tests.fakes.routes import Call, Route
from tests.fakes.simulator import Simulator

_ELSEWHERE = "/epo855230"  # status and cancel lie on another host than the rest: here, under another path
_SCOPES = {"openid", "AdobeID", "firefly_api", "ff_apis"}
_TOKEN_SECONDS = 86_399
_SECONDS = 5.0
_USD = 0.50  # nobody has published a price; any shows a job that is billed twice
_HOSTS = ("amazonaws.com", "windows.net", "dropboxusercontent.com", "storage.googleapis.com")
_STATES = {
    State.QUEUED: "pending",
    State.RUNNING: "running",
    State.DONE: "succeeded",
    State.FAILED: "failed",
    State.CANCELLED: "canceled",
}
_CODES = {
    400: "bad_request",
    401: "401013",
    403: "access_error",
    404: "unknown_job_id",
    405: "not_implemented",
    408: "timeout_error",
    409: "job_cancel_failed",
    410: "job_timeout",
    415: "invalid_content_type",
    422: "input_media_indecipherable",
    429: "backpressure_limited",
    451: "reference_image_unsafe_error",
    499: "cancelled_error",
    500: "session_data_not_recovered",
    501: "not_implemented",
    503: "model_not_loaded",
}


class Firefly(Simulator):
    """`POST /v3/videos/generate`, `POST /v2/storage/image`, `POST /ims/token/v3`."""

    name: ClassVar[str] = "adobe-firefly"
    default_key: ClassVar[str] = "p8e-simulated"
    usual_per_minute: ClassVar[int | None] = 4

    def __init__(self, conduct: Conduct | None = None, *, client_id: str = "firefly-simulated") -> None:
        super().__init__(conduct)
        self.client_id = client_id
        self._tokens: dict[str, float] = {}
        self.tokens_given = 0
        self._uploads: dict[str, bytes] = {}

    @property
    def ims_url(self) -> str:
        """Where the tokens come from."""
        return self.origin

    def settings(self) -> dict[str, str]:
        return {
            "FIREFLY_CLIENT_ID": self.client_id,
            "FIREFLY_CLIENT_SECRET": self.key,
            "FIREFLY_BASE_URL": self.url,
            "FIREFLY_IMS_URL": self.ims_url,
        }

    def routes(self) -> Sequence[Route]:
        return (
            Route("GET", f"{_ELSEWHERE}/v3/status/{{id}}", Door.POLL, self._status),
            Route("POST", "/v3/videos/generate", Door.SUBMIT, self._create),
            Route("PUT", f"{_ELSEWHERE}/v3/cancel/{{id}}", Door.CANCEL, self._cancel),
            Route("POST", f"{_ELSEWHERE}/v3/cancel/{{id}}", Door.CANCEL, self._cancel),
            Route("POST", "/v2/storage/image", Door.UPLOAD, self._upload),
            Route("POST", "/ims/token/v3", Door.TOKEN, self._token, open=True),
        )

    def error(self, status: int, words: str, **more: Any) -> Answer:
        content = {"error_code": more.get("code") or _CODES.get(status, "runtime_error"), "message": words}
        if more.get("listed"):
            content["validation_errors"] = more["listed"]
        if status >= 500:
            content["stack_trace"] = ["Error: " + words, "at processRequest (/app/handlers/video.js:123:45)"]
        return as_json(content, status=status)

    def dressed(self, answer: Answer, request: Request) -> Answer:
        if "x-request-id" in request.headers:
            return answer.with_headers(x_request_id=request.headers["x-request-id"])
        return answer.with_headers(x_request_id=self.new_id())

    def failure(self, *, moderated: bool) -> Failure:
        if moderated:
            return Failure("output_media_unsafe", "The generated video was flagged as unsafe.")
        return Failure("runtime_error", "The job could not be completed.")

    def forget_tokens(self) -> None:
        """End every token before its time."""
        self._tokens.clear()

    def unauthorised(self, request: Request) -> Answer | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) < self.clock.now():
            return self.error(401, "Oauth token is not valid")
        if request.headers.get("x-api-key") != self.client_id:
            return self.error(403, "Api Key is invalid")
        return None

    def _token(self, call: Call) -> Reply:
        asked = {name: each[0] for name, each in parse_qs(call.request.body.decode()).items()}
        scopes = set(asked.get("scope", "").replace(",", " ").split())
        if asked.get("grant_type") != "client_credentials":
            return as_json({"error": "unsupported_grant_type"}, status=400)
        if (asked.get("client_id"), asked.get("client_secret")) != (self.client_id, self.key):
            return as_json({"error": "invalid_client", "error_description": "invalid client"}, status=401)
        if not scopes >= _SCOPES:
            return as_json({"error": "invalid_scope"}, status=400)
        token = f"eyJ.{self.random.getrandbits(256):064x}.sim"
        self._tokens[token] = self.clock.now() + _TOKEN_SECONDS
        self.tokens_given += 1
        content = {"access_token": token, "token_type": "bearer", "expires_in": _TOKEN_SECONDS}
        return as_json(content)

    def _upload(self, call: Call) -> Reply:
        request = call.request
        if request.headers.get("content-type") not in ("image/jpeg", "image/png", "image/webp"):
            return self.error(415, "Unsupported media type")
        if not request.body:
            return self.error(400, "The body is empty", code="empty_input_body")
        if not is_image(request.body):
            return self.error(422, "Input media could not be processed")
        upload_id = super().new_id()
        self._uploads[upload_id] = request.body
        return as_json({"images": [{"id": upload_id}]})

    def _create(self, call: Call) -> Reply:
        version = call.request.headers.get("x-model-version", "video1_standard")
        if version != "video1_standard":
            return self.error(400, f"Unknown model version {version}")
        try:
            body = call.request.json()
            check(body)
            self._look_at(sources(body))
        except InvalidError as error:
            return self.error(error.status, str(error), code=error.code, listed=error.listed)
        except ValueError:
            return self.error(400, "The body is not a JSON object")
        if self.conduct.suspended or self.balance_usd < _USD:
            return self.error(403, "Access denied")
        job = self.accept(call, self._job(body))
        where = call.request.origin + _ELSEWHERE
        links = {"statusUrl": f"{where}/v3/status/{job.id}", "cancelUrl": f"{where}/v3/cancel/{job.id}"}
        return as_json({"jobId": job.id, **links}, status=202)

    def _look_at(self, given: Sequence[Source]) -> None:
        for source in given:
            if source.upload_id is not None and source.upload_id not in self._uploads:
                raise InvalidError("Unknown uploadId", code="bad_request")
            host = urlsplit(source.url or "").hostname or ""
            if source.url is not None and not host.endswith(_HOSTS):
                raise InvalidError(f"The host {host} is not allowed", code="bad_request")

    def new_id(self) -> str:
        return f"urn:ff:jobs:epo855230:{super().new_id()}"

    def _job(self, body: Mapping[str, Any]) -> Job:
        size = (body.get("sizes") or [{"width": 1920, "height": 1080}])[0]
        return Job(
            id=self.new_id(),
            model="video1_standard",
            operation="video",
            body=body,
            usd=_USD,
            accepted_at=self.clock.now(),
            seconds=self.duration(),
            outputs=(Picture(size["width"], size["height"], _SECONDS),),
            facts={"seed": (body.get("seeds") or [self.random.getrandbits(31)])[0]},
        )

    def _status(self, call: Call) -> Reply:
        job, now = self.jobs.get(call.found["id"]), self.clock.now()
        if job is None or job.is_hidden(now):
            return self.error(404, "Job not found")
        state = job.state(now)
        if state is State.CANCELLED:
            return self.error(499, "Request was cancelled")
        if state is State.FAILED and job.fault is not None and job.fault.status is not None:
            return self.error(job.fault.status, "The job ended")
        return as_json(self._shown(job, call.request, state))

    def _shown(self, job: Job, request: Request, state: State) -> dict[str, Any]:
        now = self.clock.now()
        status = "queued_for_gpu" if job.is_strange(now) else _STATES[state]
        shown: dict[str, Any] = {"jobId": job.id, "status": status, "progress": int(job.progress(now) * 100)}
        if state is State.FAILED and job.failure is not None:
            shown |= {"error_code": job.failure.code, "message": job.failure.words}
        if state is State.DONE:
            made = job.outputs[0]
            is_empty = job.fault is not None and job.fault.kind is Kind.EMPTY_SUCCESS
            url = self.output_url(job, 0, origin=request.origin)
            outputs = [] if is_empty else [{"seed": job.facts["seed"], "video": {"url": url}}]
            shown["result"] = {"size": {"width": made.width, "height": made.height}, "outputs": outputs}
        return shown

    def _cancel(self, call: Call) -> Reply:
        job, now = self.jobs.get(call.found["id"]), self.clock.now()
        if job is None:
            return self.error(404, "Job not found")
        if job.state(now).is_over:
            return self.error(409, "Failed to cancel job")
        self.jobs.cancel(job, at=now)
        return as_json({"jobId": job.id, "status": "canceled"})
