"""Packages on disk: archives whose bytes depend on their content alone, and folders."""

import hashlib
import io
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from manifests.bundle import PanelHost
from manifests.cep import cep_files
from manifests.source import Source
from manifests.uxp import uxp_files
from manifests.workflow import workflow_files

_BEGINNING: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
PACKAGED: Final = (PanelHost.PREMIERE_PRO, PanelHost.PHOTOSHOP, PanelHost.CEP, PanelHost.RESOLVE)
"""Hosts that are installed from a file; a browser is served."""


@dataclass(frozen=True, slots=True)
class Package:
    """One archive as it was written."""

    host: PanelHost
    path: Path
    bytes: int
    sha256: str


def build(hosts: Iterable[PanelHost], source: Source, folder: Path) -> list[Package]:
    """Writes what each host is installed from; what an earlier build left under those names goes."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(host, source, folder) for host in hosts]


def _write(host: PanelHost, source: Source, folder: Path) -> Package:
    match host:
        case PanelHost.PREMIERE_PRO | PanelHost.PHOTOSHOP:
            archive, path = zipped(uxp_files(host, source)), folder / f"{host.value}.ccx"
        case PanelHost.CEP:
            archive, path = _with_folder(cep_files(source), source.id, folder / "cep")
        case PanelHost.RESOLVE:
            archive, path = _with_folder(workflow_files(source), source.id, folder / "resolve")
        case PanelHost.BROWSER:
            raise ValueError("a browser is served its panel; there is nothing to install")
        case _:
            assert_never(host)
    path.write_bytes(archive)
    return Package(host, path, len(archive), hashlib.sha256(archive).hexdigest())


def _with_folder(files: Mapping[str, bytes], name: str, place: Path) -> tuple[bytes, Path]:
    """The folder as it is copied to where the host looks, and the same as an archive beside it."""
    shutil.rmtree(place / name, ignore_errors=True)
    for path, content in files.items():
        file = place / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return zipped({f"{name}/{path}": content for path, content in files.items()}), place.with_suffix(".zip")


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files: sorted, of one time, nothing compressed, so the same bytes everywhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, date_time=_BEGINNING)
            entry.create_system = _UNIX
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)
    return out.getvalue()
