"""The workflow integration for DaVinci Resolve Studio: an Electron program in a folder of its own."""

import json
from collections.abc import Mapping
from importlib.resources import files
from xml.sax.saxutils import escape

from manifests.bundle import PanelConfig, PanelHost, files_for
from manifests.source import NAME, Source

_PROGRAM = ("main.js", "preload.js", "host.js")


def workflow_files(source: Source) -> Mapping[str, bytes]:
    """Every file of the plug-in by its path; `WorkflowIntegration.node` is not ours to give."""
    program = files("manifests") / "resolve"
    panel = dict(files_for(PanelConfig(api=source.api, version=source.version, host=PanelHost.RESOLVE)))
    panel["index.html"] = panel["index.html"].replace(b"<head>", b"<head>" + _policy(source).encode(), 1)
    return {
        "manifest.xml": workflow_manifest(source).encode(),
        "plugin.json": json.dumps({"id": source.id}).encode() + b"\n",
        **{name: (program / name).read_bytes() for name in _PROGRAM},
        **{f"panel/{path}": content for path, content in panel.items()},
    }


def _policy(source: Source) -> str:
    """Scripts of its own alone; it speaks to the hosts it was built for. Browsers are told so in a header."""
    there = " ".join(source.domains)
    rules = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src {there}; "
        f"img-src {there} blob: data:; media-src {there} blob:; base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


def workflow_manifest(source: Source) -> str:
    """What Resolve reads at its start; the id is the one that main.js introduces itself by."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<BlackmagicDesign>
  <Plugin>
    <Id>{escape(source.id)}</Id>
    <Name>{escape(NAME)}</Name>
    <Version>{escape(source.version)}</Version>
    <Description>Drafts, masters and deliveries at the playhead.</Description>
    <FilePath>main.js</FilePath>
  </Plugin>
</BlackmagicDesign>
"""
