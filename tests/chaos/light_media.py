"""`python -m tests.chaos.light_media`: a media process whose children open movies and draw nothing.

For a thousand generations on a small machine, where nobody looks at a picture: all else is production's, a
fresh bounded child for every movie, its pipes, its death, the lease, the files it leaves, storage.
"""

import time
from pathlib import Path

from plugin_backend import logs
from plugin_backend.config import Settings
from plugin_backend.queue.connection import open_redis
from plugin_backend.queue.names import QueueName
from plugin_backend.services.opening import open_house
from worker.__main__ import serve
from worker.media.process import MediaProcess
from worker.providers.registry import open_providers
from worker.runtime import Runtime


def main() -> None:
    """As `worker media`, with the other table of operations."""
    settings = Settings.from_environ()
    logs.configure(settings.log_level, settings.log_format)
    redis = open_redis(settings.redis_url)
    house = open_house(settings, pool_size=1, overflow=0, application="plugin-backend-media", redis=redis)
    with MediaProcess(
        settings.media_memory_mb, Path(settings.scratch_dir), operations="tests.chaos.opening"
    ) as media:
        runtime = Runtime(
            house=house, providers=open_providers(house, settings), media=media, monotonic=time.monotonic
        )
        serve(settings, runtime, QueueName.MEDIA, redis=redis, on_stop=media.stop)


if __name__ == "__main__":
    main()
