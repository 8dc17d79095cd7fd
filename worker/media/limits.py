"""What a media child may take from the machine, and whom it dies with."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_NO_NEW_PRIVS: Final = 38
_CLONE_NEWUSER: Final = 0x10000000
_CLONE_NEWNET: Final = 0x40000000
_MEGABYTE: Final = 1 << 20

# The whole environment of a child: what Python, numba and the C libraries need, and no secret.
_INHERITED: Final = ("PATH", "LANG", "LC_ALL", "HOME", "SSL_CERT_FILE", "NUMBA_CACHE_DIR")
_THREADS: Final = {
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "1",  # each of its threads reserves address space that the limits would count
    "NUMBA_NUM_THREADS": "2",
    "MALLOC_ARENA_MAX": "2",  # glibc keeps freed pictures in every arena; two keep memory constant
    "MALLOC_MMAP_THRESHOLD_": str(4 << 20),  # unset it moves up to 32 MB, and freed pictures stay in the heap
    "MALLOC_TRIM_THRESHOLD_": str(32 << 20),  # unset a heap gives 128 kB back, to be handed them out again
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # a picture's memory comes in pages of 2 MB, as numpy's does
}


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Hard limits of one child; None leaves a resource to the machine's own limit."""

    data_mb: int
    address_space_mb: int | None = None
    cpu_seconds: int | None = None
    file_mb: int | None = None
    open_files: int = 256
    offline: bool = False

    def to_json(self) -> dict[str, int | bool | None]:
        """As the child reads it from its command line."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, int | bool | None]) -> Self:
        """The inverse of `to_json`."""
        return cls(**document)  # type: ignore[arg-type]  # written by our own parent a moment ago

    def apply(self) -> None:
        """Take effect for this process and everything it starts; there is no way back up."""
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_DATA, self.data_mb * _MEGABYTE)
        _limit(resource.RLIMIT_NOFILE, self.open_files)
        if self.address_space_mb is not None:
            _limit(resource.RLIMIT_AS, self.address_space_mb * _MEGABYTE)
        if self.cpu_seconds is not None:
            _limit(resource.RLIMIT_CPU, self.cpu_seconds)
        if self.file_mb is not None:
            _limit(resource.RLIMIT_FSIZE, self.file_mb * _MEGABYTE)
        if self.offline:
            _leave_the_network()


def trusted_limits(memory_mb: int, *, scratch_mb: int | None = None) -> ChildLimits:
    """Our own work: the parent watches memory and disk; twice the memory stops what outruns its glance."""
    return ChildLimits(data_mb=2 * memory_mb, file_mb=scratch_mb, open_files=1024)


@dataclass(frozen=True, slots=True)
class StrangersBounds:
    """What a child that reads strangers' files may take; the parent watches what is resident."""

    limits: ChildLimits
    resident_mb: int


# An upload: room for one 25-megapixel picture or a few 4K frames.
_ASSET: Final = StrangersBounds(
    ChildLimits(
        data_mb=1024, address_space_mb=3072, cpu_seconds=60, file_mb=512, open_files=64, offline=True
    ),
    resident_mb=768,
)
# A provider's take: minutes of it, converted frame by frame with every kernel of ours loaded.
_TAKE: Final = StrangersBounds(
    ChildLimits(
        data_mb=3072, address_space_mb=8192, cpu_seconds=7200, file_mb=8192, open_files=64, offline=True
    ),
    resident_mb=1536,
)


def strangers_bounds(op: str) -> StrangersBounds:
    """The bounds of an operation that reads strangers' files, and no network in any."""
    return _TAKE if op == "ingest_take" else _ASSET


def child_environment(
    inherited: Mapping[str, str], *, python_path: str, scratch: str, compiled: str
) -> dict[str, str]:
    """Only what is named here crosses over: addresses and keys stay with the parent.

    What numba compiles is kept beside the source, or in `compiled` where nobody may write there.
    """
    kept = {name: inherited[name] for name in _INHERITED if name in inherited}
    if not os.access(Path(__file__).parent, os.W_OK):
        kept.setdefault("NUMBA_CACHE_DIR", compiled)
    return {**kept, **_THREADS, "PYTHONPATH": python_path, "TMPDIR": scratch, "PYTHONUNBUFFERED": "1"}


def die_with_parent(parent: int) -> None:
    """Be killed when the parent is, however it goes; on other systems the closed pipe tells us instead."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:  # it went before we asked
        os._exit(1)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (ceiling, ceiling))


def _leave_the_network() -> None:
    """An empty network namespace where the kernel grants one: a second lock, decoding opens no socket."""
    if sys.platform == "linux" and _libc().unshare(_CLONE_NEWNET) != 0:
        _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
