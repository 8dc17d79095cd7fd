"""How often somebody may try to sign in: as an account, from an address, with a browser that was in before.

A stranger can use up an account's tries, and its owner would wait with them. So a browser that has signed in
keeps a cookie that says so, and has tries of its own; it opens nothing by itself.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Final

from flask import Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from plugin_backend.api.asked import furniture, settings
from plugin_backend.api.browser.rendering import tries
from plugin_backend.api.browser.visitors import give_cookie, read_cookie
from plugin_backend.auth.limits import Limit
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.domain.people.addresses import mailbox_of

_LETTERS: Final = Limit(3, 3600)
_LETTERS_OF_ALL: Final = Limit(1_000, 3600)
_KNOWN: Final = "known"
_KNOWN_FOR: Final = int(timedelta(days=180).total_seconds())


def admit_try(email: str) -> None:
    """RateLimitedError once there were too many tries, right or wrong, for a password to be looked at.

    Studios share an address, so one address may try for several people; the database learns of none of it.
    """
    most, account = settings().sign_in_failures, _account(email)
    browser = _known_as(account)
    if browser is not None:
        furniture().limiter.admit(f"lb:{browser}", tries(most // 2))
        return
    furniture().limiter.admit(f"la:{account}", tries(most // 2))
    furniture().limiter.admit(f"li:{request.remote_addr}", tries(most * 3))


def admit_look(door: str) -> None:
    """RateLimitedError once an address has tried too many links or codes at a door."""
    furniture().limiter.admit(f"{door}:{request.remote_addr}", tries(settings().sign_in_failures * 3))


def admit_letter(email: str) -> None:
    """RateLimitedError once an address was sent enough letters, or somebody asked for enough of them.

    Known or not, an address counts alike; all together are counted too, for the good name of the sender.
    """
    limiter = furniture().limiter
    limiter.admit(f"ma:{_account(mailbox_of(email))}", _LETTERS)
    limiter.admit(f"mi:{request.remote_addr}", tries(settings().sign_in_failures))
    limiter.admit("mail", _LETTERS_OF_ALL)


def wait_in_words(error: RateLimitedError) -> str:
    """How long, for the page that refuses."""
    minutes = -(-error.retry_after_seconds // 60)
    return f"Wait {minutes} {'minute' if minutes == 1 else 'minutes'}, then try again."


def know_again(answer: Response, email: str) -> None:
    """Tell this browser from strangers when the account is tried again."""
    kept = [_account(email), secrets.token_urlsafe(16)]
    give_cookie(answer, _KNOWN, _signer().dumps(kept), max_age=_KNOWN_FOR)


def _known_as(account: str) -> str | None:
    try:
        of_account, browser = _signer().loads(read_cookie(_KNOWN), max_age=_KNOWN_FOR)
    except BadData:
        return None
    return str(browser) if of_account == account else None


def _account(email: str) -> str:
    """A name for an address that says nothing of it."""
    spelt = email.casefold().encode("utf-8", "replace")
    return hmac.digest(settings().secret_key.encode(), b"account:" + spelt, "sha256").hex()[:32]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="a browser that was in before")
