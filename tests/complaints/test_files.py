"""Complaints about what was made and could not be had."""

import hashlib
from datetime import timedelta

import pytest

from tests.complaints.conftest import Play
from tests.complaints.scene import EVERY, Scene
from tests.fakes.faults import Door, Fault, Kind

pytestmark = pytest.mark.slow

FAILS = [
    Fault(kind=Kind.ERROR, on=Door.DOWNLOAD, status=500, most=6),
    Fault(kind=Kind.RESET, on=Door.DOWNLOAD, most=6),
    Fault(kind=Kind.TRUNCATE, on=Door.DOWNLOAD, most=6),
    Fault(kind=Kind.EXPIRED, on=Door.DOWNLOAD, most=6),
]


@pytest.mark.parametrize("fault", FAILS, ids=lambda fault: fault.kind.value)
def test_a_download_that_fails_is_tried_again_and_never_a_reason_to_generate_again(
    play: Play, fault: Fault
) -> None:
    scene = play("luma", "atlas")
    made = {name: scene.ask(name) for name in ("luma", "atlas")}
    for name in made:
        scene.upstream(name).faults.add(fault)

    ended = {name: scene.end(each) for name, each in made.items()}

    assert {each["state"] for each in ended.values()} == {"ready"}
    assert [scene.upstream(name).books().accepted for name in made] == [1, 1]
    assert [scene.upstream(name).seen[Door.SUBMIT] for name in made] == [1, 1]
    scene.check_books()


def test_a_take_outlives_its_providers_links(play: Play) -> None:
    """The provider is gone and its links have expired for a year: ours are made anew and open."""
    scene = play(*EVERY)
    ended = {name: scene.end(scene.ask(name)) for name in EVERY}
    assert {each["state"] for each in ended.values()} == {"ready"}
    files = {name: _file(scene, each) for name, each in ended.items()}

    for simulator in scene.played.values():
        simulator.__exit__(None, None, None)
        simulator.__enter__()
        simulator.clock.advance(400 * 24 * 3600)
    scene.studio.clock.turn(timedelta(days=365))

    assert {name: _file(scene, each) for name, each in ended.items()} == files


def test_no_viewer_needs_the_key_of_whoever_generated_it(play: Play) -> None:
    """No address of a provider is ever handed on; ours open for a browser that has no key at all."""
    scene = play(*EVERY)
    for name in EVERY:
        ended = scene.end(scene.ask(name))
        take = ended["takes"][0]
        shown = [ended, scene.editor.get(f"/v1/generations/{ended['id']}/trace").json]

        assert scene.upstream(name).origin not in str(shown), name
        path = take["proxy"]["url"].removeprefix("http://127.0.0.1:8000")
        assert path.startswith("/"), take["proxy"]
        assert scene.editor.client.get(path).status_code == 200


def _file(scene: Scene, generation: dict[str, object]) -> str:
    """What our link to a take's light film opens, as a digest."""
    (take,) = scene.see(generation)["takes"]
    path = take["proxy"]["url"].removeprefix("http://127.0.0.1:8000")
    answer = scene.editor.client.get(path)
    assert answer.status_code == 200, answer.text
    return hashlib.sha256(answer.data).hexdigest()
