"""RFC 9457, nothing else: one table says which status, slug and title an error has.

docs/problems.md and the pages behind every `type` are made of this table.
"""

from dataclasses import dataclass
from typing import Final

from plugin_backend.domain import errors


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of refusal: its status, the last segment of its `type`, its title, and the way out."""

    status: int
    slug: str
    title: str
    about: str


VALIDATION: Final = Problem(
    422,
    "validation",
    "Some fields need attention",
    "Fields are missing, unknown, mistyped or out of range. `errors` names each with a JSON "
    "pointer and says "
    "what would do. Nothing was spent.",
)
MALFORMED: Final = Problem(
    400,
    "malformed",
    "The request could not be read",
    "The body is not one JSON object in UTF-8: look for NaN, Infinity, a member named twice or a missing "
    "bracket.",
)
NOT_FOUND: Final = Problem(
    404,
    "not-found",
    "There is no such thing here",
    "The address or id names nothing in your workspaces. What belongs to others looks the "
    "same as what does "
    "not exist.",
)
METHOD_NOT_ALLOWED: Final = Problem(
    405,
    "method-not-allowed",
    "This address does not take that method",
    "The `Allow` header lists the methods it takes.",
)
PAYLOAD_TOO_LARGE: Final = Problem(
    413,
    "payload-too-large",
    "The body is too large",
    "JSON bodies go up to 1 MiB and multipart uploads up to 10 MB. Larger media goes through "
    "a presigned PUT: "
    "POST /v1/assets with `filename`, `media_type`, `bytes` and `sha256`.",
)
RANGE_NOT_SATISFIABLE: Final = Problem(
    416,
    "range-not-satisfiable",
    "The file ends before that",
    "The `Range` starts beyond the end; `Content-Range` says how many bytes there are.",
)
FORBIDDEN: Final = Problem(
    403,
    "forbidden",
    "This token may not do that",
    "The token is good, its scopes or your role are not enough, your workspace does not allow it (GET "
    "/v1/workspace/policy), or spending is frozen. `detail` says what is needed.",
)
UNSUPPORTED_MEDIA: Final = Problem(
    415,
    "unsupported-media",
    "This kind of content is not read here",
    "Send JSON with `Content-Type: application/json`, or a file of a kind the field describes.",
)
INTERNAL: Final = Problem(
    500,
    "internal",
    "Something went wrong on our side",
    "It is in our log under the `request_id`. Sending the request again with the same "
    "Idempotency-Key is safe.",
)
UNAVAILABLE: Final = Problem(
    503,
    "unavailable",
    "The service cannot answer right now",
    "A part it depends on is away or restarting. `Retry-After` says when to try again; with the same "
    "Idempotency-Key that is safe.",
)
GENERAL: Final = Problem(
    400, "malformed", "The request could not be handled", "See `detail` for what is in the way."
)

PROBLEMS: Final[dict[type[errors.BackendError], Problem]] = {
    errors.MalformedError: MALFORMED,
    errors.ValidationFailedError: VALIDATION,
    errors.RightsNotAttestedError: Problem(
        422,
        "rights-not-attested",
        "Nobody has said who holds the rights",
        "The workspace uses an uploaded file only once somebody said that they hold the rights to it: POST "
        "/v1/assets/{id}/attest for each of `asset_ids`. GET /v1/workspace/policy has the words as "
        "`attestation_text`.",
    ),
    errors.UnsupportedByModelError: Problem(
        422,
        "unsupported-by-model",
        "This model cannot do that",
        "The brief asks `model` for something it does not offer; `errors` names the fields. GET "
        "/v1/models lists "
        "what each can do, POST /v1/quotes compares them for this brief.",
    ),
    errors.UnauthenticatedError: Problem(
        401,
        "unauthenticated",
        "Sign in first",
        "Send `Authorization: Bearer <token>` with a token that is neither revoked nor expired. "
        "Tokens are read "
        "from this header only, never from the address.",
    ),
    errors.ForbiddenError: FORBIDDEN,
    errors.FrozenError: FORBIDDEN,
    errors.NotFoundError: NOT_FOUND,
    errors.GoneError: Problem(
        410,
        "gone",
        "It has been removed",
        "It was here and was deleted on purpose; its ledger entries and lineage remain.",
    ),
    errors.ConflictError: Problem(
        409,
        "conflict",
        "Something is in the way",
        "The present state does not allow this; `detail` names what has to change first.",
    ),
    errors.IllegalTransitionError: Problem(
        409,
        "illegal-transition",
        "Its state does not allow that",
        "The lifecycle has no such step from where it stands. Read it again: it may have moved meanwhile.",
    ),
    errors.AssetNotReadyError: Problem(
        409,
        "asset-not-ready",
        "The asset cannot be used yet",
        "It is still uploading or being checked, or it was rejected; GET /v1/assets/{id} says which.",
    ),
    errors.PriceChangedError: Problem(
        409,
        "price-changed",
        "It costs more than you allowed",
        "The price is above `max_credits`. Ask for a new quote, then send the request with the "
        "limit it needs.",
    ),
    errors.IdempotencyKeyReusedError: Problem(
        422,
        "idempotency-key-reused",
        "This Idempotency-Key belongs to another request",
        "The key was used on this route with a different body. Use a fresh key for a new request.",
    ),
    errors.IdempotencyInProgressError: Problem(
        409,
        "idempotency-in-progress",
        "The first request with this key was accepted already",
        "It is still being handled, or its answer held a secret that is shown once; "
        "`resource_id` names what it "
        "made.",
    ),
    errors.InsufficientCreditsError: Problem(
        402,
        "insufficient-credits",
        "Not enough credits",
        "`required` is what it takes, `available` is what the account has. Nothing was held. With the same "
        "Idempotency-Key it runs once the account is topped up.",
    ),
    errors.DraftQuotaExhaustedError: Problem(
        429,
        "draft-quota-exhausted",
        "Today's drafts are used up",
        "`remaining` of `limit` draft units are left until `resets_at`. Ask for fewer takes or "
        "iterations, wait, "
        "or ask a workspace admin for a higher quota.",
    ),
    errors.PlanLimitError: Problem(
        403,
        "plan-limit",
        "Your plan does not include that",
        "`limit` names which of the plan's terms and `plan` the plan; `detail` says what it does include. "
        "GET /v1/me shows all of them; an administrator can put you on another plan.",
    ),
    errors.ConcurrencyLimitError: Problem(
        429,
        "concurrency-limit",
        "Too much is unfinished already",
        "Wait for some generations to finish, or cancel some.",
    ),
    errors.RateLimitedError: Problem(
        429,
        "rate-limited",
        "Too many requests",
        "`Retry-After` says how many seconds to wait. GET /v1/events with `wait=25` needs far "
        "fewer requests "
        "than asking again and again.",
    ),
    errors.PayloadTooLargeError: PAYLOAD_TOO_LARGE,
    errors.UnsupportedMediaError: UNSUPPORTED_MEDIA,
    errors.ProviderUnavailableError: Problem(
        503,
        "provider-unavailable",
        "The model's provider cannot be reached",
        "Try again later, or name `fallback_models`.",
    ),
}

BY_STATUS: Final = {
    problem.status: problem
    for problem in (
        MALFORMED,
        PROBLEMS[errors.UnauthenticatedError],
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        PAYLOAD_TOO_LARGE,
        UNSUPPORTED_MEDIA,
        RANGE_NOT_SATISFIABLE,
        VALIDATION,
        PROBLEMS[errors.RateLimitedError],
        INTERNAL,
        UNAVAILABLE,
    )
}

BY_SLUG: Final = {problem.slug: problem for problem in (*PROBLEMS.values(), *BY_STATUS.values())}


def problem_of(error: errors.BackendError) -> Problem:
    """The row of an error, or of the nearest class above it that has one."""
    for cls in type(error).__mro__:
        found = PROBLEMS.get(cls)
        if found is not None:
            return found
    return INTERNAL


def as_markdown() -> str:
    """docs/problems.md, whole."""
    lines = [
        "# Problems",
        "",
        "Every refusal is `application/problem+json` (RFC 9457) with `type`, `title`, `status`, `detail`,",
        "`instance` and `request_id`. The last segment of `type` is the slug; its address opens a page that",
        "says what this one does. This page is made from `plugin_backend/api/problems.py`.",
    ]
    for problem in sorted(BY_SLUG.values(), key=lambda each: (each.status, each.slug)):
        lines += ["", f"## {problem.slug}", "", f"**{problem.status}** · {problem.title}.", "", problem.about]
    return "\n".join(lines) + "\n"
