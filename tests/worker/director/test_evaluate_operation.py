from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from plugin_backend.domain.direction.directives import DirectiveKind
from plugin_backend.domain.direction.evaluation import Evaluation, Standing
from plugin_backend.domain.direction.terms import Move
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.files.storage import Storage, open_storage
from tests.worker.director.clips import RATE, directive, panned
from worker.media.formats import MovieFormat
from worker.media.movie import MovieWriter
from worker.media.operations import OperationContext, operation

FRAMES = 24


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = open_storage((tmp_path / "storage").as_uri())
    movie = tmp_path / "proxy.mp4"
    with MovieWriter(
        movie,
        movie_format=MovieFormat.PROXY,
        rate=Fraction(RATE),
        width=320,
        height=180,
        colour_space=ColourSpace.REC709,
        threads=1,
    ) as writer:
        for frame in panned(x=0.1, frames=FRAMES):
            writer.write(frame.astype(np.uint16) * 257)
    storage.put_file("take/proxy.mp4", movie)
    return storage


def test_a_proxy_in_storage_is_evaluated_and_progress_is_told(storage: Storage, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    context = OperationContext(
        scratch=tmp_path, progress=lambda done, total: told.append((done, total)), lent_storage=storage
    )
    asked = directive(DirectiveKind.CAMERA, move=Move.PAN_RIGHT)
    arguments = {
        "key": "take/proxy.mp4",
        "directives": [asked.to_json()],
        "frame_rate": str(RATE),
        "frame_count": FRAMES,
        "loop": False,
        "prefix": "take/direction",
        "looks": True,
    }
    result = operation("evaluate_take")(arguments, context)
    evaluation = Evaluation.from_json(result["evaluation"])
    assert result["frames"] == FRAMES
    assert evaluation.move == "pan-right"
    assert evaluation.adherence[0].standing is Standing.FOLLOWED
    assert evaluation.defects == ()
    assert told[-1] == (FRAMES, FRAMES)
    assert [storage.get_bytes(key)[:2] for key in result["looks"]] == [b"\xff\xd8"] * 3
    assert set(result["pictures"]) == {"frame", "motion"}
    for each in result["pictures"].values():
        assert each["key"].startswith("take/direction/")
        assert len(storage.get_bytes(each["key"])) == each["bytes"] > 0
