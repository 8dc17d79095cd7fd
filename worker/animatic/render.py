"""A baked shot: rendered from any frame on, by any number of processes, always the same."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import cv2
import numpy as np

from worker.animatic.camera import FAR
from worker.animatic.finishing import Finisher, finisher
from worker.animatic.haze import gathered
from worker.animatic.ink import Floats
from worker.animatic.items import Item
from worker.animatic.outlines import Kept, kept_parts
from worker.animatic.scenes import build
from worker.animatic.spec import ShotSpec
from worker.animatic.stage import Picture, Stage
from worker.animatic.supplied import supply
from worker.animatic.view import Raster, View

LABEL = "animatic"  # what a take says it is: a procedural previz, not a generative model's work


@dataclass(frozen=True, slots=True)
class Shot:
    """Layers, camera and finish of one shot."""

    spec: ShotSpec
    store: dict[str, Picture]
    stage: Stage
    finisher: Finisher | None

    def frames(self, first: int = 0, count: int | None = None) -> Iterator[Floats]:
        """ACEScg pictures (height x width x 3, scene-linear). The buffer is reused: copy what you keep."""
        last = self.spec.frame_count if count is None else first + count
        raster = Raster(self.spec.width, self.spec.height)
        still = self._still_items()
        backdrop = self._backdrop(raster, still) if still else None
        kept, cover = kept_parts(self.stage), self.stage.rig.cover
        for index in range(first, last):
            view = self.stage.view(float(index / self.spec.frame_rate))
            if backdrop is not None:
                np.copyto(raster.frame, backdrop)
            self._draw_on(still, kept, raster, view)
            if self.stage.rig.rolls:
                _roll(raster, view, cover)
            if self.finisher:
                self.finisher.apply(raster, view, index)
            yield raster.frame

    def save(self, folder: Path) -> None:
        """Write the bake where other processes can map it."""
        folder.mkdir(parents=True, exist_ok=True)
        index = {}
        for number, (name, picture) in enumerate(sorted(self.store.items())):
            np.save(folder / f"{number}.npy", picture.pixels)
            index[name] = [number, picture.left, picture.top, picture.density]
        written = {"spec": self.spec.to_json(), "pictures": index}
        (folder / "shot.json").write_text(json.dumps(written), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map a saved bake; pictures are read as frames need them."""
        written = json.loads((folder / "shot.json").read_text(encoding="utf-8"))
        store = {}
        for name, (number, left, top, density) in written["pictures"].items():
            # Copy on write, because the kernels are compiled for writable memory.
            pixels = np.asarray(np.load(folder / f"{number}.npy", mmap_mode="c" if name else None))
            store[name] = Picture(pixels, left, top, density)
        return cls.of(ShotSpec.from_json(written["spec"]), store)

    @classmethod
    def of(cls, spec: ShotSpec, store: dict[str, Picture]) -> Self:
        """The shot of a spec; what the store holds is not painted again."""
        if spec.first_frame or spec.last_frame:
            return cls(spec, store, supply(spec, store), None)
        stage = build(spec, store)
        stage.items = gathered(stage.items)
        return cls(spec, store, stage, finisher(stage))

    def _draw_on(self, first: int, kept: tuple[Kept, ...], raster: Raster, view: View) -> None:
        """Everything from an item on, and on the way what stays as it was."""
        for part in kept:
            upto = max(first, part.items)
            _draw(self.stage.items[first:upto], raster, view)
            part.lay(raster.frame, view.time)
            first = upto
        _draw(self.stage.items[first:], raster, view)

    def _still_items(self) -> int:
        """How many items from the back never change: they are drawn once per process."""
        stage = self.stage
        if not stage.rig.distance_stands:
            return 0
        moves = (n for n, item in enumerate(stage.items) if not self._stands(item))
        return next(moves, len(stage.items))

    def _stands(self, item: Item) -> bool:
        return item.still and (self.stage.rig.still or item.depth >= FAR)

    def _backdrop(self, raster: Raster, still: int) -> Floats:
        _draw(self.stage.items[:still], raster, self.stage.view(0.0))
        return raster.frame.copy()


def _draw(items: list[Item], raster: Raster, view: View) -> None:
    for item in items:
        item.draw(raster, view)


def _roll(raster: Raster, view: View, cover: float) -> None:
    """Turn the whole picture against the camera."""
    middle = (view.width / 2 - 0.5, view.height / 2 - 0.5)
    turn = cv2.getRotationMatrix2D(middle, math.degrees(view.state.roll), cover)
    turned = raster.scratch("rolled", *raster.frame.shape)
    cv2.warpAffine(raster.frame, turn, (view.width, view.height), turned, borderMode=cv2.BORDER_REFLECT_101)
    np.copyto(raster.frame, turned)


def bake(spec: ShotSpec) -> Shot:
    """Paint every layer of a shot, once."""
    return Shot.of(spec, {})
