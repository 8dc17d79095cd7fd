"""How a draft becomes its master: which model makes it, and how that model is held to what was picked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self, assert_never

from plugin_backend.domain.brief import GenerationRequest, Operation, Resolution, Source
from plugin_backend.domain.seconds import in_milliseconds, is_as_long

ANY: Final = "any"


class Method(StrEnum):
    """What ties a master to its draft, from the closest to nothing but the words."""

    SAME_SEED = "same-seed"
    """The same model, seed and brief, at full quality."""
    UPSCALE = "upscale"
    """The provider makes the draft itself larger."""
    EDIT_SOURCE = "edit-source"
    """The draft is the film that the model works over, keeping as close to it as it can."""
    KEYFRAMES = "keyframes"
    """The draft's first and last frames are where the master begins and ends."""
    RESUBMIT = "resubmit"
    """The same words once more: another sampling."""

    @property
    def distance(self) -> int:
        """How far from the draft it leads; 0 is the closest."""
        return tuple(Method).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """One row of a model's table: from drafts of a model, at some sizes, in such a way."""

    draft: str
    method: Method
    resolution: tuple[Resolution, ...] = ()

    @classmethod
    def parse(cls, row: Mapping[str, Any]) -> Self:
        """Read a TOML row."""
        sizes = tuple(Resolution(name) for name in row.get("resolution", ()))
        return cls(draft=row["draft"], method=Method(row["method"]), resolution=sizes)

    def fits(self, *, draft_model: str, resolution: Resolution) -> bool:
        """Whether the row speaks of such a master."""
        return self.draft in (ANY, draft_model) and (not self.resolution or resolution in self.resolution)


def method_for(
    rows: tuple[Promotion, ...],
    *,
    draft_model: str,
    resolution: Resolution,
    has_frames: bool,
    is_one: bool = True,
) -> Method:
    """The first row that fits; frames that were never kept cannot be kept to.

    `is_one`: the provider knows the whole draft by one reference, so that it can make it larger.
    """
    for row in rows:
        is_lame = (row.method is Method.KEYFRAMES and not has_frames) or (
            row.method is Method.UPSCALE and not is_one
        )
        if row.fits(draft_model=draft_model, resolution=resolution) and not is_lame:
            return row.method
    return Method.RESUBMIT


def promoted(
    request: GenerationRequest, method: Method, *, draft_take_id: str, seconds: Fraction | None = None
) -> GenerationRequest:
    """The master's request as the method asks for it: an edit is priced and checked as one.

    `seconds`: how long the draft came out, where that is known; what is worked over stays as long.
    """
    if method is not Method.EDIT_SOURCE:
        return request
    source = Source(operation=Operation.EDIT, take_id=draft_take_id)
    asked = request.brief.duration_seconds
    length = asked if seconds is None or is_as_long(seconds, asked) else in_milliseconds(seconds)
    return replace(request, brief=replace(request.brief, source=source, duration_seconds=length))


def in_words(method: Method, model: str) -> str:
    """What a model does with the draft, in a sentence for who is about to pay for it."""
    match method:
        case Method.SAME_SEED:
            return f"{model} makes the same shot from the same seed and words, at full quality."
        case Method.UPSCALE:
            return f"{model} makes the draft itself larger: it is the same film."
        case Method.EDIT_SOURCE:
            return f"{model} works the draft over, as close to it as it can, at the price of an edit."
        case Method.KEYFRAMES:
            return f"{model} makes a new shot that begins and ends with the draft's first and last frame."
        case Method.RESUBMIT:
            return f"{model} has no closer way for this shot: a new one is made of the same words."
        case _:
            assert_never(method)
