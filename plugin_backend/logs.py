"""Structured lines on stderr: JSON in production, readable in development, never with a secret in them.

Libraries that log through the standard library (gunicorn, RQ, SQLAlchemy) come out in the same shape. What
`bound` adds, such as a request id, is on every line until its block ends.
"""

import logging.config
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.contextvars import bound_contextvars as bound
from structlog.typing import EventDict, Processor, WrappedLogger

from plugin_backend.config import LogFormat, LogLevel

__all__ = ["bound", "configure", "dict_config", "redacted"]

_MASK = "[redacted]"
_SECRET_KEYS = re.compile(r"authorization|cookie|secret|password|pepper|api_?key|(^|_)token$", re.IGNORECASE)
_VALUE = r"[^&\s\"'\\<>\x1b]+"
_OUR_TOKENS = ("pbk_", "pba_", "pbr_", "pbd_", "pbs_", "pbl_", "whsec_")
_SECRET_TEXTS = (  # what gives each away in lower case, where to look for the secret, what stays
    (("bearer", "basic"), re.compile(rf"\b(Bearer|Basic)\s+{_VALUE}", re.IGNORECASE), rf"\1 {_MASK}"),
    (_OUR_TOKENS, re.compile(rf"\b({'|'.join(_OUR_TOKENS)})[\w+/=-]+"), rf"\1{_MASK}"),
    (
        ("?", "&"),
        re.compile(
            rf"([?&](?:x-amz-[a-z-]+|[a-z_]*(?:signature|token|secret|code|key)|sig)=){_VALUE}", re.IGNORECASE
        ),
        rf"\1{_MASK}",
    ),
    (("%3d",), re.compile(rf"((?:token|code)%3d){_VALUE}", re.IGNORECASE), rf"\1{_MASK}"),
    (("/hooks/",), re.compile(r"(/hooks/[\w.-]+/)[^/?#\s\"'\\\x1b]+"), rf"\1{_MASK}"),
    (("://",), re.compile(r"(\w://[^:/@\s\"']*:)[^@/\s\"']+(?=@)"), rf"\1{_MASK}"),
)


def configure(level: LogLevel, style: LogFormat) -> None:
    """Route every log line of this process through one formatter; call once, at boot."""
    logging.config.dictConfig(dict_config(level, style))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def dict_config(level: LogLevel, style: LogFormat) -> dict[str, Any]:
    """The same, as the standard library's table: what gunicorn wants to be given."""
    renderers = _json() if style is LogFormat.JSON else _console()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _mask_keys,
            *renderers,
            _redact,
        ],
        "foreign_pre_chain": _SHARED,
    }
    handler = {"class": "logging.StreamHandler", "formatter": "ours", "stream": "ext://sys.stderr"}
    through_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"ours": formatter},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"gunicorn.error": through_root, "gunicorn.access": through_root, **_QUIET},
    }


def redacted(text: str) -> str:
    """The text without keys, tokens, signatures and passwords."""
    lower = text.lower()
    for signs, pattern, replacement in _SECRET_TEXTS:
        if any(sign in lower for sign in signs):  # the patterns are dear, and most lines hold none of this
            text = pattern.sub(replacement, text)
    return text


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

# Their `info` is one line per request or poll; ours already says what happened.
_QUIET: Mapping[str, Any] = {
    name: {"level": "WARNING"} for name in ("httpx", "httpcore", "rq.worker", "alembic")
}


def _json() -> list[Processor]:
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]


def _console() -> list[Processor]:
    return [
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


def _mask_keys(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for key in event:
        if _SECRET_KEYS.search(key):
            event[key] = _MASK
    return event


def _redact(_logger: WrappedLogger, _method: str, line: Any) -> str:
    """Last of all, on the finished line: a traceback or a nested value can hide nothing."""
    return redacted(str(line))
