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
    panel = files_for(PanelConfig(api=source.api, version=source.version, host=PanelHost.RESOLVE))
    return {
        "manifest.xml": workflow_manifest(source).encode(),
        "plugin.json": json.dumps({"id": source.id}).encode() + b"\n",
        **{name: (program / name).read_bytes() for name in _PROGRAM},
        **{f"panel/{path}": content for path, content in panel.items()},
    }


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
