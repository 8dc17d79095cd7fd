"""The Procfile for real, as a platform runs it: a deploy's overlap within twenty connections and 512 MB."""

from pathlib import Path

import pytest
from redis.exceptions import RedisError

from plugin_backend.embedded.valkey import EmbeddedValkey
from plugin_backend.queue.connection import open_redis
from tests.production.census import Census
from tests.production.crowd import Crowd
from tests.production.procfile import Formation, release
from tests.production.site import a_site, person_at
from tests.production.tls import tls_in_front_of

_CONNECTIONS = 20
"""Of PostgreSQL and of Redis: what the smallest plans give."""
_MEMORY_MB = 512


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_deploys_overlap_fits_the_smallest_plans(tmp_path: Path) -> None:
    with a_site(tmp_path) as site:
        release(site.environ)
        key = site.seeded().user_key
        with (
            Formation(site.environ, tmp_path / "old") as old,
            Formation(site.environ, tmp_path / "new") as new,
            Census(
                site.postgres_url,
                site.redis_url,
                weighed=lambda: {name: new.process(name) for name in new.names},
            ) as census,
        ):
            old.until_answering()
            new.until_answering()
            with Crowd((old.url, new.url), key, people=40, drafts=2) as crowd:
                release(site.environ)
                crowd.until_answered(100)
                crowd.doors = (new.url,)
                left_in = old.stop()
                crowd.until_answered(50)
            with person_at(new.url, key) as person:
                ended = [person.generation(each)["state"] for each in sorted(crowd.accepted)]

    assert crowd.failed == []
    assert ended == ["ready"] * crowd.drafts
    assert left_in < 30
    assert census.postgres.total() <= _CONNECTIONS
    assert census.redis <= _CONNECTIONS
    assert census.memory_mb["web"] < _MEMORY_MB
    assert census.memory_mb["worker"] < _MEMORY_MB


def test_a_certificate_that_signed_itself_is_refused_unless_it_is_pinned_or_let_pass(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "valkey", durable=False) as valkey:
        socket = valkey.url.removeprefix("unix://").partition("?")[0]
        with tls_in_front_of(socket, tmp_path) as door:
            assert _answers(f"{door.url}?ssl_cert_reqs=none")
            assert _answers(f"{door.url}?ssl_ca_certs={door.certificate}")
            with pytest.raises(RedisError, match=r"self.signed"):
                _answers(door.url)


def _answers(url: str) -> bool:
    with open_redis(url) as redis:
        return bool(redis.ping())
