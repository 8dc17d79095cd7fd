"""Takes placed without scaling: another reader finds their own samples where they were asked to be."""

from pathlib import Path

import numpy as np
import OpenImageIO as oiio  # noqa: N813 - its documentation's own name
import pytest
from numpy.typing import NDArray

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.placing import Fit, Position
from tests.conform.desk import Desk
from tests.conform.take import FRAME, Delivered, deliver, planes, store_take, take
from tests.domain.conforms import EXR
from tests.ingest.filming import film_numbers

pytestmark = pytest.mark.slow

LAYOUTS = {
    DeliveryFormat.H264: "yuv420p",
    DeliveryFormat.PRORES_422_HQ: "yuv422p10le",
    DeliveryFormat.HEVC_MAIN12: "yuv420p12le",
}
CLOSE = {DeliveryFormat.H264: 1.0, DeliveryFormat.PRORES_422_HQ: 1.0, DeliveryFormat.HEVC_MAIN12: 16.0}
"""Mean difference that the encoders' own loss may make, in codes of the file."""


def master(made: Delivered) -> Path:
    return made.path(made.result["files"][0])


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    return film_numbers(folder / "a.mp4", range(8), width=320, height=180, options={"crf": "4"})


def deliver_placed(
    desk: Desk, movie: Path, form: DeliveryFormat, *, size: tuple[int, int], fit: Fit, position: Position
) -> Delivered:
    sequence = {"frame_rate": "24", "width": size[0], "height": size[1]}
    outputs = [OutputSpec(OutputRole.MASTER, form)]
    return desk.deliver(desk.take(movie), outputs, sequence=sequence, fit=fit, position=position)


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_padded_take_keeps_its_own_samples_on_black(desk: Desk, small: Path, form: DeliveryFormat) -> None:
    made = deliver_placed(desk, small, form, size=(512, 256), fit=Fit.PAD, position=Position(0.25, 1))
    left, top = 48, 76
    shift = {"yuv420p": 0, "yuv422p10le": 2, "yuv420p12le": 4}[LAYOUTS[form]]
    source, found = planes(small, "yuv420p"), planes(master(made), LAYOUTS[form])

    assert found[0].shape == (256, 512)
    luma = found[0][top : top + 180, left : left + 320]
    assert np.abs(luma - (source[0] << shift)).mean() < CLOSE[form]
    across = found[1][top // (256 // found[1].shape[0]) :, left // 2 : left // 2 + 160]
    halved = across[:90] if found[1].shape[0] == 128 else across[0:180:2]
    assert np.abs(halved - (source[1] << shift)).mean() < 2 * CLOSE[form]
    assert np.abs(found[0][: top - 8] - (16 << shift)).max() <= 1 << shift
    assert np.abs(found[1][:32, :] - (128 << shift)).max() <= 1 << shift


@pytest.mark.parametrize("form", LAYOUTS)
def test_a_cropped_take_is_a_window_of_its_own_samples(desk: Desk, small: Path, form: DeliveryFormat) -> None:
    made = deliver_placed(desk, small, form, size=(258, 122), fit=Fit.CROP, position=Position(1, 0.5))
    left, top = 62, 28  # 62 and 29: down to even
    shift = {"yuv420p": 0, "yuv422p10le": 2, "yuv420p12le": 4}[LAYOUTS[form]]
    source, found = planes(small, "yuv420p"), planes(master(made), LAYOUTS[form])

    assert np.abs(found[0] - (source[0][top : top + 122, left : left + 258] << shift)).mean() < CLOSE[form]
    window = source[1][top // 2 : top // 2 + 61, left // 2 : left // 2 + 129] << shift
    halved = found[1] if found[1].shape[0] == 61 else found[1][0::2]
    assert np.abs(halved - window).mean() < 2 * CLOSE[form]
    (size,) = [each for each in made.plan.decisions if each.about == "size"]
    assert size.reason.endswith("Offsets are even, as colour is stored for two pixels at a time.")


def test_a_still_of_a_cropped_take_is_the_window_of_the_still_of_all(desk: Desk, small: Path) -> None:
    """PNG loses nothing: what differs would be the placing."""

    def still(size: tuple[int, int], fit: Fit) -> NDArray[np.uint16]:
        made = deliver_placed(
            desk, small, DeliveryFormat.PNG, size=size, fit=fit, position=Position(0.5, 0.25)
        )
        read = oiio.ImageBuf(str(made.path(made.result["files"][0]["frames"][FRAME])))
        return np.asarray(read.get_pixels(oiio.UINT16))

    whole = still((320, 180), Fit.CROP)
    assert np.array_equal(still((200, 100), Fit.CROP), whole[20:120, 60:260])
    padded = still((400, 200), Fit.PAD)
    assert np.array_equal(padded[4:184, 40:360], whole)
    assert not padded[:4].any()
    assert not padded[:, :40].any()
    assert not padded[184:].any()
    assert not padded[:, 360:].any()


@pytest.mark.parametrize(
    ("fit", "size", "offset"), [(Fit.PAD, (203, 111), (22, 10)), (Fit.CROP, (101, 61), (-30, -14))]
)
def test_frames_of_light_are_placed_to_the_half_float(
    tmp_path: Path, fit: Fit, size: tuple[int, int], offset: tuple[int, int]
) -> None:
    facts = take(frames=4)  # of 160 x 90
    store_take(tmp_path, facts)

    def light(size: tuple[int, int], fit: Fit, prefix: str) -> NDArray[np.float32]:
        sequence = {"frame_rate": "24", "width": size[0], "height": size[1], "colour_space": "aces2065-1"}
        made = deliver(tmp_path, facts, [EXR], sequence=sequence, fit=fit, prefix=prefix)
        return np.asarray(oiio.ImageBuf(str(made.frames[2])).get_pixels(oiio.FLOAT))

    whole, found = light((160, 90), Fit.FIT, "whole"), light(size, fit, "placed")
    left, top = offset
    if fit is Fit.PAD:
        assert np.array_equal(found[top : top + 90, left : left + 160], whole)
        assert np.count_nonzero(found) == np.count_nonzero(whole)
    else:
        assert np.array_equal(found, whole[-top : -top + size[1], -left : -left + size[0]])


@pytest.mark.parametrize("size", [(101, 57), (2049, 1153), (57, 32)])
def test_frames_of_light_with_odd_sides_are_filled(tmp_path: Path, size: tuple[int, int]) -> None:
    facts = take(frames=2)
    store_take(tmp_path, facts)
    sequence = {"frame_rate": "24", "width": size[0], "height": size[1]}
    made = deliver(tmp_path, facts, [EXR], sequence=sequence)

    read = np.asarray(oiio.ImageBuf(str(made.frames[0])).get_pixels(oiio.FLOAT))[..., :3]
    assert read.shape == (size[1], size[0], 3)
    assert all(edge.max() > 0 for edge in (read[0], read[-1], read[:, 0], read[:, -1]))
