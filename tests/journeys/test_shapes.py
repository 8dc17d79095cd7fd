"""One take in frames of other shapes: asked for over HTTP, the files read by other readers."""

from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray

from tests.journeys.deliveries import Bundle, download
from tests.journeys.people import Person, slug
from tests.media import readers

pytestmark = pytest.mark.slow

SMALL: Final = {"frame_rate": "24", "width": 640, "height": 360, "playhead_timecode": "01:00:10:00"}
SHAPES: Final = {"16:9": (640, 360), "9:16": (360, 640), "1:1": (360, 360)}


@pytest.fixture(scope="module")
def take(editor: Person) -> Any:
    found = editor.ready_draft(label="SH030")["takes"][0]
    assert (found["width"], found["height"]) == (640, 360)
    return found


def delivered(editor: Person, take: Any, folder: Path, **wanted: Any) -> Bundle:
    return download(editor, editor.delivery(take["id"], **wanted), folder)


def test_one_request_makes_a_movie_of_every_shape(editor: Person, take: Any, tmp_path: Path) -> None:
    bundle = delivered(editor, take, tmp_path, sequence=SMALL, shapes=[*SHAPES])

    clips = {clip["shape"]: clip for clip in bundle.delivery["clips"]}
    masters = [file["name"] for file in bundle.delivery["files"] if file["role"] == "master"]
    assert {file["role"] for file in bundle.delivery["files"]} == {"master", "poster", "report"}
    assert [clip["file"] for clip in bundle.delivery["clips"]] == masters
    assert [*clips] == [*SHAPES]
    for shape, (width, height) in SHAPES.items():
        clip, path = clips[shape], bundle.folder / str(clips[shape]["file"])
        assert path.stem == clip["name"]
        assert path.stem.endswith("_" + shape.replace(":", "x"))
        assert f"{width}x{height}" in readers.report(path)
        assert (clip["width"], clip["height"]) == (width, height)
        assert len(readers.stamps(path)) == clip["frame_count"] == 24
        assert readers.timecode(path) == clip["start_timecode"] == "01:00:10:00"
        assert clip["upscaled"] is (shape == "9:16")
        poster = oiio.ImageBuf(str(path.with_name(f"{path.stem}_poster.jpg"))).spec()
        assert (poster.width, poster.height) == (width, height)


def test_frames_padded_and_cropped_hold_the_very_pixels(editor: Person, take: Any, tmp_path: Path) -> None:
    def first(name: str, **wanted: Any) -> NDArray[np.float32]:
        asked: dict[str, Any] = {"master_format": "exr-aces", "in_frame": 9, "out_frame": 9, **wanted}
        bundle = delivered(editor, take, tmp_path / name, **asked)
        (frame,) = bundle.frames
        return np.asarray(oiio.ImageBuf(str(bundle.folder / frame["name"])).get_pixels(oiio.FLOAT))

    whole = first("whole", sequence=SMALL)
    corner = {"x": 1, "y": 0}
    window = {**SMALL, "width": 300, "height": 200}
    large = {**SMALL, "width": 720, "height": 400}

    assert np.array_equal(first("crop", sequence=window, fit="crop", position=corner), whole[:200, 340:640])
    padded = first("pad", sequence=large, fit="pad", position=corner)
    assert np.array_equal(padded[:360, 80:], whole)
    assert np.count_nonzero(padded) == np.count_nonzero(whole)


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"fit": "pad", "sequence": {**SMALL, "width": 320, "height": 180}}, "/fit"),
        ({"fit": "crop", "sequence": {**SMALL, "width": 1280, "height": 360}}, "/fit"),
        ({"position": {"x": 0}}, "/position"),
        ({"shapes": ["1:1"], "master_format": "prores-422-hq"}, "/shapes"),
        ({"shapes": ["1:1"], "host": "nuke", "master_format": "exr-aces"}, "/shapes"),
    ],
)
def test_what_does_not_go_together_is_refused_by_its_field(
    editor: Person, take: Any, wish: dict[str, Any], pointer: str
) -> None:
    refused = editor.send("POST", f"/v1/takes/{take['id']}/deliveries", wish)

    assert (refused.status_code, slug(refused)) == (422, "validation")
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
