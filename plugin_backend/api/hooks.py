"""Where providers call back. Anyone may: a call only makes us look, and only where its token is known."""

import re
from typing import Final

import structlog
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from plugin_backend.api.asked import furniture, house
from plugin_backend.api.resource import PUBLIC, Resource
from plugin_backend.auth.limits import Limit
from plugin_backend.domain.errors import RateLimitedError
from plugin_backend.services.making import callbacks

hooks = Resource("Callbacks", "Where providers say that something happened.")

_PROVIDER: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,64}")
_PER_ADDRESS: Final = Limit(1_200, 60)
_PER_TOKEN: Final = Limit(1, 1)
_LARGEST_BODY: Final = 64 * 1024

_log = structlog.get_logger()


@hooks.operation("POST", "/v1/hooks/<provider>/<token>", scope=PUBLIC, status=200)
def hear_provider(*, provider: str, token: str) -> Response:
    """Look at one take sooner. The body is not read; the answer is 200, for some repeat at any other."""
    if _PROVIDER.fullmatch(provider) and _TOKEN.fullmatch(token) and _is_admitted(token):
        try:
            callbacks.hear(house(), provider, token)
        except SQLAlchemyError as error:
            _log.warning("callback.unheard", reason=type(error).__name__)  # the take is looked at in its time
    return _done()


def _is_admitted(token: str) -> bool:
    """Not too often from one address, and about one take not more than once a second."""
    limiter = furniture().limiter
    try:
        limiter.admit(f"h:{request.remote_addr}", _PER_ADDRESS)
        limiter.admit(f"t:{token}", _PER_TOKEN)
    except RateLimitedError:
        return False
    return True


def _done() -> Response:
    """A connection whose caller still has much to say is not kept for it."""
    length = request.content_length
    is_large = length is None or length > _LARGEST_BODY
    return Response(status=200, headers={"Connection": "close"} if is_large else {})
