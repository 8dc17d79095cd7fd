"""E-mail addresses: which we write to, and which of them end in one mailbox."""

import re
from typing import Final

LONGEST: Final = 254
_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?P<local>{_LOCAL})@(?P<domain>(?:{_LABEL}\.)+{_LABEL})")
_LONGEST_LOCAL: Final = 64

_WITHOUT_DOTS: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Domains that deliver `a.b` and `ab` to the same person, under the name they are the same by."""


def is_address(text: str) -> bool:
    """Whether we would write to it: ASCII, a full domain, nothing that a header could be broken with."""
    found = _ADDRESS.fullmatch(text)
    return found is not None and len(text) <= LONGEST and len(found["local"]) <= _LONGEST_LOCAL


def domain_of(address: str) -> str:
    """What stands behind the last `@`, in lower case."""
    return address.rpartition("@")[2].lower()


def mailbox_of(address: str) -> str:
    """The one spelling of all addresses that end in the same mailbox, as far as that can be known.

    Case never matters; what follows a `+` is a label of the owner's own; dots matter but for a few domains.
    """
    local, _, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", "") or local, _WITHOUT_DOTS[domain]
    return f"{local}@{domain}"


def is_within(domain: str, listed: tuple[str, ...]) -> bool:
    """Whether a domain, or one it lies below, is listed."""
    return any(domain == each or domain.endswith(f".{each}") for each in listed)
