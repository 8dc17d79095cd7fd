"""/set-password: where the link leads that an operator made; it sets a password once."""

from flask import Blueprint, Response

from plugin_backend.api.asked import house
from plugin_backend.api.browser.links import PasswordLink, set_it, show_form
from plugin_backend.api.browser.rendering import refusing_in_pages
from plugin_backend.services.people import passwords

set_password = refusing_in_pages(Blueprint("set_password", __name__))

_LINK = PasswordLink(
    path="/set-password",
    email_of=lambda token: passwords.invited(house(), token).email,
    put=lambda token, password: passwords.accept(house(), token, password),
)


@set_password.get(_LINK.path)
def show_set_password() -> Response:
    """The form behind the link; looking does not use it."""
    return show_form(_LINK)


@set_password.post(_LINK.path)
def accept_link() -> Response:
    """Set it, and come in."""
    return set_it(_LINK)
