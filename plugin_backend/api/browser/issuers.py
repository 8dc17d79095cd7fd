"""Signing in with another issuer: there and back again, with one flight in a cookie of its own."""

import hmac
from typing import Final

import structlog
from flask import Blueprint, Response, request
from itsdangerous import BadData, URLSafeTimedSerializer

from plugin_backend.api.asked import furniture, house, settings
from plugin_backend.api.browser.rendering import go_to, page, refusing_in_pages
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.tries import admit_look
from plugin_backend.api.browser.visitors import drop_cookie, give_cookie, own_path, read_cookie
from plugin_backend.auth import changes
from plugin_backend.auth.issuer import Flight, Issuer, IssuerError
from plugin_backend.auth.vouched import policy_from
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.people.sso import Arrival
from plugin_backend.services.people import identities

issuers = refusing_in_pages(Blueprint("issuers", __name__))

_DOOR: Final = "oi"
_FLIGHT: Final = "flight"
_FLIGHT_SECONDS: Final = 600
_LONGEST: Final = 4_000

_log = structlog.get_logger(__name__)


@issuers.get("/login/issuer")
def leave_for_issuer() -> Response:
    """To the issuer's own page."""
    issuer = _issuer()
    admit_look(_DOOR)
    flight, onward = Flight.begun(), own_path(request.args.get("next"), default=HOME)
    try:
        answer = go_to(issuer.address_for(flight, redirect_uri=_way_back()))
    except IssuerError as error:
        return _gone_wrong(error)
    kept = {"s": flight.state, "n": flight.nonce, "v": flight.verifier, "to": onward}
    give_cookie(answer, _FLIGHT, _signer().dumps(kept), max_age=_FLIGHT_SECONDS)
    return answer


@issuers.get("/login/issuer/back")
def return_from_issuer() -> Response:
    """Back with a code, from the browser that left and no other."""
    issuer = _issuer()
    admit_look(_DOOR)
    try:
        flight, onward = _landed()
        vouched = issuer.vouch(_code(), flight, redirect_uri=_way_back())
    except IssuerError as error:
        return _gone_wrong(error)
    arrival = Arrival(
        issuer=vouched.issuer,
        subject=vouched.subject,
        verified_email=vouched.email if vouched.is_verified and vouched.email else None,
        claims=vouched.claims,
    )
    person = identities.recognise(house(), arrival, policy_from(settings()))
    changes.announce()
    answer = welcome(person, onward)
    drop_cookie(answer, _FLIGHT)
    return answer


def _landed() -> tuple[Flight, str]:
    """The flight this browser began, if what came back belongs to it."""
    try:
        kept = _signer().loads(read_cookie(_FLIGHT), max_age=_FLIGHT_SECONDS)
    except BadData as error:
        raise IssuerError("no flight was begun in this browser") from error
    state = request.args.get("state", "")
    if not hmac.compare_digest(state.encode(), str(kept["s"]).encode()):
        raise IssuerError("the state is another flight's")
    flight = Flight(state=kept["s"], nonce=kept["n"], verifier=kept["v"])
    return flight, own_path(kept["to"], default=HOME)


def _code() -> str:
    code = request.args.get("code", "")
    if not code or len(code) > _LONGEST:
        refusal = request.args.get("error", "")[:60]
        raise IssuerError(f"it gave no code: {refusal if refusal.isprintable() else '?'}")
    return code


def _gone_wrong(error: IssuerError) -> Response:
    """A page that says what to do; what happened stands in the log."""
    _log.warning("issuer.refused", reason=str(error))
    detail = "It did not work this time, and nothing was changed. Begin again from the sign-in page."
    answer = page("refused", status=403, title="You are not signed in", detail=detail)
    drop_cookie(answer, _FLIGHT)
    return answer


def _issuer() -> Issuer:
    found = furniture().issuer
    if found is None:
        raise NotFoundError("page")
    return found


def _way_back() -> str:
    return f"{settings().public_url}/login/issuer/back"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().secret_key, salt="flight to an issuer")
