"""/invitation: where the link of an invitation leads; it lets one address into one workspace, once."""

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house, request_id
from plugin_backend.api.browser.links import gone
from plugin_backend.api.browser.rendering import field_errors, page, refusing_in_pages
from plugin_backend.api.browser.sign_in import HOME, welcome
from plugin_backend.api.browser.tries import admit_look
from plugin_backend.api.browser.visitors import check_form
from plugin_backend.auth import changes
from plugin_backend.db.invitations import InvitationRow
from plugin_backend.domain.errors import GoneError, ValidationFailedError
from plugin_backend.services.people import accepting

invitation = refusing_in_pages(Blueprint("invitation", __name__))

_DOOR = "iv"  # a password can be tried here too: as often as anywhere


@invitation.get("/invitation")
def show_invitation() -> Response:
    """The form, for whoever has a link that was not used; looking does not use it."""
    token = request.args.get("token", "")
    admit_look(_DOOR)
    try:
        return _form(accepting.look(house(), token), token)
    except GoneError as error:
        return gone(error)


@invitation.post("/invitation")
def accept_invitation() -> Response:
    """Join the workspace, and come in."""
    check_form()
    admit_look(_DOOR)
    token, password = request.form.get("token", ""), request.form.get("password", "")
    try:
        row = accepting.look(house(), token)
        person = accepting.accept(house(), token, password, request_id=request_id())
    except ValidationFailedError as error:
        return _form(row, token, status=422, errors=field_errors(error))
    except GoneError as error:
        return gone(error)
    changes.announce()
    return welcome(person, HOME)


def _form(
    row: InvitationRow, token: str, *, status: int = 200, errors: dict[str, str] | None = None
) -> Response:
    return page("invitation", status=status, token=token, invitation=row, errors=errors or {})
