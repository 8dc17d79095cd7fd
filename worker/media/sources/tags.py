"""What a movie's own tags say of its colour, by the code points of ITU-T H.273; and what is taken as said."""

from dataclasses import dataclass
from typing import Final

from plugin_backend.domain.sequence import ColourSpace

_UNSAID: Final = (0, 2)
_PQ, _HLG, _FULL = 16, 18, 2
_P3_PRIMARIES: Final = (11, 12)
_HDR_SPACES: Final = (ColourSpace.REC2100_PQ, ColourSpace.REC2100_HLG)

# Weights of red and blue in luma, by matrix.
_LUMA: Final = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}


@dataclass(frozen=True, slots=True)
class Tags:
    """A movie's code points: 2 stands for what it does not say."""

    primaries: int
    transfer: int
    matrix: int
    colour_range: int

    @property
    def is_full_range(self) -> bool:
        """Whether black is code 0; what is not said is limited, as video is."""
        return self.colour_range == _FULL

    def space(self, declared: ColourSpace) -> ColourSpace:
        """The colour space: HDR by its transfer, P3 by its primaries, what is not said as declared."""
        if self.transfer == _PQ:
            return ColourSpace.REC2100_PQ
        if self.transfer == _HLG:
            return ColourSpace.REC2100_HLG
        if self.primaries in _P3_PRIMARIES:
            return ColourSpace.P3_D65
        return declared if self.transfer in _UNSAID else ColourSpace.REC709

    def luma_weights(self, space: ColourSpace) -> tuple[float, float]:
        """Of red and blue; ValueError for a matrix that is none of video's."""
        if self.matrix in _UNSAID:
            return _LUMA[9 if space in _HDR_SPACES else 1]
        if self.matrix not in _LUMA:
            raise ValueError(f"Its colour is coded by matrix {self.matrix}, which is not read here.")
        return _LUMA[self.matrix]
