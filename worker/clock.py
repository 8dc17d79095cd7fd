"""The loop around dispatching: each second, due rows become hints."""

import threading
import time
from typing import Final

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from plugin_backend.services.dispatching import Queues, sweep
from plugin_backend.services.house import House
from plugin_backend.services.keeping.tidying import tidy
from plugin_backend.services.money import alerting
from plugin_backend.services.webhooks.webhook_outbox import pass_on

_EVERY_SECONDS: Final = 1.0
_SOON_SECONDS: Final = 0.05
"""After a sweep that sent something: queues are short, so a backlog is handed on as it is worked off."""

_TIDY_EVERY_SECONDS: Final = 300.0
_ALERT_EVERY_SECONDS: Final = 5.0

_log = structlog.get_logger()


def run(house: House, queues: Queues, *, stopped: threading.Event) -> None:
    """Sweep until told to stop; trouble with a server is logged and outlived."""
    tidied, alerted, pause = 0.0, 0.0, _EVERY_SECONDS
    while not stopped.wait(pause):
        pause = _EVERY_SECONDS
        try:
            if pass_on(house) + sweep(house, queues):
                pause = _SOON_SECONDS
            if time.monotonic() - alerted >= _ALERT_EVERY_SECONDS:
                alerting.sweep(house)
                alerted = time.monotonic()
            if time.monotonic() - tidied >= _TIDY_EVERY_SECONDS:
                tidy(house)
                tidied = time.monotonic()
        except RedisError as error:
            _log.warning("clock.redis-away", reason=type(error).__name__)
        except SQLAlchemyError as error:
            _log.warning("clock.database-away", reason=type(error).__name__)
            house.engine.dispose()
