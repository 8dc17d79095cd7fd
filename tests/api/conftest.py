"""A whole web door on real servers."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from plugin_backend.app import _furnished, create_app
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Role, Scope
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.settings.joining import SignUp
from tests.api.browsers import EMAIL, Browser, Traveller, led_to, with_password
from tests.api.gatehouse import Gatehouse, gatehouse_of
from tests.api.panels import Panel
from tests.api.people import Person, Town
from tests.api.village import Village, mailing, settled
from tests.buckets import account, bucket_url, s3_endpoint
from tests.databases import shared_engine
from tests.fakes.issuer import AUDIENCE, CLIENT_ID, SECRET, FakeIssuer, issuing
from tests.fakes.postbox import postbox

__all__ = ["account", "bucket_url", "s3_endpoint"]


@pytest.fixture
def roomy(settings: Settings, redis: Redis) -> Settings:
    """Settings whose rate limits no test meets by accident."""
    redis.flushdb()
    plenty = 1_000_000
    return replace(settings, writes_per_minute=plenty, reads_per_minute=plenty, sign_in_failures=plenty)


@pytest.fixture
def house(roomy: Settings) -> House:
    return replace(open_house(roomy), engine=shared_engine(roomy.database_url))


@pytest.fixture(scope="session")
def built() -> list[Flask]:
    """The one app of the tests that need none of their own: putting its contract together takes long."""
    return []


@pytest.fixture
def app(roomy: Settings, house: House, built: list[Flask]) -> Iterator[Flask]:
    """An app with this test's house and furniture; only its stop-watch has seen other tests."""
    if not built:
        built.append(create_app(roomy, house))
    (app,) = built
    clock = app.extensions["plugin-backend"].clock
    furniture = replace(_furnished(roomy, house), clock=clock)
    furniture.stand_in(app)
    yield app
    furniture.redis.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def town(house: House, client: FlaskClient) -> Town:
    return Town(house, client)


@pytest.fixture
def editor(town: Town) -> Person:
    """An ordinary user with 10,000 credits and 100 drafts a day."""
    return town.settle("editor@example.com", credit=10_000)


@pytest.fixture
def stranger(town: Town) -> Person:
    """An ordinary user of another workspace."""
    return town.settle("stranger@example.com", credit=10_000)


@pytest.fixture
def operator(town: Town) -> Person:
    return town.settle(
        "operator@example.com", role=Role.OWNER, plan="studio", scopes=frozenset(Scope), is_operator=True
    )


@pytest.fixture
def admin(town: Town, editor: Person) -> Person:
    """The administrator of the editor's workspace."""
    everything = frozenset(Scope)
    return town.settle(
        "admin@example.com", role=Role.ADMIN, scopes=everything, workspace_id=editor.workspace_id
    )


@pytest.fixture
def browser(app: Flask, editor: Person, house: House) -> Browser:
    """In front of it sits the editor, who has a password."""
    assert editor.id
    with_password(house, EMAIL)
    return Browser(app)


@pytest.fixture
def signed_in(browser: Browser) -> Browser:
    led_to(browser.log_in(EMAIL))
    return browser


@pytest.fixture
def panel(app: Flask, house: House) -> Panel:
    return Panel(app.test_client(), house)


@pytest.fixture
def strict(settings: Settings, redis: Redis, house: House, editor: Person) -> Browser:
    """At a door with the usual limits."""
    assert editor.id
    with_password(house, EMAIL)
    redis.flushdb()
    return Browser(create_app(settings, house))


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with issuing() as found:
        yield found


@pytest.fixture
def configured(roomy: Settings, issuer: FakeIssuer) -> Settings:
    return replace(
        roomy,
        oidc_issuer=issuer.url,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SECRET,
        oidc_label="Example Studio",
    )


@pytest.fixture
def door(configured: Settings, house: House, editor: Person) -> Flask:
    assert editor.id
    return create_app(configured, house)


@pytest.fixture
def traveller(door: Flask) -> Traveller:
    return Traveller(Browser(door))


@pytest.fixture
def gate(app: Flask, house: House, configured: Settings, issuer: FakeIssuer) -> Gatehouse:
    settings = replace(configured, oidc_bearer_audience=AUDIENCE)
    return gatehouse_of(app, house, settings, issuer)


@pytest.fixture
def linked(gate: Gatehouse, editor: Person) -> Gatehouse:
    """The editor is known to the issuer as `subject-1`."""
    assert gate.ask().json["id"] == editor.id
    return gate


@pytest.fixture
def village(app: Flask, house: House, roomy: Settings) -> Iterator[Village]:
    """A door at which anybody may join, and whose letters arrive."""
    with postbox() as box:
        yield settled(app, house, mailing(roomy, box, sign_up=SignUp.OPEN), box)
