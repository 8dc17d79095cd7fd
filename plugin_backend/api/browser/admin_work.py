"""/admin: queues, what goes on, what failed, and what providers may bill."""

from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.browser.admin import ROWS, cursor, next_cursor
from plugin_backend.api.browser.administrators import (
    Change,
    admin_page,
    confirmed,
    done,
    for_administrators,
    reason,
)
from plugin_backend.api.browser.rendering import field_errors, refusing_in_pages
from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError, ValidationFailedError
from plugin_backend.services import endings
from plugin_backend.services.money import exposures
from plugin_backend.services.running import administering, operations

admin_work = refusing_in_pages(Blueprint("admin_work", __name__))

_VERBS: Final = ("cancel", "fail", "retry")


@admin_work.get("/admin/queues")
@for_administrators
def show_queues(caller: Caller) -> Response:
    """The lanes, the providers, and what goes on."""
    found = administering.unfinished(house(), caller, before=cursor(), limit=ROWS)
    return admin_page(
        "queues",
        caller,
        queues=operations.queues(house(), caller),
        rows=found,
        onward=next_cursor([each.generation.id for each in found]),
    )


@admin_work.get("/admin/failures")
@for_administrators
def show_failures(caller: Caller) -> Response:
    """What failed, and why."""
    found = administering.failures(house(), caller, before=cursor(), limit=ROWS)
    onward = next_cursor([each.generation.id for each in found])
    return admin_page("failures", caller, rows=found, onward=onward)


@admin_work.get("/admin/generations/<generation_id>")
@for_administrators
def show_generation(caller: Caller, *, generation_id: str) -> Response:
    """One generation, and what can be done about it."""
    return admin_page("generation", caller, view=administering.generation(house(), caller, generation_id))


@admin_work.post("/admin/generations/<generation_id>/<verb>")
@for_administrators
def change_generation(caller: Caller, *, generation_id: str, verb: str) -> Response:
    """Stop it, give it up, or ask for it again."""
    if verb not in _VERBS:
        raise NotFoundError("page")
    view = administering.generation(house(), caller, generation_id)
    try:
        why = reason()
    except ValidationFailedError as error:
        return admin_page("generation", caller, status=422, view=view, errors=field_errors(error))
    path = f"/admin/generations/{generation_id}"
    title, said = _told(view, verb)
    asked = confirmed(caller, Change(title=title, sentences=said, action=f"{path}/{verb}", back=path))
    if asked is not None:
        return asked
    match verb:
        case "cancel":
            endings.cancel_as_admin(house(), caller, generation_id, reason=why, request_id=request_id())
        case "fail":
            endings.fail_as_admin(house(), caller, generation_id, reason=why, request_id=request_id())
        case _:
            made = administering.retry_for(house(), caller, view, reason=why, request_id=request_id())
            path = f"/admin/generations/{made}"
    return done(path, verb)


@admin_work.get("/admin/exposures")
@for_administrators
def show_exposures(caller: Caller) -> Response:
    """What providers may bill and nobody was charged for."""
    state = request.args.get("state", "open")
    settled = exposures.SETTLED.get(state, False)
    found = exposures.find(house(), caller, settled=settled, before=cursor(), limit=ROWS)
    return admin_page(
        "exposures",
        caller,
        rows=found,
        totals=exposures.totals(house(), caller),
        state=state if state in exposures.SETTLED else "open",
        onward=next_cursor([each.id for each in found]),
    )


@admin_work.post("/admin/exposures/<exposure_id>/settle")
@for_administrators
def settle_exposure(caller: Caller, *, exposure_id: str) -> Response:
    """Put one behind us, with a note."""
    why = reason()
    change = Change(
        title=f"Settle the exposure {exposure_id}",
        sentences=["It is no longer counted as open.", "Nobody is charged, and nothing is paid by it."],
        action=f"/admin/exposures/{exposure_id}/settle",
        back="/admin/exposures",
    )
    asked = confirmed(caller, change)
    if asked is not None:
        return asked
    exposures.settle(house(), caller, exposure_id, note=why)
    return done("/admin/exposures", "settle")


def _told(view: GenerationView, verb: str) -> tuple[str, list[str]]:
    row = view.generation
    stored = sum(take.state == "stored" for take in view.takes)
    match verb:
        case "cancel":
            return f"Cancel {row.id}", [
                f"It is {row.state} now. What was not sent to a provider costs nothing.",
                f"{row.credits_held:,} credits are held; what is not used returns.",
                f"{stored} of its takes are stored and stay.",
            ]
        case "fail":
            return f"Give {row.id} up", [
                f"It is {row.state} now, and fails at once.",
                f"All of the {row.credits_held:,} credits that are held return.",
                "What a provider still makes of it is an exposure.",
            ]
        case _:
            return f"Ask for {row.id} again", [
                "A new generation is made of the same request, for the same person.",
                f"They pay for it, at today's price; the last time {row.credits_quoted:,} credits were held.",
            ]
