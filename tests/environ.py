"""The environment of a process that works on a test's own servers."""

from plugin_backend.config import Settings


def environ_of(settings: Settings) -> dict[str, str]:
    """What names them; a process of its own wants a PATH beside it."""
    return {
        "ENVIRONMENT": "development",
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "STORAGE_URL": settings.storage_url,
        "SHARED_STORAGE": "1",
        "SCRATCH_DIR": str(settings.scratch_dir),
        "SECRET_KEY": settings.secret_key,
        "TOKEN_PEPPER": settings.token_pepper,
    }
