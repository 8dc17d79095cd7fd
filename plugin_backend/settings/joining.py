"""The settings of who may make an account of their own: nobody, until an operator says otherwise."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from plugin_backend.settings.environment import EnvironmentReader


class SignUp(StrEnum):
    """Who may join by themselves."""

    CLOSED = "closed"
    DOMAINS = "domains"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class JoiningSettings:
    """The part of the settings that says who may join."""

    sign_up: SignUp = SignUp.CLOSED
    sign_up_domains: tuple[str, ...] = ()
    sign_up_refused_domains: tuple[str, ...] = ()


def read_joining_settings(read: EnvironmentReader) -> dict[str, Any]:
    """All of them, checked; what is verified by a letter needs somebody who takes letters."""
    sign_up = read.choice("SIGN_UP", SignUp, default=SignUp.CLOSED)
    domains = tuple(each.lower() for each in read.listed("SIGN_UP_DOMAINS"))
    if sign_up is not SignUp.CLOSED and not read.optional("SMTP_URL"):
        read.problem("SIGN_UP", "needs SMTP_URL: addresses are verified by a letter")
    if sign_up is SignUp.DOMAINS and not domains:
        read.problem("SIGN_UP_DOMAINS", "is missing; SIGN_UP=domains lets in people of these alone")
    return {
        "sign_up": sign_up,
        "sign_up_domains": domains,
        "sign_up_refused_domains": tuple(each.lower() for each in read.listed("SIGN_UP_REFUSED_DOMAINS")),
    }
