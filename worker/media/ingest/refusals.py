"""Why a provider's files cannot become a take. Each ends it: what was made is not made again."""

from enum import StrEnum

from worker.media.operations import OperationError


class Refusal(StrEnum):
    """The slugs; the sentence beside one says what was found."""

    WRONG_TYPE = "wrong-type"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    BLACK = "black"
    TOO_LONG = "too-long"
    TOO_LARGE = "too-large"
    MISMATCHED = "mismatched"


class TakeRefusedError(OperationError):
    """The files are not a take; the text is for the editor who waits for it."""

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(refusal.value, detail)
