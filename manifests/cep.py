"""The CEP extension, for After Effects and Premiere before 25.6: a folder with `CSXS/manifest.xml`."""

from collections.abc import Mapping
from importlib.resources import files
from string import Template
from xml.sax.saxutils import quoteattr

from manifests.bundle import PanelConfig, PanelHost, files_for
from manifests.icons import icons
from manifests.source import CEP_HOSTS, CEP_RUNTIME, NAME, Source

_SCRIPTS = ("reply.jsx", "after-effects.jsx", "premiere.jsx")
_DEBUG_PORTS = {"AEFT": 8098, "PPRO": 8099}


def cep_files(source: Source) -> Mapping[str, bytes]:
    """Every file of the extension by its path within its folder."""
    scripts = files("manifests") / "after-effects" / "jsx"
    jsx = "\n".join((scripts / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    return {
        "CSXS/manifest.xml": cep_manifest(source).encode(),
        "jsx/host.jsx": jsx.encode(),
        **icons(size=23, name="panel"),
        **files_for(PanelConfig(api=source.api, version=source.version, host=PanelHost.CEP)),
        **({".debug": _debug(source).encode()} if source.development else {}),
    }


def cep_manifest(source: Source) -> str:
    """The extension's manifest, version 7."""
    hosts = (f"<Host Name={quoteattr(name)} Version={quoteattr(span)}/>" for name, span in CEP_HOSTS)
    template = files("manifests") / "after-effects" / "manifest.xml"
    return Template(template.read_text(encoding="utf-8")).substitute(
        bundle=source.id,
        extension=_extension(source),
        hosts="".join(f"\n      {each}" for each in hosts),
        name=NAME,
        runtime=CEP_RUNTIME,
        version=source.version,
    )


def _extension(source: Source) -> str:
    return f"{source.id}.main"


def _debug(source: Source) -> str:
    """Where a browser's tools find the panel; in packages for development only."""
    hosts = "".join(f'<Host Name="{name}" Port="{port}"/>' for name, port in _DEBUG_PORTS.items())
    extension = f"<Extension Id={quoteattr(_extension(source))}><HostList>{hosts}</HostList></Extension>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ExtensionList>{extension}</ExtensionList>\n'
