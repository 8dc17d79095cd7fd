"""What providers may bill that nobody was charged for: found, added up, settled by an operator."""

from dataclasses import replace

import pytest

from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.errors import ConflictError, ForbiddenError, NotFoundError
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.services import endings, reconciliation
from plugin_backend.services.money import exposures
from plugin_backend.services.money.exposures import Exposure
from tests.services.remote import PRICE, RAY_32, Remote, far, settle, work_off
from tests.services.studio import Studio
from worker.providers.protocol import Broken, FetchRefusedError, InDoubt, Refused, Shot

MODERATED = Broken("moderated", "luma moderated it: the second frame", request_id="lum-7")


def _failed(studio: Studio, luma: Remote) -> tuple[Studio, Caller]:
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    settle(studio, studio.ask(caller, RAY_32))
    return studio, caller


def _find(studio: Studio, actor: Caller, *, settled: bool | None = False) -> tuple[Exposure, ...]:
    return exposures.find(studio.house, actor, settled=settled, before=None, limit=10)


def test_what_was_moderated_after_it_was_accepted_may_be_billed_and_says_why(studio: Studio) -> None:
    studio, caller = _failed(studio, Remote(fate=MODERATED))

    (found,) = _find(studio, studio.person(is_operator=True))

    assert (found.provider, found.provider_ref, found.request_id) == ("luma", "luma-1", "lum-7")
    assert (found.credits, found.billed, found.model) == (PRICE, None, "ray-3.2")
    assert "the second frame" in found.why
    assert studio.balance(caller) == (100, 0)


@pytest.mark.parametrize(
    "luma",
    [
        Remote(),
        Remote(fate=Broken("provider-failed", "no", billed=False)),
        Remote(answers=[Refused("moderated", "no")]),
    ],
    ids=["charged", "not billed", "refused"],
)
def test_what_was_paid_or_is_certainly_not_billed_is_none(studio: Studio, luma: Remote) -> None:
    studio, _ = _failed(studio, luma)

    assert _find(studio, studio.person(is_operator=True), settled=None) == ()
    assert exposures.totals(studio.house, studio.person(is_operator=True)) == ()


def test_an_outcome_that_nobody_knows_is_an_exposure_with_what_was_said(studio: Studio) -> None:
    doubt = InDoubt("luma was asked and did not say: 504", request_id="lum-504")
    studio, caller = _failed(studio, Remote(answers=[doubt]))

    (found,) = _find(studio, studio.person(is_operator=True))

    assert (found.detail, found.request_id, found.provider_ref) == (doubt.detail, "lum-504", None)
    assert studio.balance(caller) == (100, 0)


class Confused(Remote):
    """Starts whatever it is sent, and answers with one and the same reference."""

    def start(self, shot: Shot) -> str:
        self.jobs["luma-1"] = shot
        return "luma-1"


def test_a_reference_that_another_take_has_is_no_answer(studio: Studio) -> None:
    studio = far(studio, Confused())
    caller = studio.person(credits_granted=100)
    view = settle(studio, studio.ask(caller, replace(RAY_32, takes=2)))

    assert sorted(take.state.value for take in view.takes) == ["failed", "stored"]
    assert studio.balance(caller) == (100 - PRICE, 0)
    (found,) = _find(studio, studio.person(is_operator=True))
    assert found.detail == "luma answered with the reference of another take."


def test_what_is_in_doubt_just_now_is_not_yet_one(studio: Studio) -> None:
    studio = far(studio, Remote(answers=[InDoubt("504")]))
    studio.ask(studio.person(credits_granted=100), RAY_32)
    work_off(studio)
    operator = studio.person(is_operator=True)

    assert _find(studio, operator) == ()


def test_an_operator_settles_one_with_a_note_and_the_audit_keeps_it(studio: Studio) -> None:
    studio, _ = _failed(studio, Remote(fate=MODERATED))
    operator = studio.person(is_operator=True)
    (found,) = _find(studio, operator)

    exposures.settle(studio.house, operator, found.id, note="Not on the invoice.")

    assert _find(studio, operator) == ()
    assert exposures.totals(studio.house, operator) == ()
    (shown,) = _find(studio, operator, settled=True)
    assert shown.settled_note == "Not on the invoice."
    audited = studio.rows(
        "SELECT subject_id, actor_id, words FROM audit_entries JOIN audit_reasons ON entry_id = id"
        " WHERE action LIKE 'exp%'"
    )
    assert audited == [(found.id, operator.user_id, "Not on the invoice.")]
    with pytest.raises(ConflictError):
        exposures.settle(studio.house, operator, found.id, note="again")


def test_an_administrator_sees_their_own_workspace_and_settles_nothing(studio: Studio) -> None:
    studio, caller = _failed(studio, Remote(fate=MODERATED))
    admin = studio.person(role=Role.ADMIN, colleague_of=caller)
    stranger = studio.person(role=Role.ADMIN)

    (found,) = _find(studio, admin)

    assert _find(studio, stranger) == ()
    assert exposures.totals(studio.house, stranger) == ()
    with pytest.raises(ForbiddenError):
        exposures.settle(studio.house, admin, found.id, note="mine")
    with pytest.raises(NotFoundError):
        exposures.settle(studio.house, studio.person(is_operator=True), "att_none", note="none")


def test_totals_are_by_provider(studio: Studio) -> None:
    studio = far(studio, Remote(fate=MODERATED))
    for _ in range(2):
        settle(studio, studio.ask(studio.person(credits_granted=100), RAY_32))

    (total,) = exposures.totals(studio.house, studio.person(is_operator=True))

    assert (total.provider, total.attempts, total.credits, total.recovered) == ("luma", 2, 2 * PRICE, 0)


def test_what_is_found_late_and_cannot_be_fetched_says_so_and_is_not_recovered(studio: Studio) -> None:
    luma = Remote(answers=[InDoubt("504")], hears=True, lists=True)
    luma.downloads = [FetchRefusedError("provider-failed", "The provider sent a web page.")]
    studio = far(studio, luma)
    caller, operator = studio.person(credits_granted=100), studio.person(is_operator=True)
    view = studio.ask(caller, RAY_32)
    work_off(studio)
    endings.fail_as_admin(studio.house, operator, view.generation.id, reason="stuck")

    reconciliation.sweep(studio.house)
    work_off(studio)

    made = "SELECT state FROM generations WHERE recovered_from = :id"
    assert studio.one(made, id=view.generation.id) == GenerationState.FAILED
    (shown,) = _find(studio, operator)
    (total,) = exposures.totals(studio.house, operator)
    assert "could not be delivered: The provider sent a web page." in shown.why
    assert (total.credits, total.recovered, total.credits_recovered) == (PRICE, 0, 0)
    assert studio.balance(caller) == (100, 0)
