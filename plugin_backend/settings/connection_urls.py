"""Platforms hand out addresses in their own dialects; these turn them into the ones our libraries open."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_REDIS = ("redis", "rediss", "unix")


def database_url(text: str) -> str:
    """A PostgreSQL address as SQLAlchemy opens it with psycopg 3."""
    scheme, separator, rest = text.partition("://")
    if not text:
        raise ValueError(
            "is missing; set it to postgresql://user:password@host/database, "
            "or run `plugin-backend up`, which brings its own PostgreSQL"
        )
    if not separator or scheme not in _POSTGRES:
        raise ValueError("must be a PostgreSQL address: postgresql://user:password@host/database")
    return f"postgresql+psycopg://{rest}"


def redis_url(text: str, *, verify: bool) -> str:
    """A Redis address; over TLS it says itself whether the certificate is checked."""
    parts = urlsplit(text)
    if not text:
        raise ValueError(
            "is missing; set it to redis://host:6379/0 or rediss://…, "
            "or run `plugin-backend up`, which brings its own Valkey"
        )
    if parts.scheme not in _REDIS or not (parts.hostname or parts.path):
        raise ValueError("must be a Redis address: redis://host:6379/0, rediss://… or unix:///path?db=0")
    if parts.scheme != "rediss" or verify:
        return text
    query = {**dict(parse_qsl(parts.query)), "ssl_cert_reqs": "none"}
    return urlunsplit(parts._replace(query=urlencode(query)))
