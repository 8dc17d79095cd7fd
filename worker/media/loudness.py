"""How loud a sound is, by ITU-R BS.1770-4: K-weighted blocks of 400 ms, gated at -70 LUFS and 10 LU below.

For 48,000 samples a second in 16 bits; what has been heard is kept as one sum for each 100 ms.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from worker.media.kernels import compiled

HOP_SECONDS: Final = 0.1
_HOP: Final = 4_800
_HOPS_IN_BLOCK: Final = 4
_OFFSET: Final = -0.691
_SILENCE: Final = -70.0
_BELOW: Final = -10.0

# The recommendation's two filters at 48 kHz, a shelf and a high pass: b0 b1 b2 a1 a2 of each.
_FILTERS: Final = np.array(
    [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
)


class LoudnessMeter:
    """Listens to interleaved samples as they pass."""

    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._state = np.zeros((channels, 2, 2))
        self._sums: list[float] = []
        self._open = np.zeros(2)  # the hop that is not full yet: its sum and its length
        self._peak = 0

    def hear(self, samples: bytes) -> None:
        """The next samples, 16 bits little-endian."""
        heard = np.frombuffer(samples, dtype="<i2").reshape(-1, self._channels)
        if heard.size:
            self._peak = max(self._peak, int(np.abs(heard.astype(np.int32)).max()))
            hops = np.empty(len(heard) // _HOP + 2)
            count = _weigh(heard, _FILTERS, self._state, self._open, hops)
            self._sums += hops[:count].tolist()

    @property
    def lufs(self) -> float | None:
        """The whole's loudness; None for silence, and for less than a block."""
        powers = self._blocks()
        loud = powers[_loudness(powers) > _SILENCE]
        if not loud.size:
            return None
        gate = float(_loudness(loud.mean(keepdims=True))[0]) + _BELOW
        return float(_loudness(loud[_loudness(loud) > gate].mean(keepdims=True))[0])

    @property
    def momentary(self) -> list[float]:
        """Of every block of 400 ms, one beginning every 100: not below -70, where silence is."""
        return [max(_SILENCE, value) for value in _loudness(self._blocks()).tolist()]

    @property
    def peak_dbfs(self) -> float | None:
        """The largest sample against full scale; None for silence."""
        return 20 * math.log10(self._peak / 32_768) if self._peak else None

    def _blocks(self) -> NDArray[np.float64]:
        """Mean power of each block of four hops, one beginning at every hop."""
        sums = np.array(self._sums)
        if len(sums) < _HOPS_IN_BLOCK:
            return np.empty(0)
        blocks = np.convolve(sums, np.ones(_HOPS_IN_BLOCK), mode="valid")
        return blocks / (_HOPS_IN_BLOCK * _HOP)


def _loudness(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = _OFFSET + 10 * np.log10(np.maximum(powers, 1e-12))
    return found


@compiled
def _weigh(heard: Any, filters: Any, state: Any, unfinished: Any, hops: Any) -> Any:
    """Filter every channel and add up its power; `hops` holds the sums of those that became full."""
    count = 0
    for i in range(heard.shape[0]):
        power = 0.0
        for channel in range(heard.shape[1]):
            value = heard[i, channel] / 32768.0
            for stage in range(2):
                b0, b1, b2, a1, a2 = filters[stage]
                kept = state[channel, stage]
                out = b0 * value + kept[0]
                kept[0] = b1 * value - a1 * out + kept[1]
                kept[1] = b2 * value - a2 * out
                value = out
            power += value * value
        unfinished[0] += power
        unfinished[1] += 1
        if unfinished[1] == _HOP:
            hops[count] = unfinished[0]
            count += 1
            unfinished[:] = 0.0
    return count
