"""Operations that behave, and operations that misbehave in one way each."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from worker.media.operations import OperationContext, OperationError

OPERATIONS: Final[Mapping[str, str]] = {
    name: f"tests.media_process.operations_on_trial:{name}"
    for name in (
        "add",
        "count",
        "crash",
        "describe_child",
        "fill_folder",
        "fill_memory",
        "fill_memory_of_grandchild",
        "fork_and_wait",
        "hoard",
        "leave_files",
        "open_socket",
        "print_noise",
        "raise_bug",
        "refuse",
        "repeat_progress",
        "spin",
        "talk_nonsense",
        "wait",
        "write_large_file",
    )
}
PRELOAD: Final = ("json",)
_hoard: list[bytearray] = []


def add(arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    return {"sum": arguments["a"] + arguments["b"]}


def count(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    for number in range(arguments["to"]):
        time.sleep(arguments.get("every", 0))
        context.progress(number + 1, arguments["to"])
    return {"counted": arguments["to"]}


def crash(arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    os.kill(os.getpid(), arguments["signal"])
    return {}


def describe_child(_arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "environment": dict(os.environ),  # noqa: TID251 - what a child can see is the point
        "has_storage": context.lent_storage is not None,
        "modules": sorted(sys.modules),
        "open_files": len(list(Path("/proc/self/fd").iterdir())),
        "scratch": str(context.scratch),
    }


def fill_folder(_arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    for number in range(100):
        (context.scratch / f"{number}.bin").write_bytes(bytes(1 << 20))
        context.progress(number + 1, 100)
        time.sleep(0.1)
    return {}


def fill_memory(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    held = []
    for number in range(arguments["megabytes"] // 16):
        held.append(bytearray(os.urandom(1 << 20) * 16))
        context.progress(number, arguments["megabytes"] // 16)
        time.sleep(arguments.get("pause", 0))
    return {"held": len(held)}


def fill_memory_of_grandchild(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    code = f"x = bytearray(b'x') * ({arguments['megabytes']} << 20); import time; time.sleep(30)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=context.scratch)
    return {}


def fork_and_wait(_arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    grandchild = subprocess.Popen(["/bin/sleep", "300"])
    context.progress(grandchild.pid, 1 << 30)
    grandchild.wait()
    return {}


def hoard(arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    _hoard.append(bytearray(b"x") * (arguments["megabytes"] << 20))
    return {"pid": os.getpid()}


def leave_files(_arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    (context.scratch / "left.bin").write_bytes(b"left")
    return {"folder": str(context.scratch)}


def open_socket(arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    with socket.create_connection(("127.0.0.1", arguments["port"]), timeout=2):
        return {"connected": True}


def print_noise(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    print('{"run": 1, "result": {"forged": true}}')  # noqa: T201 - what a chatty library does
    os.write(1, b"raw noise\n")
    return {"honest": True}


def raise_bug(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    empty: dict[str, str] = {}
    return {"never": empty["absent"]}


def refuse(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    raise OperationError("not-a-picture", "This is a zip file; send a PNG.")


def repeat_progress(_arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    while True:
        context.progress(1, 2)
        time.sleep(0.02)


def spin(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    while True:
        pass


def talk_nonsense(_arguments: dict[str, Any], _context: OperationContext) -> dict[str, Any]:
    for descriptor in range(3, 20):  # the protocol's own pipe is one of these
        try:
            os.write(descriptor, b"no json\n")
        except OSError:
            continue
    time.sleep(30)
    return {}


def wait(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    (Path(arguments["note"])).write_text(str(os.getpid()))
    context.progress(0, 1)
    time.sleep(300)
    return {}


def write_large_file(arguments: dict[str, Any], context: OperationContext) -> dict[str, Any]:
    with (context.scratch / "large.bin").open("wb") as file:
        for _ in range(arguments["megabytes"]):
            file.write(bytes(1 << 20))
    return {}
