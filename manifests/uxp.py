"""Packages for UXP hosts: `manifest.json` in version 5, and the panel beside it."""

import json
from collections.abc import Mapping
from typing import Any

from manifests.bundle import PanelConfig, PanelHost, files_for
from manifests.icons import icons
from manifests.source import NAME, UXP_HOSTS, Source


def uxp_files(host: PanelHost, source: Source) -> Mapping[str, bytes]:
    """Every file of one host's `.ccx` by its path."""
    manifest = json.dumps(uxp_manifest(host, source), indent=2)
    return {
        "manifest.json": manifest.encode() + b"\n",
        **icons(size=23, name="panel"),
        **icons(size=24, name="plugin"),
        **files_for(PanelConfig(api=source.api, version=source.version, host=host)),
    }


def uxp_manifest(host: PanelHost, source: Source) -> dict[str, Any]:
    """What the host is told, and all that the panel may do."""
    app, oldest = UXP_HOSTS[host.value]
    return {
        "manifestVersion": 5,
        "id": f"{source.id}.{host.value}",
        "name": NAME,
        "version": source.version,
        "main": "index.html",
        "host": {"app": app, "minVersion": oldest},
        "entrypoints": [_panel()],
        "icons": _icons("plugin", size=24, species="pluginList"),
        "requiredPermissions": {
            "network": {"domains": source.domains},
            "localFileSystem": "request",
            "launchProcess": {"schemes": source.schemes, "extensions": []},
        },
    }


def _panel() -> dict[str, Any]:
    return {
        "type": "panel",
        "id": "panel",
        "label": {"default": NAME},
        "minimumSize": {"width": 240, "height": 320},
        "maximumSize": {"width": 2000, "height": 4000},
        "preferredDockedSize": {"width": 320, "height": 720},
        "preferredFloatingSize": {"width": 420, "height": 860},
        "icons": _icons("panel", size=23, species="toolbar"),
    }


def _icons(name: str, *, size: int, species: str) -> list[dict[str, Any]]:
    themes = {"dark": ["dark", "darkest", "medium"], "light": ["light", "lightest"]}
    return [
        {
            "width": size,
            "height": size,
            "path": f"icons/{name}-{theme}.png",
            "scale": [1, 2],
            "theme": shown,
            "species": [species],
        }
        for theme, shown in themes.items()
    ]
