"""Three shapes of one take in one pass, decoded by another reader."""

from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest
from obstore.store import LocalStore

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.sequence import Sequence
from plugin_backend.files.storage import Storage
from tests.conform.desk import Desk
from tests.conform.take import PATTERN, planes, store_take, take, work_for
from tests.ingest.filming import film_numbers
from tests.media import readers
from worker.media.chunks import conform_chunk
from worker.media.operations import OperationContext

pytestmark = pytest.mark.slow

FRAMES = 30
OUTPUTS = [OutputSpec(OutputRole.MASTER, DeliveryFormat.H264, shape=shape) for shape in Shape]


class Counted(Storage):
    """A folder that knows how often each of its files was read."""

    def __init__(self, folder: Path) -> None:
        super().__init__(LocalStore(folder), folder=folder)
        self.read: Counter[str] = Counter()

    def readable(self, key: str) -> Path | bytes:
        self.read[key] += 1
        return super().readable(key)


def test_a_frame_is_read_once_for_all_shapes(tmp_path: Path) -> None:
    facts = take(frames=6)
    store_take(tmp_path, facts)
    sequence = Sequence.from_json({"frame_rate": "24", "width": 160, "height": 90})
    plan = plan_conform(facts, sequence, OUTPUTS, name_stem="sunrise", fit=Fit.FILL)
    storage = Counted(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    made = conform_chunk(
        work_for(plan, prefix="shapes") | {"chunk": 0}, OperationContext(scratch, lambda *_: None, storage)
    )

    assert len(made["segments"]) == len(OUTPUTS)
    assert storage.read == {PATTERN.format(frame=frame): 1 for frame in range(6)}


def test_every_shape_is_a_movie_of_the_same_frames(desk: Desk, tmp_path: Path) -> None:
    movie = film_numbers(tmp_path / "a.mp4", range(FRAMES), options={"crf": "4"})
    made = desk.deliver(
        desk.take(movie),
        OUTPUTS,
        sequence={"frame_rate": "24", "width": 320, "height": 180},
        fit=Fit.FILL,
        position=Position(0.25, 0.5),
    )

    masters = [file for file in made.result["files"] if file["role"] == "master"]
    paths = {file["name"]: made.path(file) for file in masters}
    assert [*paths] == ["shot_16x9.mp4", "shot_9x16.mp4", "shot_1x1.mp4"]
    assert [(file["width"], file["height"]) for file in masters] == [(320, 180), (180, 320), (180, 180)]
    for file in masters:
        path = paths[file["name"]]
        assert f"{file['width']}x{file['height']}" in readers.report(path)
        assert len(readers.stamps(path)) == file["frame_count"] == FRAMES
        assert readers.timecode(path) == "01:00:00:00"
    whole, *_ = planes(movie, "yuv420p")
    wide, upright, square = (planes(path, "yuv420p")[0] for path in paths.values())
    assert np.abs(wide - whole).mean() < 1
    assert np.abs(square - whole[:, 34:214]).mean() < 1  # a quarter of 140 pixels, down to even
    large = cv2.resize(whole.astype(np.float32), (568, 320), interpolation=cv2.INTER_CUBIC)
    assert np.abs(upright - large[:, 96:276]).mean() < 1.5  # and a quarter of 388, to the nearest even
