"""How large a take may be, and the sentences that refuse a larger one."""

from fractions import Fraction
from typing import Final

from worker.media.ingest.refusals import Refusal, TakeRefusedError

MAX_SIDE: Final = 4096
MIN_SIDE: Final = 16
MAX_SECONDS: Final = 600
MAX_RATE: Final = 240
MAX_FRAMES: Final = 36_000
MAX_EXR_BYTES: Final = 256 << 20  # of one frame: a 4K one of floats with alpha, uncompressed, and room
MAX_ARCHIVE_BYTES: Final = 64 << 30  # unpacked


def check_size(width: int, height: int) -> None:
    """Refuse a picture that is no picture of a take."""
    if max(width, height) > MAX_SIDE:
        raise TakeRefusedError(
            Refusal.TOO_LARGE, f"The provider sent {width} x {height}; a take has at most {MAX_SIDE} a side."
        )
    if min(width, height) < MIN_SIDE:
        raise TakeRefusedError(
            Refusal.EMPTY, f"The provider sent {width} x {height}; a take has at least {MIN_SIDE} a side."
        )


def check_length(frame_count: int, rate: Fraction) -> None:
    """Refuse what would take longer to read than anyone waits."""
    if rate > MAX_RATE:
        raise TakeRefusedError(
            Refusal.TOO_LARGE, f"The provider's movie plays {float(rate):.0f} frames a second."
        )
    if frame_count > MAX_FRAMES or frame_count > MAX_SECONDS * rate:
        seconds = float(frame_count / rate)
        raise TakeRefusedError(
            Refusal.TOO_LONG, f"The provider sent {seconds:.0f} s; a take lasts at most {MAX_SECONDS} s."
        )
