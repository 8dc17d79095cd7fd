"""Housekeeping: old keys and abandoned uploads go, and books that do not add up are found."""

from datetime import timedelta

from sqlalchemy import text
from structlog.testing import capture_logs

from plugin_backend.domain.people.grants import client_named
from plugin_backend.services import assets, idempotency
from plugin_backend.services.assets import Upload, upload_key
from plugin_backend.services.keeping.tidying import tidy, unbalanced_accounts
from plugin_backend.services.people import device_grants, panel_tokens
from tests.domain.requests import asked
from tests.services.studio import Studio, keyed

UPLOAD = Upload(filename="a.png", media_type="image/png", bytes=3)


def _remember(studio: Studio, key: str) -> None:
    caller = studio.person()
    with studio.house.begin() as work:
        assert idempotency.begin(work, keyed(caller, key=key), result={"id": "x"}) is None


def test_keys_are_kept_for_seven_days_and_not_longer(studio: Studio) -> None:
    _remember(studio, "old")
    studio.clock.turn(timedelta(days=7))
    _remember(studio, "young")
    tidy(studio.house)
    assert studio.count("idempotency_keys") == 2

    studio.clock.turn(timedelta(seconds=1))
    tidy(studio.house)

    assert studio.rows("SELECT key FROM idempotency_keys") == [("young",)]


def test_an_upload_that_never_came_is_removed_after_a_day_and_a_checked_one_is_not(studio: Studio) -> None:
    caller = studio.person()
    abandoned = assets.expect(studio.house, caller, UPLOAD, idempotency=None)
    studio.house.storage.put_bytes(upload_key(abandoned.id), b"par")
    kept = assets.receive(studio.house, caller, UPLOAD, b"png")

    studio.clock.turn(timedelta(days=1, seconds=1))
    tidy(studio.house)

    assert studio.rows("SELECT id FROM assets") == [(kept.id,)]
    assert not studio.house.storage.exists(upload_key(abandoned.id))
    assert studio.house.storage.exists(upload_key(kept.id))


def test_what_signs_nobody_in_any_more_is_removed(studio: Studio) -> None:
    caller, panel = studio.person(), client_named("panel")
    codes = device_grants.ask(studio.house, panel, scopes=panel.scopes, device=None)
    device_grants.decide(studio.house, codes.user_code, user_id=caller.user_id, is_approved=True)
    tokens = device_grants.redeem(studio.house, panel, codes.device_code)
    tables = ("device_grants", "access_tokens", "refresh_tokens", "sessions")
    tidy(studio.house)
    assert [studio.count(table) for table in tables] == [1, 1, 1, 1]

    studio.clock.turn(timedelta(hours=3))
    tidy(studio.house)
    assert [studio.count(table) for table in tables] == [0, 0, 1, 1]

    panel_tokens.refresh(studio.house, panel, tokens.refresh_token)
    studio.clock.turn(timedelta(days=61))
    tidy(studio.house)
    assert [studio.count(table) for table in tables] == [0, 0, 0, 0]


def test_tidying_twice_is_tidying_once(studio: Studio) -> None:
    studio.finish(studio.ask(studio.person(credits_granted=5), asked()))
    tidy(studio.house)
    before = studio.everything()

    tidy(studio.house)

    assert studio.everything() == before


def test_an_account_that_is_not_the_sum_of_its_entries_is_found_and_told_of(studio: Studio) -> None:
    caller = studio.person(credits_granted=5)
    studio.person(credits_granted=5)
    assert unbalanced_accounts(studio.house) == []

    with studio.house.engine.begin() as connection:
        connection.execute(
            text("UPDATE accounts SET available = 6 WHERE owner_id = :id RETURNING id"),
            {"id": caller.user_id},
        )
    with capture_logs() as logs:
        tidy(studio.house)

    (found,) = unbalanced_accounts(studio.house)
    assert [line["accounts"] for line in logs if line["event"] == "ledger.unbalanced"] == [[found]]
