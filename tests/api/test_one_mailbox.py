"""A mailbox has one account, however its address is spelt; who comes back goes on where they were."""

import pytest

from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import ConflictError
from plugin_backend.services.house import House
from plugin_backend.services.money import plan_grants
from plugin_backend.services.people import accepting, invitations
from plugin_backend.services.running import administering
from tests.api.people import at_once
from tests.api.village import PASSWORD, Village

NEW = "bea@studio.example"


@pytest.mark.parametrize(
    ("first", "second"),
    [("c.d@gmail.com", "CD+two@googlemail.com"), ("e+y@studio.example", "E+x@studio.example")],
)
def test_one_mailbox_has_one_account_however_it_is_spelt(village: Village, first: str, second: str) -> None:
    village.ask(second)
    early = village.link(second)
    village.joined(first)
    assert village.browser().open(early).status == 200

    late = village.browser().send(early, "/join/confirm", password=PASSWORD)
    assert late.status == 410
    asked = village.ask(second)

    assert asked.heading == "Look into your mailbox"
    assert village.letters(second)[-1].link.endswith("/login")
    assert village.standing(first)[2] == village.credit()
    assert village.rows("SELECT id FROM users WHERE email = :email", email=second) == []
    assert "@" not in str(village.rows("SELECT t::text FROM welcomes t"))


def test_two_spellings_of_a_mailbox_confirmed_at_once_make_one_account(village: Village) -> None:
    spelt = ("a+1@studio.example", "a+2@studio.example")
    for email in spelt:
        village.ask(email)
    links, browsers = [village.link(email) for email in spelt], [village.browser() for _ in spelt]
    fields = [browser.open(link).form("/join/confirm") for browser, link in zip(browsers, links, strict=True)]

    def knock(number: int) -> int:
        typed = {**fields[number], "password": PASSWORD}
        return int(browsers[number].client.post("/join/confirm", data=typed).status_code)

    assert min(at_once(2, knock)) == 303
    ((count,),) = village.rows("SELECT count(*) FROM users WHERE email LIKE 'a+%@studio.example'")
    assert count == 1


def test_who_leaves_and_joins_anew_goes_on_with_the_month_they_had(village: Village) -> None:
    village.rows("UPDATE plans SET credits_per_month = 40 WHERE id = 'free'")
    village.joined(NEW)
    ((first,),) = village.rows("SELECT id FROM users WHERE email = :email", email=NEW)
    with village.house.begin() as work:
        assert plan_grants.grant_month(work, first)
    village.rows(
        "INSERT INTO draft_days SELECT id, CURRENT_DATE, workspace_id, 7 FROM users WHERE id = :id", id=first
    )
    village.rows(
        "UPDATE users SET email = id || '@erased.invalid', disabled_at = now() WHERE id = :id", id=first
    )

    village.joined(f"bea+again@{NEW.partition('@')[2]}")

    ((second, used),) = village.rows(
        "SELECT u.id, d.used FROM users u JOIN draft_days d ON d.owner_id = u.id WHERE u.email LIKE 'bea+%'"
    )
    with village.house.begin() as work:
        assert plan_grants.grant_month(work, second) is None
    assert (used, village.standing("bea+again@studio.example")[2]) == (7, 0)
    village.rows("UPDATE plans SET credits_per_month = 50 WHERE id = 'free'")
    with village.house.begin() as work:
        assert plan_grants.grant_month(work, second)
    assert village.standing("bea+again@studio.example")[2] == 10
    village.ask(NEW)
    assert village.letters(NEW)[-1].link.endswith("/login")


def test_an_invitation_of_one_who_joined_makes_no_second_account(village: Village, house: House) -> None:
    village.joined(NEW)
    ((owner,),) = village.rows("SELECT id FROM users WHERE email = :email", email=NEW)
    actor = administering.administrator(house, owner)
    for email, is_new in (("bea+two@studio.example", False), ("carl@studio.example", True)):
        made = invitations.create(house, actor, email=email, role=Role.EDITOR, address=lambda token: token)
        assert made.token is not None
        if is_new:
            assert accepting.accept(house, made.token, PASSWORD).email == email
        else:
            with pytest.raises(ConflictError, match="has an account already"):
                accepting.accept(house, made.token, PASSWORD)
