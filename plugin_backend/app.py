"""The web door: a Flask app in front of the house. It answers within milliseconds and renders nothing."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

from plugin_backend.api.asked import Furniture
from plugin_backend.api.browser.every import PAGES
from plugin_backend.api.contract import publish
from plugin_backend.api.documents import documents
from plugin_backend.api.edges import Edges
from plugin_backend.api.metrics import RequestClock
from plugin_backend.api.panel import panel
from plugin_backend.api.reading import JSON_LIMIT
from plugin_backend.api.refusals import register_refusals
from plugin_backend.api.request_traces import trace_requests
from plugin_backend.api.waiting import WaitingRoom
from plugin_backend.auth.gate import Gate, Limits
from plugin_backend.auth.issuer import Issuer
from plugin_backend.auth.limits import Limit, Limiter, SharedTickets
from plugin_backend.auth.vouched import open_vouched
from plugin_backend.config import Settings
from plugin_backend.files.links import open_links
from plugin_backend.queue.connection import open_redis
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house, s3_account


class _App(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view is a coroutine: Flask need not look each of them over for every request."""
        return func


def create_app(settings: Settings, house: House | None = None) -> Flask:
    """The app for these settings; a house that is open already is moved into."""
    app = _App("plugin_backend", static_folder=None)
    app.config.update(
        MAX_CONTENT_LENGTH=JSON_LIMIT,
        MAX_FORM_PARTS=8,
        PUBLIC_URL=settings.public_url,
        TRAP_BAD_REQUEST_ERRORS=False,
    )
    app.url_map.merge_slashes = False
    redis = open_redis(settings.redis_url)
    furniture = _furnished(settings, house or _web_house(settings, redis), redis)
    furniture.stand_in(app)
    furniture.clock.attach(app)
    if furniture.house.tracer is not None:
        trace_requests(app, furniture.house.tracer)
    register_refusals(app)
    publish(app)
    for pages in (documents, *PAGES):
        app.register_blueprint(pages)
    app.register_blueprint(panel)
    secure = settings.public_url.startswith("https://")
    app.wsgi_app = Edges(app.wsgi_app, secure=secure)  # type: ignore[method-assign]  # Flask's documented way
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]  # Flask's documented way
    return app


def _web_house(settings: Settings, redis: Redis) -> House:
    """No overflow: under load a connection beyond the pool would be opened and closed for every request."""
    connections = settings.web_database_connections
    return open_house(settings, pool_size=connections, overflow=0, application="web", redis=redis)


def _furnished(settings: Settings, house: House, redis: Redis | None = None) -> Furniture:
    redis = redis or open_redis(settings.redis_url)
    limiter = Limiter(SharedTickets(redis))
    issuer = Issuer(settings) if settings.oidc_issuer else None
    return Furniture(
        house=house,
        gate=Gate(
            house,
            limiter=limiter,
            limits=_limits(settings),
            vouched=open_vouched(settings, house, issuer),
        ),
        limiter=limiter,
        settings=settings,
        links=open_links(
            settings.storage_url,
            base_url=settings.public_url,
            secrets=(settings.secret_key, *settings.secret_key_previous),
            account=s3_account(settings),
        ),
        waiting_room=WaitingRoom(settings.web_threads),
        redis=redis,
        clock=RequestClock(),
        issuer=issuer,
    )


def _limits(settings: Settings) -> Limits:
    return Limits(
        writes=Limit(settings.writes_per_minute, 60),
        reads=Limit(settings.reads_per_minute, 60),
        failures=Limit(settings.reads_per_minute, 60),  # looking up one that is bad costs as much
    )
