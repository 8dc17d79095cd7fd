"""What each file of a delivery says was done to the take: read back by the library, true of that file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DeliveryFormat
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.delivering.placing import Fit
from plugin_backend.domain.delivering.shapes import Shape
from plugin_backend.domain.sequence import Sequence as EditorSequence
from plugin_backend.signing import development_credential, roots_of
from tests.conform.take import store_take, take, work_for
from tests.domain.conforms import EXR, H264, PRORES, PROXY
from tests.provenance.signing_desk import claim, read_elsewhere, statement
from worker.media.process import MediaProcess
from worker.provenance.telling import deeds

pytestmark = pytest.mark.slow

CREDENTIAL = development_credential("a secret of this test alone" * 2)
PNG: Final = OutputSpec(OutputRole.MASTER, DeliveryFormat.PNG)
FORMS: Final = {
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".c2pa": "text/plain",
}
START: Final = "01:00:10:00"


def told(
    folder: Path,
    outputs: Sequence[OutputSpec],
    *,
    of: tuple[int, int] = (160, 90),
    size: tuple[int, int] = (160, 90),
    frames: tuple[int, ...] = (),
) -> Mapping[str, list[str]]:
    """By file, what its credential says was done to a take of eight frames and some size."""
    facts = take(frames=8, width=of[0], height=of[1])
    store_take(folder, facts)
    asked = {"frame_rate": "24", "width": size[0], "height": size[1], "playhead_timecode": START}
    sequence, part = EditorSequence.from_json(asked), Part(frames=frames) if frames else None
    plan = plan_conform(facts, sequence, outputs, name_stem="shot", fit=Fit.FIT, part=part)
    said = replace(statement(claim(proxy_key=None)), deeds=deeds(plan))
    work = work_for(plan, prefix="one") | {"asked": {}, "label": "animatic"}
    provenance = {"credential": CREDENTIAL.to_json(), "statement": said.to_json()}
    with MediaProcess(1024, folder / "scratch", storage_url=folder.as_uri()) as media:
        chunks = [
            media.run("conform_chunk", work | {"chunk": number}, deadline_seconds=120)
            for number in range(len(plan.chunks))
        ]
        made = media.run(
            "conform_finish", work | {"chunks": chunks, "provenance": provenance}, deadline_seconds=120
        )
    files = [each for file in made["files"] for each in file.get("frames", [file])]
    keys = {file["name"]: file["key"] for file in files if Path(file["name"]).suffix in FORMS}
    listed = next((folder / file["key"] for file in files if file["name"].endswith(".sha256")), None)
    return {name: _descriptions(folder / key, listed) for name, key in keys.items()}


def _descriptions(path: Path, listed: Path | None) -> list[str]:
    sidecar, root = path.suffix == ".c2pa", roots_of([CREDENTIAL])
    asset = listed if sidecar and listed is not None else path
    data = path.read_bytes() if sidecar else None
    active = read_elsewhere(asset, FORMS[path.suffix], root=root, sidecar=data)["active"]
    actions: list[Any] = next(
        each["data"]["actions"] for each in active["assertions"] if each["label"] == "c2pa.actions.v2"
    )
    return [action["description"] for action in actions if action["action"] == "c2pa.transcoded"]


def test_a_shape_tells_of_its_own_cut_and_whether_it_is_enlarged(tmp_path: Path) -> None:
    shapes = [replace(H264, shape=shape) for shape in (Shape.WIDE, Shape.UPRIGHT)]
    found = told(tmp_path, shapes)

    at = f"at 24 frames a second: 8 frames from {START}."
    assert found["shot_16x9.mp4"] == [f"Conformed to 160 by 90 pixels {at}", "Cut to 16:9: 160 by 90 pixels."]
    assert found["shot_9x16.mp4"] == [
        f"Conformed to 90 by 160 pixels {at}",
        "Cut to 9:16: 90 by 160 pixels.",
        "Enlarged from 160 by 90 pixels.",
    ]


def test_a_movie_of_a_run_tells_of_its_own_frames(tmp_path: Path) -> None:
    found = told(tmp_path, [PRORES], frames=(1, 4, 5))

    first = "Conformed to 160 by 90 pixels at 24 frames a second: "
    movies = {name: said for name, said in found.items() if name.endswith(".mov")}
    assert [*movies.values()] == [
        [f"{first}1 frame from 01:00:10:01."],
        [f"{first}2 frames from 01:00:10:04."],
    ]


@pytest.mark.parametrize(("output", "count"), [(EXR, 1), (PNG, 3)])
def test_frames_of_a_list_tell_of_every_run(tmp_path: Path, output: OutputSpec, count: int) -> None:
    found = told(tmp_path, [output], frames=(1, 4, 5))

    frames = [said for name, said in found.items() if not name.endswith("_poster.jpg")]
    runs = "3 frames in 2 runs, 1 from 01:00:10:01, 2 from 01:00:10:04."
    assert frames == [[f"Conformed to 160 by 90 pixels at 24 frames a second: {runs}"]] * count
    assert found["shot_poster.jpg"] == ["Conformed."]


def test_a_proxy_smaller_than_the_take_is_not_called_enlarged(tmp_path: Path) -> None:
    found = told(tmp_path, [PRORES, PROXY], of=(960, 540), size=(1920, 1080))

    conformed = "Conformed to {} pixels at 24 frames a second: " + f"8 frames from {START}."
    assert found["shot.mov"] == [conformed.format("1920 by 1080"), "Enlarged from 960 by 540 pixels."]
    assert found["shot_proxy.mp4"] == [conformed.format("960 by 540")]
