"""EXR frames as a provider gives them: loose, or in an archive."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray

from tests.media.scenes import sunrise
from worker.media.kernels import ACESCG_TO_AP0

AP0 = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
AP1 = (0.713, 0.293, 0.165, 0.83, 0.128, 0.044, 0.32168, 0.33767)
REC709 = (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.329)


def light(number: int) -> NDArray[np.float16]:
    found: NDArray[np.float16] = (sunrise(number) @ ACESCG_TO_AP0.T).astype(np.float16)
    return found


def exr(pixels: NDArray[Any], *, compression: Any = OpenEXR.ZIP_COMPRESSION, **attributes: object) -> bytes:
    """A frame as another program writes it."""
    header = {"type": OpenEXR.scanlineimage, "compression": compression, **attributes}
    channels = {"RGBA" if pixels.shape[-1] == 4 else "RGB": np.ascontiguousarray(pixels)}
    stream = io.BytesIO()
    with OpenEXR.File(header, channels) as file:
        file.write(stream)
    return stream.getvalue()


def archive(path: Path, files: Mapping[str, bytes], *, method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return path


def frames(count: int, *, first: int = 1, name: str = "frame.{:04d}.exr") -> dict[str, bytes]:
    return {name.format(first + n): exr(light(n), chromaticities=AP0) for n in range(count)}
