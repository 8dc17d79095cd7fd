"""/admin: how things stand, and who changed what."""

from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house
from plugin_backend.api.browser.administrators import admin_page, for_administrators
from plugin_backend.api.browser.rendering import refusing_in_pages
from plugin_backend.api.paging import seal, unseal
from plugin_backend.domain.callers import Caller
from plugin_backend.services import usage
from plugin_backend.services.running import administering

admin = refusing_in_pages(Blueprint("admin", __name__))

ROWS: Final = 50


@admin.get("/admin")
@for_administrators
def show_overview(caller: Caller) -> Response:
    """Credits, drafts, queues, failures, exposures and providers at a glance."""
    return admin_page("overview", caller, found=administering.overview(house(), caller))


@admin.get("/admin/audit")
@for_administrators
def show_audit(caller: Caller) -> Response:
    """Who changed what and why, newest first."""
    subject = request.args.get("subject_id", "").strip()[:128]
    place = cursor()
    rows = usage.audit_trail(
        house(),
        caller,
        subject_id=subject if subject.isprintable() and subject else None,
        before=None if place is None else int(place),
        limit=ROWS,
    )
    onward = next_cursor([row.id for row in rows])
    return admin_page("audit", caller, rows=rows, subject=subject, onward=onward)


def cursor() -> str | None:
    """Where the page goes on."""
    given = request.args.get("cursor", "")
    return unseal(given[:200]) if given else None


def next_cursor(places: list[object]) -> str | None:
    """Where the next page goes on; None after the last."""
    return seal(str(places[-1])) if len(places) == ROWS else None
