"""Whatever movie is delivered, its credentials are its last change and others trust them."""

from pathlib import Path

import pytest

from plugin_backend.domain.delivering.conform_plan import OutputRole, OutputSpec
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, HDR_SPACES, DeliveryFormat
from plugin_backend.signing import development_credential, roots_of
from tests.conform.take import deliver, store_take, take
from tests.media import readers
from tests.provenance.signing_desk import claim, read_elsewhere, statement, store_proxies

CREDENTIAL = development_credential("one secret" * 4)
MOVIES = [form for form, facts in DELIVERY_FORMATS.items() if facts.is_movie]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("formats")
    store_take(found, take(frames=8, width=320, height=180))
    store_proxies(found, claim())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("form", MOVIES)
def test_a_movie_of_every_format_is_trusted_and_whole(folder: Path, form: DeliveryFormat) -> None:
    is_hdr = DELIVERY_FORMATS[form].spaces[0] in HDR_SPACES
    sequence = {
        "frame_rate": "24",
        "width": 320,
        "height": 180,
        "playhead_timecode": "01:00:10:00",
        "handles_frames": 0,
        "colour_space": "rec2100-pq" if is_hdr else "rec709",
    }
    provenance = {"credential": CREDENTIAL.to_json(), "statement": statement(claim()).to_json()}
    wanted = [OutputSpec(OutputRole.MASTER, form)]

    delivered = deliver(
        folder,
        take(frames=8, width=320, height=180),
        wanted,
        sequence=sequence,
        prefix=f"deliveries/{form}",
        provenance=provenance,
    )

    entry = delivered.result["files"][0]
    movie = delivered.path(entry)
    assert read_elsewhere(movie, entry["media_type"], root=roots_of([CREDENTIAL]))["state"] == "Trusted"
    assert len(readers.stamps(movie)) == 8
    assert readers.timecode(movie) == "01:00:10:00"
