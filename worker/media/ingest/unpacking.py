"""A provider's EXR frames as one run: read, rewritten clean, and converted for the proxy."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from plugin_backend.domain.sequence import ColourSpace
from worker.media.ahead import ahead
from worker.media.exr import ExrCompression, FrameHeader, encode_exr
from worker.media.ingest.archive import unpacked
from worker.media.ingest.frames import TakenFrame, take_frame
from worker.media.ingest.passing import Converted
from worker.media.ingest.refusals import Refusal, TakeRefusedError
from worker.media.ingest.work import EXR_NAME
from worker.media.sources.light import PlacedLight


@dataclass(frozen=True, slots=True)
class _Rewritten:
    frame: TakenFrame
    converted: Converted


class Unpacking:
    """The frames of a take's EXR files; what was found is complete once they have all been met."""

    def __init__(self, paths: Sequence[Path], *, folder: Path, rate: Fraction, declared: ColourSpace) -> None:
        self._paths = paths
        self._folder = folder
        self._rate = rate
        self._declared = declared
        self.count = 0
        self.first: TakenFrame | None = None
        self.broken_values = 0

    def frames(self, convert: Callable[[PlacedLight], Converted]) -> Iterator[Converted]:
        """Every frame, kept as `EXR_NAME` in the folder."""
        files = enumerate(unpacked(self._paths, folder=self._folder))
        for each in ahead(lambda file: self._rewrite(*file, convert=convert), files):
            self._note(each.frame)
            yield each.converted

    def look(self) -> TakenFrame:
        """The first frame alone: the take's size and space."""
        for path in unpacked(self._paths, folder=self._folder):
            return take_frame(path, number=0, declared=self._declared)
        raise TakeRefusedError(Refusal.EMPTY, "The provider sent no EXR frame.")

    def _rewrite(self, number: int, path: Path, *, convert: Callable[[PlacedLight], Converted]) -> _Rewritten:
        frame = take_frame(path, number=number, declared=self._declared)
        header = FrameHeader(frame_rate=self._rate, image_counter=number)
        data = encode_exr(
            frame.pixels,
            space=frame.space,
            header=header,
            compression=ExrCompression.HTJ2K,
            found_in=frame.space,
        )
        (self._folder / EXR_NAME.format(frame=number)).write_bytes(data)
        return _Rewritten(frame, convert(PlacedLight(frame.pixels, frame.space)))

    def _note(self, frame: TakenFrame) -> None:
        self.first = self.first or frame
        if (frame.pixels.shape, frame.space) != (self.first.pixels.shape, self.first.space):
            detail = (
                f"Frame {self.count} of what the provider sent has another size or colour than the first."
            )
            raise TakeRefusedError(Refusal.MISMATCHED, detail)
        self.broken_values += frame.broken_values
        self.count += 1
