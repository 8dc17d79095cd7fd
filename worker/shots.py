"""A shot as an adapter is handed it: the brief of one part, its inputs, and what it goes on from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from plugin_backend.db.rows import AssetRow, TakeRow
from plugin_backend.domain.brief import Operation
from plugin_backend.domain.direction.directives import within
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.chaining import brief_of_part, span_of_part
from plugin_backend.services.director.evaluating import directives_in
from plugin_backend.services.making.hands import TakeInHand
from worker.providers.protocol import Continued, InputFile, Shot

_UPSCALE: Final = "upscale"  # the one way from a draft to its master that is a POST about the draft itself


def shot_of(hand: TakeInHand) -> Shot:
    """The whole take, for what is done with it once it was made."""
    take = hand.take
    return Shot(
        token="",
        take_id=take.id,
        workspace_id=take.workspace_id,
        owner_id=take.owner_id,
        lane=hand.step_lane,
        request=hand.request,
        plan=(hand.told.plan if hand.told is not None else hand.generation.plan) or {},
        seed=take.seed or 0,
        inputs={asset_id: _input_file(row) for asset_id, row in hand.inputs.items()},
        parts=take.parts,
        promotion=_promotion(hand),
        directives=directives_in(hand.told) if hand.told is not None else None,
        stronger=hand.told.stronger if hand.told is not None else {},
        steers=tuple(hand.told.steers) if hand.told is not None else (),
    )


def shot_to_send(hand: TakeInHand, *, token: str) -> Shot:
    """The part that is next, as it is asked for."""
    number = hand.standing.part
    brief = brief_of_part(hand.request.brief, hand.parts, number, take_id=hand.take.id)
    whole = shot_of(hand)
    told = None if whole.directives is None else within(whole.directives, *span_of_part(hand.parts, number))
    return replace(
        whole,
        token=token,
        request=replace(hand.request, brief=brief),
        directives=told,
        part=number,
        parts=len(hand.parts),
        continued=_continued(hand),
        addition=_addition(hand),
        promotion=_promotion_of_part(hand),
    )


def _addition(hand: TakeInHand) -> Addition | None:
    """What a part does to the one before it; a draft is made larger only where its provider still has it."""
    promotion, number = hand.generation.promotion, hand.standing.part
    is_enlarged = number == 0 and promotion is not None and promotion["method"] == _UPSCALE
    if is_enlarged and promotion is not None and _ref(hand, promotion["draft_take_id"]):
        return Addition.UPSCALE
    return hand.parts[number].addition


def _continued(hand: TakeInHand) -> Continued | None:
    """The part before; for the first part what the brief starts from, or the draft that is made larger."""
    finished, addition = hand.standing.finished, _addition(hand)
    if finished:
        operation = Operation.EXTEND if addition is None else Operation.EDIT
        return Continued(operation=operation, provider_ref=finished[-1].provider_ref)
    source = hand.request.brief.source
    if source is not None and source.asset_id is not None:
        return Continued(operation=source.operation, file=_input_file(hand.inputs[source.asset_id]))
    if source is not None and source.take_id is not None:
        return _from_take(hand, source.take_id, operation=source.operation)
    if addition is not None and hand.generation.promotion is not None:
        return _from_take(hand, hand.generation.promotion["draft_take_id"], operation=Operation.EDIT)
    return None


def _from_take(hand: TakeInHand, take_id: str, *, operation: Operation) -> Continued:
    """A take of ours: by the provider's own id of it where it made it, and as the file that we keep."""
    kin = hand.kin[take_id]
    is_last_enough = operation is Operation.EXTEND
    return Continued(
        operation=operation,
        provider_ref=_ref(hand, take_id, is_last_enough=is_last_enough),
        file=_movie(kin.take, is_last_enough=is_last_enough),
    )


def _ref(hand: TakeInHand, take_id: str, *, is_last_enough: bool = False) -> str | None:
    """The provider knows a longer take by the id of its last part only."""
    kin = hand.kin.get(take_id)
    if kin is None or kin.provider != hand.provider or not (is_last_enough or kin.take.parts == 1):
        return None
    return kin.take.provider_ref


def _movie(take: TakeRow, *, is_last_enough: bool) -> InputFile | None:
    """The stored movie of a take, or its last part; its proxy where it has none, or several parts."""
    source = take.source or {}
    movie = source if source.get("kind") == "movie" else source.get("movie")
    parts: Sequence[Mapping[str, Any]] = [] if movie is None else movie["parts"]
    if len(parts) == 1 or (parts and is_last_enough):
        return _movie_file(parts[-1])
    proxy = (take.files or {}).get("proxy")
    return None if proxy is None else _movie_file({"key": proxy} if isinstance(proxy, str) else proxy)


def _movie_file(file: Mapping[str, Any]) -> InputFile:
    frames, rate = file.get("frame_count"), file.get("frame_rate")
    return InputFile(
        key=file["key"],
        media_type=file.get("media_type", "video/mp4"),
        width=file.get("width"),
        height=file.get("height"),
        duration_seconds=float(frames / Fraction(rate)) if frames and rate else None,
        bytes=file.get("bytes"),
    )


def _promotion_of_part(hand: TakeInHand) -> Mapping[str, Any] | None:
    """A longer master begins as its draft did; each further part goes on from what is there."""
    promotion = _promotion(hand)
    if promotion is None or len(hand.parts) == 1:
        return promotion
    return {**promotion, "frames": {**promotion["frames"], "last": None}} if hand.standing.part == 0 else None


def _promotion(hand: TakeInHand) -> Mapping[str, Any] | None:
    """How a draft becomes this master, with what of the draft an adapter may need."""
    promotion = hand.generation.promotion
    if promotion is None:
        return None
    take_id = promotion["draft_take_id"]
    files = hand.kin[take_id].take.files or {} if take_id in hand.kin else {}
    frames = {edge: _key(files.get(f"{edge}_frame")) for edge in ("first", "last")}
    return {**promotion, "draft_ref": _ref(hand, take_id), "frames": frames}


def _key(file: str | Mapping[str, Any] | None) -> str | None:
    return file["key"] if isinstance(file, Mapping) else file


def _input_file(row: AssetRow) -> InputFile:
    assert row.files is not None, "only checked assets reach a provider"
    return InputFile(
        key=row.files["clean"],
        media_type=row.media_type or "application/octet-stream",
        rendition=row.files.get("rendition"),
        width=row.width,
        height=row.height,
        duration_seconds=row.duration_seconds,
        bytes=row.bytes,
    )
