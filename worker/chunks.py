"""A frame range's step: rendered or conformed in the media child, its lease renewed while frames advance."""

from typing import Final

from plugin_backend.domain.work import Claim
from plugin_backend.services import chunks
from plugin_backend.services.chunks import ChunkInHand
from worker.runtime import Runtime

_LOOK_EVERY_SECONDS: Final = 0.5  # how far it is, and whether it is wanted still


def advance(runtime: Runtime, claim: Claim) -> None:
    """Make a claimed range."""
    hand = chunks.look(runtime.house, claim)
    if hand is None:
        return
    chunk = hand.chunk

    def show(done: int) -> None:
        chunks.advanced(runtime.house, claim, chunk, frames_done=done)

    op, arguments = _operation(hand)
    result = runtime.run_media(op, arguments, on_progress=runtime.every(_LOOK_EVERY_SECONDS, show))
    runtime.house.failpoint("chunk:before-made")
    chunks.made(runtime.house, claim, chunk, result)


def _operation(hand: ChunkInHand) -> tuple[str, dict[str, object]]:
    chunk = hand.chunk
    if hand.delivery is None:
        assert hand.spec is not None
        return "render_frames", {**hand.spec, "first": chunk.first_frame, "count": chunk.frame_count}
    assert hand.delivery.plan is not None
    return "conform_chunk", {**hand.delivery.plan, "chunk": chunk.number}
