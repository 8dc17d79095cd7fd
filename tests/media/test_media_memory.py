"""Memory that is handed out again: to one at a time, and only when nobody looks at it any more."""

import gc
import threading

import numpy as np
import pytest

from worker.media import memory

LARGE = (1080, 1920, 3)


def address(picture: np.ndarray) -> int:
    return int(picture.__array_interface__["data"][0])


def test_what_was_let_go_of_serves_the_next_of_its_size() -> None:
    first = memory.blank(LARGE, np.uint16)
    where = address(first)
    first[:] = 7
    del first
    again = memory.blank(LARGE, np.uint16)
    assert address(again) == where
    assert again.shape == LARGE
    again[:] = 9
    assert (again == 9).all()


@pytest.mark.parametrize("view", ["rows", "bits", "pixels"])
def test_as_long_as_any_view_is_held_nobody_else_gets_it(view: str) -> None:
    picture = memory.blank(LARGE, np.float16)
    picture[:] = 3
    held = {"rows": picture[100:], "bits": picture.view(np.uint16), "pixels": picture.reshape(-1, 3)}[view]
    expected = held.copy()
    del picture
    gc.collect()
    others = [memory.blank(LARGE, np.float16) for _ in range(4)]
    for other in others:
        other[:] = 5
    assert np.array_equal(held, expected)
    assert len({address(other) for other in others}) == 4


def test_other_sizes_have_room_of_their_own() -> None:
    memory.blank(LARGE, np.uint16)
    wide, small = memory.blank((2160, 3840, 3), np.uint16), memory.blank((4, 4, 3), np.uint16)
    wide[:], small[:] = 1, 2
    assert wide.nbytes == 2160 * 3840 * 6
    assert (wide == 1).all()
    assert (small == 2).all()


def test_threads_never_share_one() -> None:
    wrong: list[int] = []

    def work(number: int) -> None:
        for _ in range(20):
            picture = memory.blank(LARGE, np.uint16)
            picture[:] = number
            if not (picture == number).all():
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
