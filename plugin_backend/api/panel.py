"""The panel for a browser: its files as they ship, from the same address as the API."""

import mimetypes
from importlib.metadata import version
from typing import Any, Final, cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from manifests.bundle import PanelConfig, PanelHost, files_for
from plugin_backend.api.asked import furniture
from plugin_backend.api.times import wall_clock
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.files.links import BucketLinks

panel = Blueprint("panel", __name__)

_KEPT: Final = "plugin-backend-panel"


@panel.get("/panel")
def show_way() -> AnyResponse:
    """Its files lie below."""
    return redirect("/panel/", code=308)


@panel.get("/panel/")
@panel.get("/panel/<path:path>")
def show_file(path: str = "index.html") -> Response:
    """One file; asked for again it is a 304 until the service is another version."""
    content = _files().get(path)
    if content is None:
        raise NotFoundError("file of the panel")
    media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
    response = Response(content, content_type=f"{media_type}; charset=utf-8")
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Content-Security-Policy"] = _policy()
    response.add_etag()
    return cast("Response", response.make_conditional(request))


def _files() -> Any:
    kept = current_app.extensions.get(_KEPT)
    if kept is None:
        config = PanelConfig(api="", version=version("plugin-backend"), host=PanelHost.BROWSER)
        kept = current_app.extensions[_KEPT] = files_for(config)
    return kept


def _policy() -> str:
    """Only its own scripts run; it asks this service and the storage behind it; nobody frames it."""
    media = " ".join(("'self'", *_storage()))
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors 'none'; connect-src {media}; img-src {media} blob:; media-src {media} blob:"
    )


def _storage() -> tuple[str, ...]:
    links = furniture().links
    if not isinstance(links, BucketLinks):
        return ()
    url = urlsplit(links.onward("panel", now=wall_clock()).url)
    return (f"{url.scheme}://{url.netloc}",)
