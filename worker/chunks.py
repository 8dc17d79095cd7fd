"""A frame range's step: rendered or conformed in the media child, its lease renewed while frames advance."""

from collections.abc import Callable
from typing import Final

from plugin_backend.domain.delivering.cut_plan import part_of_chunk
from plugin_backend.domain.work import Claim
from plugin_backend.services.delivering import chunks
from plugin_backend.services.delivering.chunks import ChunkInHand
from worker.runtime import Runtime

_SHOW_EVERY_SECONDS: Final = 0.5


def advance(runtime: Runtime, claim: Claim) -> None:
    """Make a claimed range."""
    hand = chunks.look(runtime.house, claim)
    if hand is None:
        return
    chunk = hand.chunk

    op, arguments = _operation(hand)
    result = runtime.run_media(op, arguments, on_progress=_showing(runtime, claim, hand))
    runtime.house.failpoint("chunk:before-made")
    chunks.made(runtime.house, claim, chunk, result)


def _showing(runtime: Runtime, claim: Claim, hand: ChunkInHand) -> Callable[[int, int], None]:
    """Holds the claim, and tells readers of every frame they have not heard of."""
    renew, shown = runtime.renewing(claim), 0

    def show(done: int) -> None:
        nonlocal shown
        if done > shown:
            chunks.advanced(runtime.house, claim, hand.chunk, frames_done=done)
            shown = done

    tell = runtime.every(_SHOW_EVERY_SECONDS, show)

    def on_progress(done: int, total: int) -> None:
        renew(done, total)
        tell(done, total)

    return on_progress


def _operation(hand: ChunkInHand) -> tuple[str, dict[str, object]]:
    chunk = hand.chunk
    if hand.delivery is None:
        assert hand.spec is not None
        return "render_frames", {**hand.spec, "first": chunk.first_frame, "count": chunk.frame_count}
    part, number = part_of_chunk(hand.delivery.plan or {}, chunk.number)
    return "conform_chunk", {**part, "chunk": number}
