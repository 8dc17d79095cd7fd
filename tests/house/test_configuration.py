"""Settings: every problem at once, platforms' dialects understood, secrets unseen, all documented."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.config import Environment, LogFormat, Settings, SettingsError

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"
GOOD = {
    "DATABASE_URL": "postgres://app:pw@db.internal:5432/app",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "STORAGE_URL": "s3://bucket/plugin-backend",
    "AWS_ACCESS_KEY_ID": "key-id",
    "AWS_SECRET_ACCESS_KEY": "key-secret",
    "PUBLIC_URL": "https://plugin-backend.example.com/",
    "SECRET_KEY": "a" * 64,
    "TOKEN_PEPPER": "b" * 64,
}


def _problems(**changes: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({**GOOD, **changes})
    return caught.value.problems


def test_every_problem_is_reported_at_once_with_its_way_out() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({"PORT": "http", "LOG_LEVEL": "loud"})

    missing = {"DATABASE_URL", "REDIS_URL", "STORAGE_URL", "PUBLIC_URL", "SECRET_KEY", "TOKEN_PEPPER"}
    assert set(caught.value.problems) == missing | {"PORT", "LOG_LEVEL"}
    assert "openssl rand" in caught.value.problems["SECRET_KEY"]
    assert "debug or info or warning or error" in caught.value.problems["LOG_LEVEL"]
    assert all(name in str(caught.value) for name in caught.value.problems)


def test_production_is_assumed_and_logs_json_behind_one_proxy() -> None:
    settings = Settings.from_environ(GOOD)

    assert settings.environment is Environment.PRODUCTION
    assert settings.log_format is LogFormat.JSON
    assert settings.trusted_proxies == 1


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_dialect_of_a_postgresql_address_is_understood(scheme: str) -> None:
    settings = Settings.from_environ({**GOOD, "DATABASE_URL": f"{scheme}://app:pw@db/app?sslmode=require"})

    assert settings.database_url == "postgresql+psycopg://app:pw@db/app?sslmode=require"


@pytest.mark.parametrize("url", ["sqlite:///app.db", "mysql://db/app", "db.internal"])
def test_another_database_is_refused(url: str) -> None:
    assert "PostgreSQL" in _problems(DATABASE_URL=url)["DATABASE_URL"]


@pytest.mark.parametrize(
    ("host", "tls", "checked"),
    [
        ("redis.example.com", "auto", True),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", "auto", False),
        ("ec2-1-2-3-4.compute-1.amazonaws.com", "full", True),
        ("redis.example.com", "none", False),
    ],
)
def test_a_redis_certificate_is_checked_unless_it_cannot_be(host: str, tls: str, *, checked: bool) -> None:
    url = f"rediss://:pw@{host}:6380"

    settings = Settings.from_environ({**GOOD, "REDIS_URL": url, "REDIS_TLS": tls})

    assert settings.redis_url == (url if checked else f"{url}?ssl_cert_reqs=none")


def test_a_local_folder_needs_the_word_that_it_is_shared() -> None:
    assert "SHARED_STORAGE=1" in _problems(STORAGE_URL="file:///srv/media")["STORAGE_URL"]

    shared = Settings.from_environ({**GOOD, "STORAGE_URL": "file:///srv/media", "SHARED_STORAGE": "1"})

    assert shared.storage_url == "file:///srv/media"


def test_a_bucket_needs_its_key() -> None:
    assert set(_problems(AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")) == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }


@pytest.mark.parametrize("url", ["s3://", "file://media", "/srv/media", "ftp://host/media", "s3://[broken"])
def test_a_storage_address_that_opens_nothing_is_refused(url: str) -> None:
    assert "STORAGE_URL" in _problems(STORAGE_URL=url, SHARED_STORAGE="1")


def test_tokens_do_not_travel_in_the_clear() -> None:
    assert "https" in _problems(PUBLIC_URL="http://plugin-backend.example.com")["PUBLIC_URL"]


def test_in_development_the_public_address_is_this_machine() -> None:
    rest = {name: value for name, value in GOOD.items() if name != "PUBLIC_URL"}

    settings = Settings.from_environ({**rest, "ENVIRONMENT": "development", "PORT": "8123"})

    assert settings.public_url == "http://127.0.0.1:8123"
    assert settings.log_format is LogFormat.CONSOLE


def test_short_or_equal_secrets_are_refused() -> None:
    assert "31 characters" in _problems(SECRET_KEY="x" * 31)["SECRET_KEY"]
    assert "differ" in _problems(TOKEN_PEPPER=GOOD["SECRET_KEY"])["TOKEN_PEPPER"]


def test_a_retired_secret_key_is_kept_for_reading() -> None:
    settings = Settings.from_environ({**GOOD, "SECRET_KEY_PREVIOUS": "old-one, older-one"})

    assert settings.secret_key_previous == ("old-one", "older-one")


def test_no_secret_shows_in_repr_or_in_the_settings_printed() -> None:
    secrets = {
        "DATABASE_URL": "postgres://app:canary@db/app",
        "REDIS_URL": "redis://:canary@redis:6379",
        "SECRET_KEY": "canary" * 8,
        "SECRET_KEY_PREVIOUS": "canary-old",
        "TOKEN_PEPPER": "canary-pepper" * 4,
        "METRICS_TOKEN": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary",
        "LUMA_API_KEY": "canary",
        "LUMA_DREAM_MACHINE_API_KEY": "canary",
        "ATLAS_API_KEY": "canary",
        "COMET_API_KEY": "canary",
        "FIREFLY_CLIENT_ID": "client",
        "FIREFLY_CLIENT_SECRET": "canary",
        "OIDC_ISSUER": "https://login.example.com",
        "OIDC_CLIENT_ID": "client",
        "OIDC_CLIENT_SECRET": "canary",
    }

    settings = Settings.from_environ({**GOOD, **secrets})

    assert "canary" not in repr(settings)
    assert "canary" not in repr(settings.provider_accounts())
    assert "canary" not in str(settings.shown())


def test_a_provider_is_on_when_its_key_is_set() -> None:
    settings = Settings.from_environ({**GOOD, "LUMA_API_KEY": "key", "LUMA_CONCURRENCY": "7"})

    accounts = settings.provider_accounts()

    assert list(accounts) == ["luma"]
    assert accounts["luma"].key == "key"
    assert accounts["luma"].base_url == "https://agents.lumalabs.ai/v1"
    assert (accounts["luma"].concurrency, accounts["luma"].requests_per_minute) == (7, 60)


def test_a_client_needs_both_its_name_and_its_secret() -> None:
    assert "FIREFLY_CLIENT_SECRET" in _problems(FIREFLY_CLIENT_ID="client")["FIREFLY_CLIENT_ID"]
    assert "FIREFLY_CLIENT_ID" in _problems(FIREFLY_CLIENT_SECRET="s")["FIREFLY_CLIENT_SECRET"]


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"OIDC_ISSUER": "https://login.example.com"}, "OIDC_ISSUER", "without OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "client"}, "OIDC_CLIENT_ID", "without OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://login.example.com"}, "OIDC_ISSUER", "must be https"),
        ({"OIDC_ISSUER": "login.example.com"}, "OIDC_ISSUER", "must be an address"),
        ({"OIDC_DISCOVERY_URL": "https://a:b@host/x"}, "OIDC_DISCOVERY_URL", "must be an address"),
        ({"OIDC_SCOPES": "email"}, "OIDC_SCOPES", "lacks `openid`"),
    ],
)
def test_an_issuer_that_cannot_be_used_is_said_to_be_so(given: dict[str, str], name: str, said: str) -> None:
    assert said in _problems(**given)[name]


@pytest.mark.parametrize("url", ["agents.lumalabs.ai", "ftp://host/v1", "https://me:pw@host", "http://h:x/"])
def test_a_providers_address_that_opens_nothing_is_refused(url: str) -> None:
    assert "such as https://agents" in _problems(LUMA_BASE_URL=url)["LUMA_BASE_URL"]


@given(st.dictionaries(st.sampled_from(sorted(field.name.upper() for field in fields(Settings))), st.text()))
def test_whatever_the_environment_holds_the_answer_is_settings_or_sentences(changes: dict[str, str]) -> None:
    problems: set[str] = set()
    try:
        Settings.from_environ({**GOOD, **changes})
    except SettingsError as error:
        problems = set(error.problems)

    assert problems <= set(changes) | {"TOKEN_PEPPER"}


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    service, _, suite = DOCUMENT.read_text().partition("## For the test suite")
    documented = re.findall(r"^\| `([A-Z0-9_]+)`", service, flags=re.MULTILINE)

    assert sorted(documented) == sorted(field.name.upper() for field in fields(Settings))
    assert re.findall(r"^\| `([A-Z0-9_]+)`", suite, flags=re.MULTILINE) == [
        "TEST_DATABASE_URL",
        "TEST_REDIS_URL",
    ]
