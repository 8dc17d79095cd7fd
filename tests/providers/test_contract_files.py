"""The contract of fetching: outputs are brought whole, once, from where they may be, or not at all."""

import hashlib

import pytest

from tests.fakes.faults import Door, Fault, Kind
from tests.providers.contract import Rig
from worker.providers.downloads import DownloadBrokenError
from worker.providers.protocol import ExpiredError, FetchRefusedError, Finished

pytestmark = pytest.mark.slow


def _downloads(rig: Rig) -> int:
    return rig.simulator.seen[Door.DOWNLOAD]


@pytest.mark.parametrize("kind", [Kind.TRUNCATE, Kind.RESET])
def test_a_file_that_breaks_off_goes_on_where_it_was(rig: Rig, kind: Kind) -> None:
    outputs = rig.finished()
    rig.simulator.faults.add(Fault(kind=kind, on=Door.DOWNLOAD, most=1))

    (file,) = rig.fetched(outputs)["files"]

    assert _downloads(rig) == 2
    resumed = rig.simulator.requests[-1]
    assert resumed.headers["range"] == f"bytes={file['bytes'] // 2}-"
    assert hashlib.sha256(rig.storage.get_bytes(file["key"])).hexdigest() == file["sha256"]


def test_a_download_that_failed_is_downloaded_again_and_not_made_again(rig: Rig) -> None:
    outputs = rig.finished()
    rig.simulator.faults.add(Fault(kind=Kind.ERROR, on=Door.DOWNLOAD, most=4))
    with pytest.raises(DownloadBrokenError):
        rig.fetched(outputs)

    rig.fetched(outputs)

    assert rig.taken_on == 1


def test_a_step_that_runs_again_brings_no_file_twice(rig: Rig) -> None:
    outputs = rig.finished()

    first, second = rig.fetched(outputs), rig.fetched(outputs)

    assert first == second
    assert _downloads(rig) == 1


def test_the_lease_is_held_while_bytes_arrive(rig: Rig) -> None:
    rig.fetched(rig.finished())

    assert rig.alive


def test_an_address_that_expired_is_asked_for_again(rig: Rig) -> None:
    ref = rig.accepted()
    old = rig.ended(ref)
    assert isinstance(old, Finished)
    rig.simulator.clock.advance(2 * rig.simulator.conduct.url_seconds)
    with pytest.raises(ExpiredError):
        rig.fetched(old.outputs)

    fresh = rig.look(ref)

    assert isinstance(fresh, Finished)
    assert rig.fetched(fresh.outputs)["files"]
    assert rig.taken_on == 1


def test_the_declared_media_type_is_not_believed(rig: Rig) -> None:
    outputs = rig.finished()
    rig.simulator.faults.add(Fault(kind=Kind.WRONG_TYPE, media_type="text/html"))

    (file,) = rig.fetched(outputs)["files"]

    assert file["media_type"] == "video/mp4"


@pytest.mark.parametrize("kind", [Kind.HTML, Kind.HUGE])
def test_a_web_page_or_ten_gigabytes_of_nothing_is_refused(rig: Rig, kind: Kind) -> None:
    outputs = rig.finished()
    rig.simulator.faults.add(Fault(kind=kind, on=Door.DOWNLOAD))

    with pytest.raises(FetchRefusedError) as refused:
        rig.fetched(outputs)

    assert refused.value.slug == "provider-failed"
    assert rig.storage.list("takes/take_01jd0000000000000000000000") == ()


INSIDE = [
    "http://169.254.169.254/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::ffff:169.254.169.254]/",
    "https://10.0.0.1/take.mp4",
    "https://localhost/take.mp4",
    "http://127.0.0.1:9/take.mp4",
]


@pytest.mark.parametrize("inside", INSIDE)
def test_a_redirect_into_our_own_network_is_not_followed(rig: Rig, inside: str) -> None:
    outputs = rig.finished()
    rig.simulator.faults.add(Fault(kind=Kind.REDIRECT, on=Door.DOWNLOAD, location=inside))

    with pytest.raises(FetchRefusedError, match="nothing is fetched"):
        rig.fetched(outputs)

    assert _downloads(rig) == 1


@pytest.mark.parametrize("inside", INSIDE)
def test_an_output_in_our_own_network_is_not_fetched(rig: Rig, inside: str) -> None:
    rig.simulator.faults.add(Fault(kind=Kind.FOREIGN_OUTPUT, location=inside))
    outputs = rig.finished()

    with pytest.raises(FetchRefusedError, match="nothing is fetched"):
        rig.fetched(outputs)

    assert rig.alive == []
