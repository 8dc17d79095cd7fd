"""Every way the service says no. Each error builds its own sentence; HTTP numbers live in api/problems.py.

BackendError
├── MalformedError, ValidationFailedError(field problems), UnsupportedByModelError(field problems)
│   (RightsNotAttestedError is a ValidationFailedError)
├── UnauthenticatedError, ForbiddenError (FrozenError), NotFoundError, GoneError
├── ConflictError, IllegalTransitionError, AssetNotReadyError, PriceChangedError
├── IdempotencyKeyReusedError, IdempotencyInProgressError
├── InsufficientCreditsError, DraftQuotaExhaustedError, PlanLimitError
├── ConcurrencyLimitError, RateLimitedError
├── PayloadTooLargeError, UnsupportedMediaError
└── ProviderUnavailableError
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing wrong with one field: a JSON pointer and a sentence that shows the way out."""

    pointer: str
    detail: str


class BackendError(Exception):
    """The root of every refusal a caller can meet."""

    @property
    def detail(self) -> str:
        """The sentence a person reads."""
        return str(self)


class MalformedError(BackendError):
    """The request could not be read at all."""


class ValidationFailedError(BackendError):
    """Fields are missing, mistyped or out of range."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__()

    @property
    def detail(self) -> str:
        return _said(self.problems)

    def __str__(self) -> str:
        return self.detail


class RightsNotAttestedError(ValidationFailedError):
    """The workspace wants somebody to say that they hold the rights to these files, and nobody has."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self.asset_ids = tuple(places)
        way_out = "POST /v1/assets/{}/attest if you hold them."
        super().__init__(
            [
                FieldProblem(pointer, f"Nobody has attested the rights to {each}: {way_out.format(each)}")
                for each, pointer in places.items()
            ]
        )


class UnsupportedByModelError(BackendError):
    """The brief asks a model for what it cannot do."""

    def __init__(self, model: str, problems: Sequence[FieldProblem]) -> None:
        self.model = model
        self.problems = tuple(problems)
        super().__init__()

    @property
    def detail(self) -> str:
        return f"{self.model}: {_said(self.problems)}"

    def __str__(self) -> str:
        return self.detail


@contextmanager
def below(pointer: str) -> Iterator[None]:
    """What is wrong with a part of a request, told by its place in the whole."""
    try:
        yield
    except (ValidationFailedError, UnsupportedByModelError) as error:
        error.problems = tuple(replace(each, pointer=f"{pointer}{each.pointer}") for each in error.problems)
        raise


def _said(problems: Sequence[FieldProblem]) -> str:
    """What is wrong with the whole needs no place before it."""
    return "; ".join(f"{each.pointer}: {each.detail}".removeprefix(": ") for each in problems)


class UnauthenticatedError(BackendError):
    """No token, or one that is not (or no longer) valid."""


class ForbiddenError(BackendError):
    """The token is good but lacks the scope or role."""


class FrozenError(ForbiddenError):
    """Spending is stopped, the person's own or their whole workspace's; what runs goes on."""

    def __init__(self, whose: str) -> None:
        super().__init__(
            f"Spending is frozen for {whose}: nothing new can be asked for, what runs already finishes. "
            "An owner or admin of your workspace can say why, and lift it."
        )


class NotFoundError(BackendError):
    """No such thing in the caller's workspaces."""

    def __init__(self, what: str = "resource") -> None:
        super().__init__(f"No such {what}.")


class GoneError(BackendError):
    """It was here and has been removed on purpose."""


class ConflictError(BackendError):
    """The thing is in the way of something else."""


class IllegalTransitionError(BackendError):
    """The lifecycle has no such edge."""

    def __init__(self, subject: str, state: str, event: str) -> None:
        self.state = state
        self.event = event
        super().__init__(f"A {subject} that is {state} cannot be {event}.")


class AssetNotReadyError(BackendError):
    """The asset is still uploading or being checked, or was rejected."""

    def __init__(self, asset_id: str, state: str) -> None:
        self.asset_id = asset_id
        super().__init__(f"Asset {asset_id} is {state}; wait until it is ready.")


class PriceChangedError(BackendError):
    """The price is above the `max_credits` the caller allowed."""

    def __init__(self, *, credits: int, max_credits: int) -> None:
        self.credits = credits
        self.max_credits = max_credits
        super().__init__(f"This costs {credits} credits, more than the max_credits of {max_credits}.")


class IdempotencyKeyReusedError(BackendError):
    """The same Idempotency-Key came with another body."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with a different request; use a fresh key.")


class IdempotencyInProgressError(BackendError):
    """The first request with this key has not been answered, or its answer showed a secret."""

    def __init__(self, resource_id: str | None = None) -> None:
        self.resource_id = resource_id
        made = f"A request with this Idempotency-Key made {resource_id}; its secret is not shown twice."
        pending = "The first request with this Idempotency-Key is still being answered; ask again with it."
        super().__init__(made if resource_id else pending)


class InsufficientCreditsError(BackendError):
    """No account covers the hold; `cap` is what a month gives them of the pool, where that is in the way."""

    def __init__(
        self, *, required: int, available: int, cap: int | None = None, resets_at: datetime | None = None
    ) -> None:
        self.required = required
        self.available = available
        self.limit = cap
        self.resets_at = resets_at
        said = f"This needs {required} credits and {available} are available."
        if resets_at is not None:
            said += f" The workspace's pool gives you {cap} a month; the next begins on {resets_at:%Y-%m-%d}."
        super().__init__(said)


class DraftQuotaExhaustedError(BackendError):
    """Today's draft units do not cover the request."""

    def __init__(self, *, requested: int, remaining: int, limit: int, resets_at: datetime) -> None:
        self.requested = requested
        self.remaining = remaining
        self.limit = limit
        self.resets_at = resets_at
        super().__init__(
            f"This takes {requested} draft units and {remaining} of today's {limit} remain; "
            f"the quota resets at {resets_at:%Y-%m-%dT%H:%M:%SZ}."
        )


class ConcurrencyLimitError(BackendError):
    """Too many unfinished generations."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"{limit} generations are unfinished already; wait for some or cancel them.")


class RateLimitedError(BackendError):
    """Too many requests in too short a time."""

    def __init__(self, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"Too many requests; try again in {retry_after_seconds} s.")


class PlanLimitError(BackendError):
    """The caller's plan does not include this; `limit` names which of its terms."""

    def __init__(self, detail: str, *, limit: str, plan: str) -> None:
        self.limit = limit
        self.plan = plan
        super().__init__(detail)


class PayloadTooLargeError(BackendError):
    """The body or file is over its limit."""


class UnsupportedMediaError(BackendError):
    """The file or content type is not one we read."""


class ProviderUnavailableError(BackendError):
    """The model's provider cannot be reached or is not configured."""
