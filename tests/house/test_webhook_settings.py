"""Which addresses of one's own network webhooks may go to: bare origins, and https where strangers listen."""

import pytest

from plugin_backend.config import Settings, SettingsError
from tests.house.test_configuration import GOOD


@pytest.mark.parametrize(
    ("origins", "said"),
    [
        ("http://hooks.internal:8080", "must be https"),
        ("https://hooks.internal/in", "without a path"),
        ("https://me:word@hooks.internal", "without a path"),
        ("hooks.internal", "without a path"),
        ("https://hooks.internal, https://[::1", "without a path"),
    ],
)
def test_what_is_no_origin_is_said_to_be_none(origins: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({**GOOD, "WEBHOOK_ORIGINS": origins})

    assert said in caught.value.problems["WEBHOOK_ORIGINS"]


def test_origins_are_listed_and_plain_ones_are_for_development() -> None:
    there = Settings.from_environ({**GOOD, "WEBHOOK_ORIGINS": "https://a.internal, https://b.internal:8443/"})
    here = Settings.from_environ(
        {**GOOD, "ENVIRONMENT": "development", "WEBHOOK_ORIGINS": "http://127.0.0.1:9000"}
    )

    assert there.webhook_origins == ("https://a.internal", "https://b.internal:8443")
    assert here.webhook_origins == ("http://127.0.0.1:9000",)
    assert Settings.from_environ(GOOD).webhook_origins == ()
