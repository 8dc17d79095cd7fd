"""The operator's commands, run as a person runs them, on real servers."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin_backend import cli
from plugin_backend.config import Settings
from plugin_backend.domain.callers import Scope
from plugin_backend.domain.errors import BackendError
from plugin_backend.services import accounts
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from plugin_backend.services.people import holders, passwords
from tests.environ import environ_of

Run = Callable[..., str]


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs a command against this test's servers, as if the environment named them."""

    def run(*arguments: str) -> str:
        result = CliRunner(env=environ_of(settings), catch_exceptions=False).invoke(cli.cli, arguments)
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


@pytest.fixture
def house(settings: Settings) -> Iterator[House]:
    opened = open_house(settings)
    yield opened
    opened.engine.dispose()


def test_an_operator_comes_to_life_on_the_command_line_only(run: Run, house: House) -> None:
    user_id = run("users", "create", "ada@example.com", "--admin")
    token = run("api-keys", "create", "ada@example.com", "--scope", "read", "--scope", "admin")

    caller = holders.authenticate(house, token)

    assert caller.user_id == user_id
    assert caller.is_operator
    assert caller.scopes == {Scope.READ, Scope.ADMIN}


def test_storage_is_swept_only_where_it_is_not_a_dry_run(run: Run, tmp_path: Path) -> None:
    orphan = tmp_path / "storage" / "takes" / "take_gone" / "proxy.mp4"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))

    told = run("storage", "sweep", "--dry-run")
    assert "orphan  takes/take_gone/proxy.mp4 (1 bytes)" in told
    assert run("storage", "count").splitlines()[-2:] == ["missing       0", "corrected     0"]
    assert orphan.exists()
    run("storage", "sweep")
    assert not orphan.exists()


def test_a_key_is_for_reading_and_generating_unless_said_otherwise(run: Run, house: House) -> None:
    user_id = run("users", "create", "kay@example.com")

    caller = holders.authenticate(house, run("api-keys", "create", user_id))

    assert not caller.is_operator
    assert caller.scopes == {Scope.READ, Scope.GENERATE}


def test_a_password_is_set_and_checked_for_its_length(run: Run, house: House, settings: Settings) -> None:
    run("users", "create", "ada@example.com")
    runner = CliRunner(env=environ_of(settings))
    words = "four words in a row"

    short = runner.invoke(cli.cli, ["users", "set-password", "ada@example.com"], input="short\nshort\n")
    good = runner.invoke(cli.cli, ["users", "set-password", "ada@example.com"], input=f"{words}\n{words}\n")

    assert isinstance(short.exception, BackendError)
    assert "at least 12" in str(short.exception)
    assert good.exit_code == 0
    assert words not in good.output
    assert passwords.check(house, "ADA@example.com", words) is not None
    assert passwords.check(house, "ada@example.com", "short") is None


def test_an_invitation_is_a_link_to_this_service(run: Run, house: House, settings: Settings) -> None:
    run("users", "create", "ada@example.com")

    link = run("users", "invite", "ada@example.com")

    address, _, token = link.partition("?token=")
    assert address == f"{settings.public_url}/set-password"
    assert passwords.invited(house, token).email == "ada@example.com"


def test_credits_are_granted_and_taken_back_with_a_reason(run: Run, house: House) -> None:
    run("users", "create", "kay@example.com")

    granted = run("credits", "grant", "kay@example.com", "500", "--reason", "A start")
    corrected = run("credits", "grant", "kay@example.com", "-200", "--reason", "Too many")

    assert "500 credits available" in granted
    assert "300 credits available" in corrected
    token = run("api-keys", "create", "kay@example.com")
    assert accounts.me(house, holders.authenticate(house, token)).available == 300


def test_no_more_is_taken_away_than_there_is(run: Run) -> None:
    run("users", "create", "kay@example.com")

    with pytest.raises(BackendError, match="cannot be taken away"):
        run("credits", "grant", "kay@example.com", "--reason", "Greed", "--", "-1")


def test_a_quota_is_overridden_and_given_back_to_the_plan(run: Run) -> None:
    run("users", "create", "kay@example.com", "--plan", "pro")
    by_plan = run("quota", "set", "kay@example.com", "--drafts", "plan")

    assert run("quota", "set", "kay@example.com", "--drafts", "7", "--concurrent", "2") == (
        "7 drafts a day, 2 at once."
    )
    assert run("quota", "set", "kay@example.com", "--drafts", "plan", "--concurrent", "plan") == by_plan


def test_the_shipped_plans_grant_credits_once_somebody_says_so(run: Run) -> None:
    before = run("plans", "list")
    adopted = run("plans", "adopt-credits")

    assert before.count(" 0 credits a month") == 3
    assert "pro              2,000 credits a month" in adopted
    assert "studio           10,000 credits a month" in adopted
    assert "500 drafts a day, 16 at once, 10,000 credits a month" in run("plans", "list")
    assert run("plans", "adopt-credits").startswith("Nothing to adopt")


def test_somebody_unknown_is_said_to_be_so(run: Run) -> None:
    with pytest.raises(BackendError):
        run("api-keys", "create", "nobody@example.com")


def test_the_doctor_finds_everything_well(run: Run) -> None:
    answer = run("doctor")

    for subject in ("PostgreSQL", "migrations", "Redis", "storage", "scratch disk", "signatures"):
        assert f"ok   {subject}" in answer
    assert "development certificate, NOT trusted" in answer


def test_the_settings_are_printed_without_their_secrets(run: Run, settings: Settings) -> None:
    answer = run("config")

    assert settings.storage_url in answer
    assert settings.secret_key not in answer
    assert settings.token_pepper not in answer


def _program(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from plugin_backend.cli import main; main()", *arguments]
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run(program, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_folder_keeps_what_a_command_did_in_it(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))

    made = _program("users", "create", "ada@example.com", *data, folder=tmp_path)
    again = _program("users", "create", "ada@example.com", *data, folder=tmp_path)

    assert made.stdout.startswith("usr_"), made.stderr
    assert again.returncode == 2
    assert "already" in again.stderr
    assert "Traceback" not in again.stderr


def test_what_is_wrong_with_the_settings_is_said_without_a_traceback(tmp_path: Path) -> None:
    ended = _program("config", folder=tmp_path)

    assert ended.returncode == 2
    assert "SECRET_KEY: is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
