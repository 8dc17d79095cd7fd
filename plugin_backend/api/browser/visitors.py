"""Who is in front of the browser: two cookies, one that opens a session and one that makes forms ours.

A form carries a token made of both cookies under our secret key. Another site can send a form, and cookies
along with it, but it can read neither, so it cannot make the token.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import urlsplit

from flask import Response, g, request

from plugin_backend.api.asked import house, settings
from plugin_backend.domain.errors import ForbiddenError
from plugin_backend.domain.people.grants import BROWSER_SESSION_LIVES
from plugin_backend.services.people import browser_sessions
from plugin_backend.services.people.browser_sessions import SignedIn

FORM_FIELD: Final = "form_token"
_FORM_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_OWN_SITES: Final = ("same-origin", "none")


class FormRefusedError(ForbiddenError):
    """A form that is not one of our own pages', or one from before its cookies changed."""

    def __init__(self) -> None:
        super().__init__("This page was open for too long. Go back, load it again, and send it once more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever it is; nobody is signed in at first."""

    signed_in: SignedIn | None
    form_secret: str = field(repr=False)
    is_new: bool

    @property
    def form_token(self) -> str:
        """What our own forms carry."""
        session_id = self.signed_in.session_id if self.signed_in else "-"
        message = f"form:{self.form_secret}:{session_id}"
        return hmac.digest(settings().secret_key.encode(), message.encode(), "sha256").hex()


def visitor() -> Visitor:
    """The visitor of this request, looked up once."""
    if "visitor" not in g:
        known = read_cookie("form")
        is_new = _FORM_SECRET.fullmatch(known) is None
        g.visitor = Visitor(
            signed_in=browser_sessions.find(house(), read_cookie("session")),
            form_secret=secrets.token_urlsafe(32) if is_new else known,
            is_new=is_new,
        )
    return cast("Visitor", g.visitor)


def check_form() -> None:
    """FormRefusedError unless this request is the form of a page that we gave this very browser."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    token = request.form.get(FORM_FIELD, "")
    here = visitor()
    is_ours = not here.is_new and hmac.compare_digest(token.encode(), here.form_token.encode())
    if site not in _OWN_SITES or not is_ours:
        raise FormRefusedError


def keep_form_secret(answer: Response) -> None:
    """Let a new visitor's forms be told from others'."""
    if visitor().is_new:
        give_cookie(answer, "form", visitor().form_secret)


def let_in(answer: Response, cookie: str) -> None:
    """Give the browser its session; forms from before open nothing any more."""
    give_cookie(answer, "session", cookie, max_age=int(BROWSER_SESSION_LIVES.total_seconds()))
    give_cookie(answer, "form", secrets.token_urlsafe(32))


def let_out(answer: Response) -> None:
    """Take both cookies back."""
    for name in ("session", "form"):
        drop_cookie(answer, name)


def read_cookie(name: str) -> str:
    """One of our cookies; nothing where it was not sent."""
    return request.cookies.get(_name(name), "")


def give_cookie(answer: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """A cookie that no script reads and no other site's form brings along."""
    answer.set_cookie(
        _name(name),
        value,
        max_age=max_age,
        path="/",
        secure=_is_secure(),
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(answer: Response, name: str) -> None:
    """Take it back."""
    answer.delete_cookie(_name(name), path="/", secure=_is_secure(), httponly=True, samesite="Lax")


def own_path(text: str | None, *, default: str) -> str:
    """Where to go on: a path of ours, whatever somebody wrote into the address."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return default
    if "\\" in text or not text.isprintable() or not text.isascii():
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text


def device_of_browser() -> str:
    """Which browser this is, in words its owner knows."""
    agent = request.headers.get("User-Agent", "")
    programs = {
        "Edg/": "Edge",
        "OPR/": "Opera",
        "Firefox/": "Firefox",
        "Chrome/": "Chrome",
        "Safari/": "Safari",
    }
    systems = {
        "Windows": "Windows",
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Mac OS X": "macOS",
        "Android": "Android",
        "Linux": "Linux",
    }
    program = next((name for sign, name in programs.items() if sign in agent), "A browser")
    system = next((f" on {name}" for sign, name in systems.items() if sign in agent), "")
    return program + system


def _name(name: str) -> str:
    """A cookie that no other host of the domain can set, where there is TLS to hold it."""
    return f"__Host-pb_{name}" if _is_secure() else f"pb_{name}"


def _is_secure() -> bool:
    return settings().public_url.startswith("https://")
