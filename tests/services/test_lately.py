"""What was found out a moment ago is not asked for again, and nobody waits for who asks anew."""

import threading

from plugin_backend.services.lately import Lately


def test_an_answer_is_kept_for_its_time_and_then_asked_for_again() -> None:
    asked: list[int] = []

    def find() -> int:
        asked.append(1)
        return len(asked)

    kept, fleeting = Lately[int](60.0), Lately[int](0.0)

    assert [kept.get(find) for _ in range(3)] == [1, 1, 1]
    assert [fleeting.get(find) for _ in range(2)] == [2, 3]


def test_while_one_asks_anew_the_others_go_on_with_what_was_known() -> None:
    lately, begun, may_end = Lately[str](0.0), threading.Event(), threading.Event()
    assert lately.get(lambda: "old") == "old"

    def slowly() -> str:
        begun.set()
        assert may_end.wait(10)
        return "new"

    asking = threading.Thread(target=lately.get, args=(slowly,))
    asking.start()
    assert begun.wait(10)

    assert lately.get(lambda: "mine") == "old"
    may_end.set()
    asking.join(10)
    assert lately._known == "new"


def test_a_question_that_fails_is_asked_again() -> None:
    lately = Lately[int](60.0)

    def broken() -> int:
        raise OSError("away")

    for _ in range(2):
        try:
            lately.get(broken)
        except OSError:
            continue
        raise AssertionError("it did not fail")
    assert lately.get(lambda: 7) == 7
