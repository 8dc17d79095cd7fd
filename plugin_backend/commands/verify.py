"""`plugin-backend verify`: does a file's signature hold, and who gave it?"""

import json
import sys
from pathlib import Path
from typing import Final

import click

from plugin_backend.commands.local import in_folder
from plugin_backend.config import inherited_environ
from plugin_backend.embedded.folder import DataFolder
from plugin_backend.services.verification import Verification
from plugin_backend.services.verification import verify as verify_file
from plugin_backend.settings.environment import EnvironmentReader
from plugin_backend.settings.signing import operator_credential, read_signing_settings
from plugin_backend.signing import Credential, development_credential, roots_of

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OWN_SIDECARS: Final = ("{name}.c2pa", "{stem}.c2pa", "{first}.c2pa")


@click.command()
@click.argument("file", type=_FILE)
@click.option("--sidecar", type=_FILE, help="Where a file that cannot hold its credentials has them.")
@click.option("--trust", type=_FILE, help="Certificates (PEM) whose chains are believed as well.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
@in_folder
def verify(
    folder: DataFolder, *, file: Path, sidecar: Path | None, trust: Path | None, as_json: bool
) -> None:
    """Say who signed FILE, what it is, and whether it is intact; status 1 when it does not verify."""
    believed = roots_of(_believed(folder)) + ("" if trust is None else trust.read_text())
    found = verify_file(file, name=file.name, sidecar=sidecar, roots=believed)
    if found.found is None and sidecar is None and (beside := _beside(file)) is not None:
        found = verify_file(file, name=file.name, sidecar=beside, roots=believed)
    click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if as_json else _spoken(found))
    sys.exit(0 if found.is_good else 1)


def _spoken(found: Verification) -> str:
    first, *others = found.sentences
    colour = "green" if found.is_good else "red"
    return "\n".join([click.style(first, fg=colour), *(f"  {each}" for each in others)])


def _beside(file: Path) -> Path | None:
    """A sidecar of the file's own name, or of the sequence it is a frame of."""
    first = file.name.partition(".")[0]
    names = {form.format(name=file.name, stem=file.stem, first=first) for form in _OWN_SIDECARS}
    return next((path for name in sorted(names) if (path := file.with_name(name)).is_file()), None)


def _believed(folder: DataFolder) -> list[Credential]:
    """Whom the environment or the data folder makes us know; no server is needed, nor every setting."""
    environ = inherited_environ()
    if not environ.get("SECRET_KEY") and (folder.path / "secrets.json").exists():
        environ |= folder.kept("secrets.json", dict)
    read = EnvironmentReader(environ)
    texts = read_signing_settings(read)
    read.finish()
    secrets = [read.optional("SECRET_KEY"), *read.listed("SECRET_KEY_PREVIOUS")]
    known = [development_credential(secret) for secret in secrets if secret]
    if texts["c2pa_certificate"] and texts["c2pa_private_key"]:
        known.append(operator_credential(texts["c2pa_certificate"], texts["c2pa_private_key"]))
    return known
