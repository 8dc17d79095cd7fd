"""All pages for people, as the app puts them on its map."""

from plugin_backend.api.browser.account import account
from plugin_backend.api.browser.activation import activation
from plugin_backend.api.browser.admin import admin
from plugin_backend.api.browser.admin_people import admin_people
from plugin_backend.api.browser.admin_usage import admin_usage
from plugin_backend.api.browser.admin_work import admin_work
from plugin_backend.api.browser.forgotten import forgotten
from plugin_backend.api.browser.invitation import invitation
from plugin_backend.api.browser.issuers import issuers
from plugin_backend.api.browser.joining import joining
from plugin_backend.api.browser.set_password import set_password
from plugin_backend.api.browser.sign_in import sign_in

PAGES = (
    sign_in,
    issuers,
    activation,
    account,
    set_password,
    invitation,
    joining,
    forgotten,
    admin,
    admin_people,
    admin_work,
    admin_usage,
)
