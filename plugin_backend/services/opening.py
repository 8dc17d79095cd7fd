"""Opens the house a process works in: one function for the web door and the worker door."""

from redis import Redis

from plugin_backend.config import Settings, SettingsError
from plugin_backend.db.engine import open_engine
from plugin_backend.db.unit_of_work import DatabaseClock
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.errors import ValidationFailedError
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.money.price_list import parse_price_list
from plugin_backend.files.location import S3Account
from plugin_backend.files.storage import open_storage
from plugin_backend.outbound import Guard, Origin
from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.hints import RqHints
from plugin_backend.services.house import House, Outgoing


def open_house(
    settings: Settings,
    *,
    pool_size: int = 2,
    overflow: int = 1,
    application: str = "plugin-backend",
    redis: Redis | None = None,
) -> House:
    """Everything a use case needs, from the settings; nothing is connected until it is used.

    A process that has a client of Redis shares it.
    """
    accounts = settings.provider_accounts()
    return House(
        engine=open_engine(
            settings.database_url, pool_size=pool_size, overflow=overflow, application=application
        ),
        clock=DatabaseClock(),
        hints=RqHints(redis or open_redis(settings.redis_url)),
        storage=open_storage(settings.storage_url, account=s3_account(settings)),
        catalogue=_catalogue(settings),
        token_pepper=settings.token_pepper,
        tracer=settings.tracer(),
        sends_mail=settings.mail_account() is not None,
        outgoing=Outgoing(
            public_url=settings.public_url,
            guard=Guard(
                trusted=frozenset(map(Origin.of, settings.webhook_origins)),
                at_home=not settings.is_production,
            ),
        ),
        media_memory_mb=settings.media_memory_mb,
        configured_providers=frozenset(accounts),
        provider_limits={
            name: ProviderLimits(
                concurrency=account.concurrency, requests_per_minute=account.requests_per_minute
            )
            for name, account in accounts.items()
        },
    )


def _catalogue(settings: Settings) -> Catalogue:
    try:
        return Catalogue.load().priced(parse_price_list(settings.model_prices))
    except ValidationFailedError as unknown:
        raise SettingsError({"MODEL_PRICES": unknown.problems[0].detail}) from None


def s3_account(settings: Settings) -> S3Account | None:
    """Who we are to the bucket; None for a folder."""
    if settings.aws_access_key_id is None or settings.aws_secret_access_key is None:
        return None
    return S3Account(
        access_key_id=settings.aws_access_key_id,
        secret_access_key=settings.aws_secret_access_key,
        region=settings.aws_region,
        endpoint=settings.aws_endpoint_url,
    )
