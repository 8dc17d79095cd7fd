"""A person lets a panel in, or sends it away."""

from tests.api.browsers import EMAIL, PASSWORD, Browser, Page, led_to, tries_until_refused
from tests.api.panels import DEVICE, Panel, refusal
from tests.api.people import Person, told


def test_codes_are_not_guessed(strict: Browser) -> None:
    strict.log_in(EMAIL)
    tried = tries_until_refused(lambda _: strict.open("/activate?user_code=BCDF-GHJK").status)
    assert 20 <= tried <= 40
    page = strict.open("/activate?user_code=BCDF-GHJK")
    assert (page.status, page.heading) == (429, "Too many requests")
    assert int(page.answer.headers["Retry-After"]) > 0


def test_a_panel_is_let_in_by_whoever_compares_its_code(
    signed_in: Browser, panel: Panel, editor: Person
) -> None:
    codes = panel.ask()
    path = f"/activate?user_code={codes['user_code']}"
    page = signed_in.open(path)
    assert codes["user_code"] in page.text
    assert DEVICE in page.text
    assert "spends your quota" in page.text
    assert refusal(panel.poll(codes)) == "authorization_pending"  # looking changes nothing
    done = signed_in.send(path, "/activate", decision="approve")
    assert done.heading == "The panel is signed in"
    assert panel.me(told(panel.poll(codes))["access_token"]).json["id"] == editor.id
    assert signed_in.open(path).status == 422


def test_a_panel_is_sent_away(signed_in: Browser, panel: Panel) -> None:
    codes = panel.ask()
    done = signed_in.send(f"/activate?user_code={codes['user_code']}", "/activate", decision="deny")
    assert done.heading == "The panel was sent away"
    assert refusal(panel.poll(codes)) == "access_denied"


def test_whoever_is_not_signed_in_comes_back_to_the_code(browser: Browser, panel: Panel) -> None:
    code = panel.ask()["user_code"]
    onward = led_to(browser.open(f"/activate?user_code={code.lower()}"))
    assert onward == f"/login?next=/activate%3Fuser_code%3D{code}"
    fields = browser.open(onward).form("/login")
    answer = browser.client.post("/login", data={**fields, "email": EMAIL, "password": PASSWORD})
    assert led_to(Page(answer)) == f"/activate?user_code={code}"
    assert led_to(Browser(browser.client.application).open("/activate")) == "/login?next=/activate"


def test_a_code_typed_by_hand_is_found(signed_in: Browser, panel: Panel) -> None:
    code = panel.ask()["user_code"]
    assert signed_in.open("/activate").heading == "Let a panel in"
    assert code in signed_in.open(f"/activate?user_code={code.replace('-', ' ').lower()}").text
    wrong = signed_in.open("/activate?user_code=AAAA")
    assert (wrong.status, wrong.problems[0][:21]) == (422, "No panel is waiting w")
    assert wrong.form("/activate")["user_code"] == "AAAA"


def test_a_decision_that_is_neither_changes_nothing(signed_in: Browser, panel: Panel) -> None:
    codes = panel.ask()
    path = f"/activate?user_code={codes['user_code']}"
    assert signed_in.send(path, "/activate", decision="perhaps").status == 422
    assert refusal(panel.poll(codes)) == "authorization_pending"


def test_what_a_device_calls_itself_is_shown_as_text(signed_in: Browser, panel: Panel) -> None:
    codes = panel.ask(device="<script>alert(1)</script>")
    page = signed_in.open(f"/activate?user_code={codes['user_code']}")
    assert "<script>alert(1)</script>" in page.text
    assert page.tree.xpath("//script") == []
