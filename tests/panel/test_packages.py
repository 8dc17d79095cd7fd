"""`plugin-backend panel build`: what editors install, opened and read as each host does."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # the library ships no types
from lxml import etree
from PIL import Image

from manifests.bundle import PanelHost
from manifests.icons import LIGHT, png
from manifests.packing import PACKAGED
from plugin_backend.cli import cli
from tests.house.repository import ROOT
from tests.panel.safe_subset import lint

SCHEMAS = Path(__file__).parent / "schemas"
API = "https://api.example.com"
BUCKET = "https://media.s3.eu-west-1.amazonaws.com"
UXP = ("premiere-pro", "photoshop")


def _build(folder: Path, *words: str, environ: dict[str, str] | None = None) -> Result:
    settings = {"PUBLIC_URL": "", "STORAGE_URL": "", **(environ or {})}
    return CliRunner(env=settings).invoke(cli, ["panel", "build", "--out", str(folder), *words])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    result = _build(folder, "--host", "all", "--api", API, "--storage", BUCKET)
    assert result.exit_code == 0, result.output
    return folder


def _archives(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _files(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _manifest(folder: Path, host: str) -> dict[str, Any]:
    return dict(json.loads(_files(folder / f"{host}.ccx")["manifest.json"]))


def _panel(folder: Path, host: PanelHost) -> dict[str, bytes]:
    """The panel's own files of a package, by their path from index.html."""
    name = {"cep": "cep.zip", "resolve": "resolve.zip"}.get(host.value, f"{host.value}.ccx")
    found = _files(folder / name)
    (index,) = (path for path in found if path.endswith("index.html"))
    top = index.removesuffix("index.html")
    return {path.removeprefix(top): content for path, content in found.items() if path.startswith(top)}


def test_every_host_gets_its_package(built: Path) -> None:
    assert [path.name for path in _archives(built)] == [
        "cep.zip",
        "photoshop.ccx",
        "premiere-pro.ccx",
        "resolve.zip",
    ]
    for archive in _archives(built):
        unpacked = subprocess.run(["unzip", "-tqq", str(archive)], capture_output=True, check=False)
        assert (unpacked.returncode, unpacked.stdout) == (0, b"")


def test_two_builds_are_the_same_bytes(built: Path, tmp_path: Path) -> None:
    (tmp_path / "cep").mkdir()
    result = _build(tmp_path, "--api", f"{API}/", "--storage", BUCKET)

    assert result.exit_code == 0
    for archive in _archives(built):
        assert archive.read_bytes() == (tmp_path / archive.name).read_bytes()
        assert hashlib.sha256(archive.read_bytes()).hexdigest() in result.output


@pytest.mark.parametrize("host", UXP)
def test_a_uxp_manifest_is_what_is_documented(built: Path, host: str) -> None:
    schema = json.loads((SCHEMAS / "uxp-manifest-5.json").read_text())
    manifest = _manifest(built, host)

    assert [error.message for error in Draft202012Validator(schema).iter_errors(manifest)] == []
    wrong = [
        manifest | {"host": [manifest["host"]]},
        manifest | {"version": "1.0"},
        manifest | {"extra": 1},
        manifest | {"requiredPermissions": {"network": {"domains": ["https://*.example.com"]}}},
    ]
    assert [each for each in wrong if Draft202012Validator(schema).is_valid(each)] == []


@pytest.mark.parametrize("host", UXP)
def test_a_uxp_package_asks_for_the_least(built: Path, host: str) -> None:
    assert _manifest(built, host)["requiredPermissions"] == {
        "network": {"domains": [API, BUCKET]},
        "localFileSystem": "request",
        "launchProcess": {"schemes": ["https"], "extensions": []},
    }


@pytest.mark.parametrize("host", UXP)
def test_every_icon_that_a_manifest_names_is_there_in_both_sizes(built: Path, host: str) -> None:
    manifest, files = _manifest(built, host), _files(built / f"{host}.ccx")
    icons = [*manifest["icons"], *manifest["entrypoints"][0]["icons"]]

    for icon in icons:
        for scale in icon["scale"]:
            drawn = files[icon["path"].replace(".png", f"@{scale}x.png")]
            assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
            assert int.from_bytes(drawn[16:20], "big") == icon["width"] * scale
    assert {theme for icon in manifest["icons"] for theme in icon["theme"]} == {
        "lightest", "light", "medium", "dark", "darkest",
    }  # fmt: skip


def test_an_icon_is_a_picture_that_others_can_read() -> None:
    with Image.open(BytesIO(png(23, LIGHT))) as picture:
        assert (picture.size, picture.mode) == ((23, 23), "RGBA")
        assert picture.getpixel((0, 0)) == (*LIGHT, 0)
        assert picture.getpixel((11, 11)) == (*LIGHT, 255)


def test_the_extension_s_manifest_is_what_is_documented(built: Path) -> None:
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "csxs-manifest-7.xsd"))
    folder = built / "cep" / "org.plugin-backend.panel"
    manifest = etree.parse(folder / "CSXS" / "manifest.xml")

    schema.assertValid(manifest)
    named = [each.text or "" for each in manifest.iter("MainPath", "ScriptPath", "Icon")]
    assert len(named) == 6
    assert [path for path in named if not (folder / path).is_file()] == []
    assert [each.text for each in manifest.iter("Parameter")] == ["--enable-nodejs"]
    assert not (folder / ".debug").exists()


def test_the_extension_s_one_script_holds_both_hosts_in_their_old_language(built: Path) -> None:
    script = built / "cep" / "org.plugin-backend.panel" / "jsx" / "host.jsx"

    assert lint([script]) == []
    assert all(each in script.read_text() for each in ("hosts.aftereffects", "hosts.premierepro"))


def test_the_workflow_integration_names_itself_once(built: Path) -> None:
    folder = built / "resolve" / "org.plugin-backend.panel"
    plugin = etree.parse(folder / "manifest.xml").getroot().find("Plugin")

    assert plugin is not None
    assert plugin.findtext("Id") == json.loads((folder / "plugin.json").read_text())["id"]
    assert (folder / str(plugin.findtext("FilePath"))).is_file()
    required = re.findall(r'require\("\./([^"]+)"\)', (folder / "main.js").read_text())
    assert [name for name in required if not (folder / name).is_file()] == ["WorkflowIntegration.node"]


def test_resolve_s_page_runs_its_own_scripts_and_speaks_to_its_own_hosts(built: Path) -> None:
    page = _files(built / "resolve.zip")["org.plugin-backend.panel/panel/index.html"].decode()
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', page)
    rules = dict(each.strip().split(" ", 1) for each in policy.split(";"))

    assert page.index("Content-Security-Policy") < page.index("<script")
    assert (rules["default-src"], rules["script-src"]) == ("'none'", "'self'")
    assert rules["connect-src"] == f"{API} {BUCKET}"


def test_a_folder_is_its_archive_unpacked(built: Path) -> None:
    for kind in ("cep", "resolve"):
        files = {
            str(path.relative_to(built / kind)): path.read_bytes()
            for path in (built / kind).rglob("*")
            if path.is_file()
        }
        assert files == _files(built / f"{kind}.zip")


@pytest.mark.parametrize("host", PACKAGED)
def test_a_package_holds_what_its_page_names_and_no_other_host_s_adapter(
    built: Path, host: PanelHost
) -> None:
    files = _panel(built, host)
    named = set(re.findall(r'(?:src|href)="([^"]+)"', files["index.html"].decode()))
    furniture = {"index.html", "manifest.json", "jsx/host.jsx", "CSXS/manifest.xml"}

    assert named <= files.keys()
    left = files.keys() - named - furniture
    assert {path for path in left if not path.startswith(("icons/", "strings/", "later.js"))} == set()
    config = re.search(r"config = (\{.*\});", files["config.js"].decode())
    assert config
    assert json.loads(config[1]).items() >= {"api": API, "host": host.value}.items()


@pytest.mark.parametrize("host", PACKAGED)
def test_what_is_packed_still_keeps_to_what_the_host_can_do(
    built: Path, host: PanelHost, tmp_path: Path
) -> None:
    paths = []
    for path, content in _panel(built, host).items():
        if Path(path).suffix in {".js", ".css", ".html"}:
            paths.append(tmp_path / path)
            paths[-1].parent.mkdir(parents=True, exist_ok=True)
            paths[-1].write_bytes(content)
    allowed = {"input-type", "navigation", "unguarded"}  # of the browser's adapter, which CEP borrows from

    found = [each for each in lint(paths) if not (each.file.endswith("browser.js") and each.rule in allowed)]

    assert tmp_path / "panel.js" in paths
    assert found == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--api", "http://api.example.com"], "must be https"),
        (["--api", "http://127.0.0.1:8000"], "--development"),
        (["--api", "http://10.0.0.5", "--development"], "must be https"),
        (["--api", API, "--storage", "http://media.example.com"], "must be https"),
        (["--api", "https://*.example.com"], "exact hosts"),
        (["--api", "https://me:secret@example.com"], "exact hosts"),
        (["--api", "api.example.com"], "is no address"),
        (["--api", API, "--id", "Not An Id"], "is no package id"),
        (["--api", API, "--host", "nuke"], "'nuke' is not one of"),
        ([], "where is the service?"),
    ],
)
def test_a_package_that_would_not_work_is_not_built(tmp_path: Path, words: list[str], said: str) -> None:
    result = _build(tmp_path, *words)

    assert result.exit_code != 0
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_package_for_development_reaches_this_machine(tmp_path: Path) -> None:
    result = _build(tmp_path, "--api", "http://127.0.0.1:8000", "--development")

    assert result.exit_code == 0
    permissions = _manifest(tmp_path, "premiere-pro")["requiredPermissions"]
    assert permissions["network"]["domains"] == ["http://127.0.0.1:8000"]
    assert permissions["launchProcess"]["schemes"] == ["https", "http"]
    debug = etree.parse(tmp_path / "cep" / "org.plugin-backend.panel" / ".debug")
    assert [each.get("Port") for each in debug.iter("Host")] == ["8098", "8099"]


@pytest.mark.parametrize(
    ("environ", "domains"),
    [
        (
            {"STORAGE_URL": "s3://film/media?region=eu-west-1"},
            [API, "https://film.s3.eu-west-1.amazonaws.com"],
        ),
        (
            {"STORAGE_URL": "s3://film", "AWS_ENDPOINT_URL": "https://minio.example.com"},
            [API, "https://minio.example.com"],
        ),
        ({"STORAGE_URL": "file:///media"}, [API]),
    ],
)
def test_the_service_s_own_settings_say_what_a_panel_reaches(
    tmp_path: Path, environ: dict[str, str], domains: list[str]
) -> None:
    result = _build(tmp_path, "--host", "premiere-pro", environ={"PUBLIC_URL": API, **environ})

    assert result.exit_code == 0, result.output
    assert [path.name for path in tmp_path.iterdir()] == ["premiere-pro.ccx"]
    assert _manifest(tmp_path, "premiere-pro")["requiredPermissions"]["network"]["domains"] == domains


def test_own_ids_tell_own_packages_apart(tmp_path: Path) -> None:
    _build(tmp_path, "--api", API, "--id", "org.example.panel")

    assert _manifest(tmp_path, "premiere-pro")["id"] == "org.example.panel.premiere-pro"
    assert _manifest(tmp_path, "photoshop")["id"] == "org.example.panel.photoshop"
    assert (tmp_path / "cep" / "org.example.panel" / "CSXS" / "manifest.xml").is_file()


@pytest.mark.slow
def test_an_installed_package_can_build_them_too(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("manifests", "plugin_backend", "worker"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(source)], check=True)
    (made,) = tmp_path.glob("*.whl")

    folders = [source / "manifests" / name for name in ("panel", "after-effects", "resolve")]
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    assert {str(path.relative_to(source)) for path in files} <= _files(made).keys()
