"""Every way an upstream fails that the fakes know, and what stands for it in the weather.

The fakes speak HTTP, and `tests/providers` shows what each adapter makes of it. Here that verdict is where it
begins: how the service comes through it, and pays for it, whatever else goes wrong meanwhile.

Beside failures there are manners: a provider lists what it began or does not, calls back or does not, and
what it made may be found only after its take has ended.
"""

from collections.abc import Mapping
from typing import Final

from tests.fakes.faults import Kind

_DOUBT: Final = ("post-doubtful", "never-arrives", "arrives-late")
_DOWNLOAD: Final = ("download-broken",)
_NOTHING_TO_TAKE: Final = ("fetch-refused",)

STANDS_FOR: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.REFUSE: ("post-refused-for-good", "post-refused", "account-refused"),
    Kind.TOO_MANY: ("post-limited", "poll-troubled"),
    Kind.ERROR: (*_DOUBT, "poll-troubled", "poll-raised", "listing-away", "listing-raised"),
    Kind.HANG: (*_DOUBT, "post-unreachable", "poll-left-out", "listing-away", "stop-unanswered"),
    Kind.SLOW: ("upstream-slow", "pause"),
    Kind.RESET: (*_DOUBT, *_DOWNLOAD),
    Kind.TRUNCATE: _DOWNLOAD,
    Kind.DRIP: ("pause", *_DOWNLOAD),
    Kind.WRONG_LENGTH: _DOWNLOAD,
    Kind.HTML: ("post-raised", *_NOTHING_TO_TAKE),
    Kind.HUGE: _NOTHING_TO_TAKE,
    Kind.REDIRECT: ("account-refused", *_NOTHING_TO_TAKE),
    Kind.DUPLICATE: ("accepted-twice",),
    Kind.UNKNOWN_STATE: ("upstream-unknown",),
    Kind.MODERATED: ("moderated-late", "post-refused-for-good"),
    Kind.EMPTY_SUCCESS: ("empty-success",),
    Kind.FAILED: ("upstream-failed",),
    Kind.STUCK: ("upstream-stuck", "upstream-silent"),
    Kind.NOT_FOUND_YET: ("not-found-yet",),
    Kind.FOREIGN_OUTPUT: _NOTHING_TO_TAKE,
    Kind.EXPIRED: ("address-expired",),
    Kind.WRONG_TYPE: _NOTHING_TO_TAKE,
    Kind.STORM: ("callback-repeated",),
    Kind.FORGED: ("callback-early",),
    Kind.LOST: ("callback-lost",),
}
