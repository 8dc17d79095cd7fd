"""`plugin-backend audit`, run as an operator runs it."""

from pathlib import Path

from click.testing import CliRunner, Result

from plugin_backend import cli
from plugin_backend.config import Settings
from tests.databases import connect
from tests.environ import environ_of


def test_the_chain_is_verified_and_held_against_what_was_kept(settings: Settings, tmp_path: Path) -> None:
    def run(*arguments: str) -> Result:
        return CliRunner(env=environ_of(settings), catch_exceptions=False).invoke(cli.cli, arguments)

    user_id = run("users", "create", "ada@example.com").output.strip()
    run("quota", "set", user_id, "--drafts", "5", "--reason", "Trial")
    kept = tmp_path / "heads"
    kept.write_text(run("audit", "head").output)
    workspace_id, number, _ = kept.read_text().split()

    good = run("audit", "verify", "--against", str(kept), "--workspace", workspace_id)
    verified = tmp_path / "verified"
    run("audit", "verify", "--heads", str(verified))
    run("quota", "set", user_id, "--drafts", "6", "--reason", "More")
    later = run("audit", "verify", "--since", str(verified), "--heads", str(verified))
    at_last = run("audit", "head").output
    with connect(settings.database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE audit_entries SET actor_id = 'usr_other' WHERE action = 'quota.changed'")
    bad = run("audit", "verify", "--heads", str(tmp_path / "none"))
    kept.write_text("not a head\n")
    unread = run("audit", "verify", "--against", str(kept))

    assert number == "2"
    assert (good.exit_code, good.output) == (0, "2 entries are what was written.\n")
    assert (bad.exit_code, bad.output) == (
        1,
        f"{workspace_id}, entry number 2 (id 2): it is not what was sealed.\n",
    )
    assert later.output == "1 entries are what was written.\n"
    assert verified.read_text() == at_last
    assert not (tmp_path / "none").exists(), "nothing to go on from where something is wrong"
    assert unread.exit_code == 2
