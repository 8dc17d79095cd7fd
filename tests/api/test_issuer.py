"""Signing in with another issuer: there, and back again."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.services.house import House
from tests.api.browsers import BACK, Browser, Page, Traveller, led_to
from tests.api.panels import Panel
from tests.api.people import Person
from tests.fakes.issuer import FakeIssuer


def test_somebody_the_issuer_vouches_for_comes_in(traveller: Traveller) -> None:
    page = traveller.browser.open("/login?next=/panel/")
    (link,) = page.tree.xpath("//a[contains(., 'Example Studio')]/@href")
    assert link == "/login/issuer?next=/panel/"
    assert led_to(traveller.travel("/panel/")) == "/panel/"
    assert "editor@example.com" in traveller.browser.open("/account").text


def test_without_an_issuer_there_is_no_such_way(app: Flask) -> None:
    browser = Browser(app)
    assert browser.open("/login").tree.xpath("//a") == []
    assert browser.open("/login/issuer").status == 404
    assert browser.open(BACK).status == 404


def test_it_leads_nowhere_but_into_the_house(traveller: Traveller) -> None:
    assert led_to(traveller.travel("https://evil.example")) == "/account"


def test_a_known_subject_is_the_same_person_whatever_their_address_says(
    traveller: Traveller, issuer: FakeIssuer
) -> None:
    led_to(traveller.travel())
    issuer.does.email = "moved@example.com"
    issuer.does.is_verified = False
    led_to(traveller.travel())
    assert "editor@example.com" in traveller.browser.open("/account").text


def test_another_subject_with_the_same_address_is_somebody_else(
    door: Flask, traveller: Traveller, issuer: FakeIssuer
) -> None:
    led_to(traveller.travel())
    issuer.does.subject = "subject-2"
    other = Traveller(Browser(door))
    page = other.travel()
    assert page.status == 403
    assert "Somebody else signed in with this address" in page.text
    assert not other.browser.is_signed_in


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"is_verified": False}, "Your e-mail address is not verified there."),
        ({"email": "nobody@example.com"}, "Nobody here has the address nobody@example.com."),
        ({"email": None, "about": {"sub": "subject-1"}}, "Your e-mail address is not verified there."),
    ],
)
def test_who_is_not_known_here_reads_why(
    traveller: Traveller, issuer: FakeIssuer, changes: dict[str, Any], said: str
) -> None:
    issuer.does = replace(issuer.does, **changes)
    page = traveller.travel()
    assert page.status == 403
    assert said in page.text
    assert not traveller.browser.is_signed_in


def test_a_disabled_person_does_not_come_in(traveller: Traveller, editor: Person, admin: Person) -> None:
    led_to(traveller.travel())
    admin.patch(f"/v1/admin/users/{editor.id}", {"disabled": True})
    assert traveller.travel().status == 403
    assert not traveller.browser.is_signed_in


def test_only_people_of_allowed_domains(configured: Settings, house: House, editor: Person) -> None:
    assert editor.id
    for domains, status in ((("studio.example",), 403), (("studio.example", "example.com"), 303)):
        app = create_app(replace(configured, oidc_allowed_domains=domains), house)
        assert Traveller(Browser(app)).travel().status == status


def test_an_address_that_is_not_in_the_token_is_asked_for(traveller: Traveller, issuer: FakeIssuer) -> None:
    issuer.does.email = None
    issuer.does.about = {"sub": "somebody-else", "email": "editor@example.com", "email_verified": True}
    assert traveller.travel().status == 403
    issuer.does.about = {**issuer.does.about, "sub": issuer.does.subject}
    led_to(traveller.travel())


def test_who_has_no_password_leaves_just_after_signing_in(traveller: Traveller, panel: Panel) -> None:
    browser, mine = traveller.browser, {"confirm": "editor@example.com"}
    led_to(traveller.travel())
    assert "own_password" not in browser.open("/account").form("/account/leave")
    panel.age("sessions", 601, "created_at")
    late = browser.send("/account", "/account/leave", **mine)
    assert (late.status, late.problems[0][:12]) == (422, "You signed i")
    led_to(traveller.travel())
    wrong = browser.send("/account", "/account/leave", confirm="somebody@example.com")
    assert (wrong.status, len(wrong.problems)) == (422, 1)
    gone = browser.send("/account", "/account/leave", **mine)
    assert (gone.status, gone.heading) == (200, "You are signed out for good")


def test_what_comes_back_belongs_to_the_browser_that_left(door: Flask, traveller: Traveller) -> None:
    victim = Browser(door)
    attackers = traveller.leave()
    assert Page(victim.client.get(attackers)).status == 403  # no flight of its own
    Traveller(victim).leave()
    assert Page(victim.client.get(attackers)).status == 403  # another flight's state
    assert not victim.is_signed_in


def test_a_code_comes_back_once(traveller: Traveller) -> None:
    back = traveller.leave()
    led_to(Page(traveller.browser.client.get(back)))
    assert Page(traveller.browser.client.get(back)).status == 403


@pytest.mark.parametrize("query", ["", "error=access_denied&state=x", "code=&state=x", "code=x"])
def test_coming_back_with_nothing_is_a_page(traveller: Traveller, query: str) -> None:
    assert traveller.browser.open(f"{BACK}?{query}").status == 403


def test_an_issuer_that_is_away_or_talks_nonsense_is_a_page(traveller: Traveller, issuer: FakeIssuer) -> None:
    issuer.does.status = 503
    assert traveller.browser.open("/login/issuer").status == 403
    issuer.does.status = 200
    issuer.does.metadata = {"issuer": "https://evil.example"}
    assert traveller.browser.open("/login/issuer").status == 403


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("token_endpoint", "http://127.0.0.1:9/token"),
        ("token_endpoint", "https://127.0.0.1:8443/token"),
        ("jwks_uri", "https://169.254.169.254/keys"),
        ("jwks_uri", "file:///etc/passwd"),
        ("jwks_uri", None),
    ],
)
def test_an_issuer_cannot_send_us_into_our_own_network(
    traveller: Traveller, issuer: FakeIssuer, name: str, address: str | None
) -> None:
    issuer.does.metadata = {name: address}
    assert traveller.travel().status == 403
    assert not traveller.browser.is_signed_in


def test_a_discovery_document_may_lie_elsewhere(
    configured: Settings, issuer: FakeIssuer, house: House, editor: Person
) -> None:
    assert editor.id
    elsewhere = replace(configured, oidc_discovery_url=f"{issuer.url}/elsewhere/configuration")
    led_to(Traveller(Browser(create_app(elsewhere, house))).travel())
    assert "/.well-known/openid-configuration" not in issuer.asked


def test_a_client_without_basic_authentication_posts_its_secret(
    traveller: Traveller, issuer: FakeIssuer
) -> None:
    issuer.does.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    led_to(traveller.travel())
