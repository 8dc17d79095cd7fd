"""An issuer's claims: the part they give, and the people they make."""

from typing import Any

from plugin_backend.domain.callers import Role, Scope
from plugin_backend.settings.sso import ClaimRule, Linking
from tests.api.browsers import Browser, Traveller, led_to
from tests.api.gatehouse import Gatehouse
from tests.api.people import Person, Town


def _rules(workspace_id: str | None = None) -> tuple[ClaimRule, ...]:
    return (
        ClaimRule(claim="groups", has="leads", role="admin", workspace_id=workspace_id),
        ClaimRule(claim="realm.roles", has="cutter", role="editor", workspace_id=workspace_id),
        ClaimRule(claim="https://studio.example/part", has="look", role="viewer", workspace_id=workspace_id),
    )


def test_claims_give_a_part_and_take_it_away(linked: Gatehouse, editor: Person) -> None:
    ruled = linked.with_settings(oidc_claims=_rules())

    def role(**claims: Any) -> str:
        answer = ruled.ask(ruled.issuer.access_token(**claims))
        return str(answer.json["role"] if answer.status_code == 200 else answer.status_code)

    assert role(groups=["staff", "leads"]) == "admin"
    assert role(realm={"roles": ["cutter"]}) == "editor"
    assert role(**{"https://studio.example/part": "look"}) == "viewer"
    assert role(groups=["staff"]) == "401"
    assert role(groups={"leads": True}) == "401"
    assert role(groups=["leads"], realm={"roles": ["cutter"]}) == "admin"
    told = ruled.one(
        "SELECT count(*) FROM audit_entries WHERE action = 'user.changed' AND subject_id = :id", id=editor.id
    )
    assert told == 4


def test_a_claim_moves_somebody_with_the_care_of_an_invitation(
    linked: Gatehouse, editor: Person, town: Town
) -> None:
    there = town.settle("there@example.com", role=Role.OWNER).workspace_id
    ruled = linked.with_settings(oidc_claims=_rules(there))

    found = ruled.ask(ruled.issuer.access_token(groups=["leads"])).json

    assert (found["id"], found["workspace"]["id"], found["role"]) == (editor.id, there, "admin")
    assert found["plan"]["id"] == "free"
    assert found["credits"]["available"] == 0
    assert editor.get("/v1/me").status_code == 401  # its key was made where they were
    left = ruled.one(
        "SELECT available FROM accounts WHERE owner_kind = 'workspace' AND owner_id = :id",
        id=editor.workspace_id,
    )
    assert left == 10_000


def test_no_claim_takes_a_workspaces_last_owner(linked: Gatehouse, editor: Person, town: Town) -> None:
    there = town.settle("there@example.com", role=Role.OWNER).workspace_id
    colleague = town.settle("colleague@example.com", workspace_id=editor.workspace_id)
    admin = town.settle("boss@example.com", is_operator=True, scopes=frozenset(Scope))
    admin.patch(f"/v1/admin/users/{editor.id}", {"role": "owner"})

    for elsewhere in (None, there):
        ruled = linked.with_settings(oidc_claims=_rules(elsewhere))
        assert ruled.is_refused(ruled.issuer.access_token(groups=["leads"]))
    assert editor.get("/v1/me").json["role"] == "owner"

    admin.patch(f"/v1/admin/users/{colleague.id}", {"role": "owner"})
    assert ruled.ask(ruled.issuer.access_token(groups=["leads"])).json["workspace"]["id"] == there


def test_whom_no_rule_names_any_more_is_out_with_every_token(linked: Gatehouse, editor: Person) -> None:
    ruled = linked.with_settings(oidc_claims=_rules())
    assert editor.get("/v1/me").status_code == 200

    assert ruled.is_refused(ruled.issuer.access_token(groups=["staff"]))

    live = ruled.one(
        "SELECT count(*) FROM api_keys WHERE owner_id = :id AND revoked_at IS NULL", id=editor.id
    )
    assert live == 0


def test_only_people_of_allowed_domains_and_with_the_next_request(linked: Gatehouse) -> None:
    for domains, status in (("studio.example",), 401), (("studio.example", "example.com"), 200), ((), 200):
        assert linked.with_settings(oidc_allowed_domains=domains).ask().status_code == status


def test_an_operators_part_is_no_claims_business(gate: Gatehouse, operator: Person) -> None:
    gate.issuer.does.email = "operator@example.com"
    ruled = gate.with_settings(oidc_claims=_rules())
    token = ruled.issuer.access_token(groups=["leads"])
    assert ruled.ask(token).json["role"] == "owner"
    assert ruled.one("SELECT is_operator FROM users WHERE id = :id", id=operator.id)


def test_somebody_new_is_made_where_that_is_set_up(gate: Gatehouse, editor: Person) -> None:
    gate.issuer.does.subject, gate.issuer.does.email = "subject-9", "new@studio.example"
    assert gate.is_refused(gate.issuer.access_token())
    ours = gate.with_settings(oidc_sign_up=True, oidc_claims=_rules(editor.workspace_id))
    assert ours.is_refused(ours.issuer.access_token(groups=["leads"], email_verified=False))
    assert ours.is_refused(ours.issuer.access_token(groups=["nobody"]))

    made = ours.ask(ours.issuer.access_token(realm={"roles": ["cutter"]})).json

    assert (made["email"], made["role"]) == ("new@studio.example", "editor")
    assert made["workspace"]["id"] == editor.workspace_id
    granted = ours.one("SELECT sign_up_credits FROM plans WHERE id = 'free'")
    assert made["credits"]["available"] >= granted > 0
    lost = ours.with_settings(oidc_claims=_rules("wsp_00000000000000000000000000"))
    assert lost.is_refused(lost.issuer.access_token(sub="subject-10", email="x@y.example", groups=["leads"]))


def test_panel_browser_and_bearer_are_one_person(gate: Gatehouse, editor: Person) -> None:
    ours = gate.with_settings(oidc_sign_up=True, oidc_linking=Linking.NEVER)
    refused = Traveller(Browser(ours.app)).travel()
    assert refused.status == 403
    assert "has this address already" in refused.text
    ours.issuer.does.email = "new@studio.example"
    traveller = Traveller(Browser(ours.app))
    led_to(traveller.travel())
    assert "new@studio.example" in traveller.browser.open("/account").text
    answer = ours.ask(ours.issuer.access_token(email=None, email_verified=None))
    assert answer.json["email"] == "new@studio.example"
    assert answer.json["id"] != editor.id
