"""Marks as an editor draws them, on shots of the embedded engine, small."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugin_backend.domain.annotations import Annotation
from plugin_backend.domain.brief import Brief
from tests.animatic.briefs import spec_of
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.providers.drawn import strokes_of

WIDE, TALL = 320, 180
ASPECT = WIDE / TALL
Grey = NDArray[np.float64]


def drawn(*marks: Annotation, words: str = "", **more: Any) -> ShotSpec:
    return spec_of(words, width=WIDE, height=TALL, annotations=strokes_of(Brief(annotations=marks)), **more)


def frame(spec: ShotSpec, seconds: float) -> NDArray[np.float32]:
    return next(iter(bake(spec).frames(round(seconds * 24), 1))).copy()


def grey(picture: NDArray[np.float32]) -> Grey:
    return np.asarray(np.sqrt(np.clip(picture.mean(axis=2), 0, 1)) * 255, np.float64)
