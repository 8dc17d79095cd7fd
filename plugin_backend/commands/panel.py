"""`plugin-backend panel build`: the packages that editors install."""

from importlib.metadata import version
from pathlib import Path

import click

from manifests.bundle import PanelHost
from manifests.packing import PACKAGED, build
from manifests.source import ID, BuildError, Source
from plugin_backend.config import inherited_environ
from plugin_backend.files.location import Bucket, S3Account, parse_location

_EVERY = "all"


@click.group()
def panel() -> None:
    """The panel for editors' programs."""


@panel.command("build")
@click.option(
    "--host",
    "hosts",
    type=click.Choice([_EVERY, *(each.value for each in PACKAGED)]),
    multiple=True,
    default=(_EVERY,),
    show_default=True,
    help="May be given again; cep is After Effects and Premiere before 25.6.",
)
@click.option("--api", help="Where the service is; PUBLIC_URL otherwise.")
@click.option(
    "--storage", multiple=True, help="Where its files come from, if from elsewhere; STORAGE_URL's otherwise."
)
@click.option(
    "--id", "bundle", default=ID, show_default=True, help="Of your own packages: org.example.panel."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default="dist/panel", show_default=True
)
@click.option("--development", is_flag=True, help="Allow http on this machine, and a browser's tools in CEP.")
def build_packages(
    *,
    hosts: tuple[str, ...],
    api: str | None,
    storage: tuple[str, ...],
    bundle: str,
    out: Path,
    development: bool,
) -> None:
    """Write what each program is installed from, and say what it may reach."""
    try:
        source = Source.checked(
            api=api or _service(),
            storage=storage or _storage(),
            version=version("plugin-backend"),
            bundle=bundle,
            development=development,
        )
    except BuildError as error:
        raise click.ClickException(str(error)) from error
    wanted = PACKAGED if _EVERY in hosts else tuple(PanelHost(each) for each in dict.fromkeys(hosts))
    for package in build(wanted, source, out):
        click.echo(f"{package.path}  {package.bytes:,} bytes  sha256 {package.sha256}")
    click.echo(f"They may reach {', '.join(source.domains)}.")


def _service() -> str:
    address = inherited_environ().get("PUBLIC_URL", "")
    if not address:
        raise BuildError("where is the service? Give --api https://..., or set PUBLIC_URL")
    return address


def _storage() -> tuple[str, ...]:
    """The bucket's own address, as the service signs links to it."""
    environ = inherited_environ()
    url = environ.get("STORAGE_URL", "")
    if not url.startswith("s3:"):
        return ()
    account = S3Account(
        access_key_id="",
        secret_access_key="",
        region=environ.get("AWS_REGION"),
        endpoint=environ.get("AWS_ENDPOINT_URL"),
    )
    location = parse_location(url, account=account)
    return (location.origin,) if isinstance(location, Bucket) else ()
