import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.media_process.children import OPERATIONS, REPOSITORY, is_alive, pid_of, wait_until
from worker.media.process import (
    ChildDiedError,
    MediaProcess,
    OperationFailedError,
    OutOfMemoryError,
    OverdueError,
    StalledError,
    StoppedError,
)


def test_an_operation_answers_with_its_result(media: MediaProcess) -> None:
    assert media.run("add", {"a": 2, "b": 3}, deadline_seconds=30) == {"sum": 5}


def test_the_next_runs_use_the_same_child_and_start_at_once(media: MediaProcess) -> None:
    first = pid_of(media)
    took = []
    for _ in range(10):
        began = time.perf_counter()
        media.run("add", {"a": 1, "b": 1}, deadline_seconds=30)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02  # the machine may be busy with others meanwhile, not ten times in a row
    assert pid_of(media) == first


def test_progress_arrives_in_order_and_ends_with_the_total(media: MediaProcess) -> None:
    heard: list[tuple[int, int]] = []
    media.run(
        "count",
        {"to": 12, "every": 0.03},
        deadline_seconds=30,
        on_progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == sorted(heard)
    assert heard[-1] == (12, 12)
    assert len(heard) > 3


def test_a_lost_lease_kills_the_child_and_comes_out_of_the_run(media: MediaProcess) -> None:
    class LeaseLostError(Exception):
        pass

    def lose(_done: int, _total: int) -> None:
        raise LeaseLostError

    pid = pid_of(media)
    with pytest.raises(LeaseLostError):
        media.run("count", {"to": 1000, "every": 0.01}, deadline_seconds=30, on_progress=lose)
    assert not is_alive(pid)
    assert media.run("add", {"a": 1, "b": 1}, deadline_seconds=30) == {"sum": 2}


def test_a_run_that_nobody_wants_any_more_ends_between_two_frames(
    media: MediaProcess, tmp_path: Path
) -> None:
    class CancelledError(Exception):
        pass

    note, looks = tmp_path / "pid", 0

    def look(done: int, _total: int) -> None:
        nonlocal looks
        assert done == 0
        looks += note.exists() and note.read_text() != ""
        if looks == 3:
            raise CancelledError

    with pytest.raises(CancelledError):  # the child tells of its progress once, and would sleep for minutes
        media.run("wait", {"note": str(note)}, deadline_seconds=60, on_progress=look)
    assert not is_alive(int(note.read_text()))


def test_a_run_that_nobody_wants_any_more_ends_before_its_first_frame(media: MediaProcess) -> None:
    class CancelledError(Exception):
        pass

    def look(done: int, total: int) -> None:
        assert (done, total) == (0, 0)
        raise CancelledError

    pid = pid_of(media)
    with pytest.raises(CancelledError):  # it never tells of any progress
        media.run("spin", {}, deadline_seconds=60, on_progress=look)
    assert not is_alive(pid)


def test_silence_ends_a_run_as_stalled(media: MediaProcess, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    child = pid_of(media)  # it has started: its imports are no part of the silence
    with pytest.raises(StalledError, match=r"Nothing advanced for 0\.8 s"):
        media.run("wait", {"note": str(note)}, deadline_seconds=30, stall_seconds=0.8)
    assert int(note.read_text()) == child
    assert not is_alive(child)


def test_saying_the_same_number_again_is_not_progress(media: MediaProcess) -> None:
    with pytest.raises(StalledError):
        media.run("repeat_progress", {}, deadline_seconds=30, stall_seconds=0.5)


def test_steady_progress_outlives_the_stall_bound(media: MediaProcess) -> None:
    pid_of(media)
    result = media.run("count", {"to": 40, "every": 0.05}, deadline_seconds=60, stall_seconds=1.5)
    assert result == {"counted": 40}


def test_the_deadline_ends_a_run_that_advances(media: MediaProcess) -> None:
    with pytest.raises(OverdueError, match=r"longer than 0\.5 s"):
        media.run("count", {"to": 10_000, "every": 0.01}, deadline_seconds=0.5)


def test_memory_over_the_bound_ends_the_run(scratch: Path) -> None:
    with (
        MediaProcess(200, scratch, operations=OPERATIONS) as media,
        pytest.raises(OutOfMemoryError, match="of the 200 MB allowed"),
    ):
        media.run("fill_memory", {"megabytes": 350, "pause": 0.02}, deadline_seconds=30)


def test_memory_taken_faster_than_anyone_looks_is_refused_by_the_system(scratch: Path) -> None:
    with MediaProcess(128, scratch, operations=OPERATIONS) as media, pytest.raises(OutOfMemoryError):
        media.run("hoard", {"megabytes": 4096}, deadline_seconds=30)


def test_the_memory_of_a_grandchild_counts(scratch: Path) -> None:
    with MediaProcess(200, scratch, operations=OPERATIONS) as media, pytest.raises(OutOfMemoryError):
        media.run("fill_memory_of_grandchild", {"megabytes": 300}, deadline_seconds=30)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_crash_is_named_and_the_next_run_gets_a_new_child(
    media: MediaProcess, number: signal.Signals
) -> None:
    first = pid_of(media)
    with pytest.raises(ChildDiedError, match=number.name):
        media.run("crash", {"signal": int(number)}, deadline_seconds=30)
    assert pid_of(media) != first


def test_a_refusal_carries_its_slug_and_sentence_and_keeps_the_child(media: MediaProcess) -> None:
    first = pid_of(media)
    with pytest.raises(OperationFailedError) as refused:
        media.run("refuse", {}, deadline_seconds=30)
    assert (refused.value.slug, refused.value.detail) == ("not-a-picture", "This is a zip file; send a PNG.")
    assert pid_of(media) == first


def test_a_bug_in_an_operation_is_a_failure_not_a_death(media: MediaProcess) -> None:
    with pytest.raises(OperationFailedError, match="KeyError"):
        media.run("raise_bug", {}, deadline_seconds=30)


def test_only_listed_operations_run(media: MediaProcess) -> None:
    with pytest.raises(OperationFailedError, match=r"no media operation 'os\.system'"):
        media.run("os.system", {"command": "true"}, deadline_seconds=30)


def test_what_a_library_prints_is_not_taken_for_an_answer(media: MediaProcess) -> None:
    assert media.run("print_noise", {}, deadline_seconds=30) == {"honest": True}


def test_nonsense_on_the_protocol_pipe_kills_the_child(media: MediaProcess) -> None:
    with pytest.raises(ChildDiedError, match="not JSON"):
        media.run("talk_nonsense", {}, deadline_seconds=30, untrusted=True)


def test_each_run_has_a_fresh_folder_that_is_gone_afterwards(media: MediaProcess) -> None:
    first, second = (Path(media.run("leave_files", {}, deadline_seconds=30)["folder"]) for _ in range(2))
    assert first != second
    assert not first.exists()
    assert not second.exists()


def test_a_child_is_replaced_after_its_share_of_runs(scratch: Path) -> None:
    with MediaProcess(512, scratch, operations=OPERATIONS, runs_per_child=2) as media:
        pids = [pid_of(media) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_child_that_hoards_memory_between_runs_is_replaced(scratch: Path) -> None:
    with MediaProcess(400, scratch, operations=OPERATIONS) as media:
        first = media.run("hoard", {"megabytes": 250}, deadline_seconds=30)["pid"]
        assert pid_of(media) != first


def test_a_child_that_leaves_no_room_for_the_next_run_is_replaced_before_it(scratch: Path) -> None:
    with MediaProcess(1024, scratch, operations=OPERATIONS) as media:
        first = media.run("hoard", {"megabytes": 300}, deadline_seconds=30)["pid"]
        kept = media.run("describe_child", {}, deadline_seconds=30, needs_mb=400)["pid"]
        fresh = media.run("describe_child", {}, deadline_seconds=30, needs_mb=900)["pid"]
    assert kept == first
    assert fresh != first


def test_stop_ends_the_run_under_way_and_refuses_the_next(media: MediaProcess, tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def stop(_done: int, total: int) -> None:
        if total:  # it has begun
            media.stop()

    with pytest.raises(StoppedError):
        media.run("wait", {"note": str(note)}, deadline_seconds=30, on_progress=stop)
    assert not is_alive(int(note.read_text()))
    with pytest.raises(StoppedError):
        media.run("add", {"a": 1, "b": 1}, deadline_seconds=30)


def test_killing_a_run_kills_what_it_started(media: MediaProcess) -> None:
    grandchildren: list[int] = []

    def note(pid: int, _total: int) -> None:
        if pid:
            grandchildren.append(pid)

    pid_of(media)
    with pytest.raises(StalledError):
        media.run("fork_and_wait", {}, deadline_seconds=30, stall_seconds=0.8, on_progress=note)
    wait_until(lambda: not is_alive(grandchildren[0]))


PARENT = """
import sys
from pathlib import Path
from worker.media.process import MediaProcess
media = MediaProcess(512, Path(sys.argv[1]), operations="tests.media_process.operations_on_trial")
media.run("wait", {"note": sys.argv[2]}, deadline_seconds=300)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_parent_leaves_no_orphan_and_its_scratch_is_removed_by_the_next(
    scratch: Path, tmp_path: Path, number: signal.Signals
) -> None:
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, scratch, note], cwd=REPOSITORY)
    wait_until(lambda: note.exists() and note.read_text() != "")
    child = int(note.read_text())
    assert is_alive(child)
    parent.send_signal(number)
    parent.wait()
    wait_until(lambda: not is_alive(child))
    assert list(scratch.iterdir())
    with MediaProcess(512, scratch, operations=OPERATIONS) as media:
        assert len(list(scratch.iterdir())) == 1
        assert media.run("add", {"a": 1, "b": 1}, deadline_seconds=30) == {"sum": 2}
    assert not list(scratch.iterdir())


def test_two_processes_share_a_scratch_folder(media: MediaProcess, scratch: Path) -> None:
    with MediaProcess(512, scratch, operations=OPERATIONS) as other:
        assert other.run("add", {"a": 1, "b": 1}, deadline_seconds=30) == {"sum": 2}
        assert media.run("add", {"a": 2, "b": 2}, deadline_seconds=30) == {"sum": 4}
