"""Asking: quota, credits and rows in one transaction, or nothing at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from plugin_backend.db.generations import GenerationFilter
from plugin_backend.domain.brief import (
    Direct,
    GenerationRequest,
    Keyframe,
    Kind,
    Operation,
    Resolution,
    Source,
)
from plugin_backend.domain.callers import Caller, Role
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.errors import (
    BackendError,
    ConcurrencyLimitError,
    DraftQuotaExhaustedError,
    ForbiddenError,
    InsufficientCreditsError,
    NotFoundError,
    PriceChangedError,
    ProviderUnavailableError,
    UnsupportedByModelError,
    ValidationFailedError,
)
from plugin_backend.domain.lifecycle import GenerationState
from plugin_backend.domain.work import Lane
from plugin_backend.services import endings, generations, quotas
from plugin_backend.services.money import receipts
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio, keyed, with_brief

DRAFT = asked()
MASTER = asked(kind=Kind.MASTER, resolution=Resolution.P1080)  # 5 s at 2 credits a second: 10


def test_a_draft_takes_its_units_and_no_credits(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)

    view = studio.ask(caller, replace(DRAFT, takes=3, direct=Direct(max_iterations=2)))

    assert view.generation.state is GenerationState.QUEUED
    assert (view.generation.draft_units, view.generation.credits_held) == (9, 0)
    assert [take.number for take in view.takes] == [1, 2, 3]
    assert studio.drafts_used(caller) == 9
    assert studio.balance(caller) == (100, 0)
    assert studio.under_way(caller) == (1, 0)


def test_a_master_holds_its_credits_and_takes_no_units(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)

    view = studio.ask(caller, replace(MASTER, takes=2))

    assert studio.balance(caller) == (80, 20)
    assert studio.drafts_used(caller) == 0
    entry = studio.rows(
        "SELECT kind, available_delta, held_delta, available_after, held_after, generation_id"
        " FROM ledger_entries ORDER BY number DESC LIMIT 1"
    )
    assert entry == [("hold", -20, 20, 80, 20, view.generation.id)]


def test_an_accepted_request_is_due_told_of_and_hinted(studio: Studio) -> None:
    caller = studio.person(credits_granted=100)

    draft, master = studio.ask(caller, DRAFT), studio.ask(caller, MASTER)

    assert studio.due() == sorted([draft.generation.id, master.generation.id])
    assert [(hint.subject_id, hint.lane) for hint in studio.overheard.hints] == [
        (draft.generation.id, Lane.STEP_DRAFT),
        (master.generation.id, Lane.STEP_MASTER),
    ]
    told = studio.told(caller)
    assert [(event.type, event.subject_id) for event in told][-2:] == [
        ("generation.queued", draft.generation.id),
        ("generation.queued", master.generation.id),
    ]


def test_takes_of_one_request_have_different_seeds_and_a_given_seed_counts_on(studio: Studio) -> None:
    caller = studio.person()

    free = studio.ask(caller, replace(DRAFT, takes=4))
    given = studio.ask(caller, with_brief(replace(DRAFT, takes=3), seed=7))

    assert len({take.seed for take in free.takes}) == 4
    assert [take.seed for take in given.takes] == [7, 8, 9]


DNXHR = DeliveryRequest.from_json({"host": "nuke", "master_format": "dnxhr-hqx"})
SMALL = replace(SEQUENCE, width=64, height=64)
Refusal = tuple[GenerationRequest, type[BackendError]]
REFUSALS: dict[str, Refusal] = {
    "quota": (replace(DRAFT, takes=3), DraftQuotaExhaustedError),
    "credits": (replace(MASTER, takes=2), InsufficientCreditsError),
    "words": (with_brief(DRAFT, prompt=" "), ValidationFailedError),
    "duration": (with_brief(DRAFT, duration_seconds=Fraction(-1)), ValidationFailedError),
    "a billion takes": (replace(DRAFT, takes=10**9), ValidationFailedError),
    "capability": (with_brief(DRAFT, resolution=Resolution.P2160), UnsupportedByModelError),
    "unavailable": (with_brief(DRAFT, model="ray-3.2"), ProviderUnavailableError),
    "price": (replace(MASTER, max_credits=9), PriceChangedError),
    "project": (replace(DRAFT, project_id="prj_1"), ValidationFailedError),
    "asset": (with_brief(DRAFT, keyframes=(Keyframe("ast_1"),)), ValidationFailedError),
    "too small for its format": (replace(DRAFT, sequence=SMALL, deliver_to=DNXHR), ValidationFailedError),
    "handles": (
        replace(DRAFT, sequence=replace(SEQUENCE, handles_frames=60), deliver_to=DNXHR),
        ValidationFailedError,
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_leaves_not_one_row_behind(studio: Studio, name: str) -> None:
    caller = studio.person(credits_granted=15, draft_limit_per_day=2)
    wanted, refusal = REFUSALS[name]
    before = studio.everything()

    with pytest.raises(refusal):
        generations.request(studio.house, caller, [wanted], idempotency=keyed(caller))

    assert studio.everything() == before
    assert studio.overheard.hints == []


@pytest.mark.parametrize("name", REFUSALS)
def test_one_refusal_refuses_the_whole_batch(studio: Studio, name: str) -> None:
    caller = studio.person(credits_granted=15, draft_limit_per_day=2)
    wanted, refusal = REFUSALS[name]
    before = studio.everything()

    with pytest.raises(refusal):
        generations.request(studio.house, caller, [DRAFT, wanted, DRAFT], idempotency=keyed(caller))

    assert studio.everything() == before


def test_the_refusals_say_what_would_help(studio: Studio) -> None:
    caller = studio.person(credits_granted=15, draft_limit_per_day=2)

    with pytest.raises(DraftQuotaExhaustedError) as quota:
        studio.ask(caller, replace(DRAFT, takes=3))
    with pytest.raises(InsufficientCreditsError) as money:
        studio.ask(caller, replace(MASTER, takes=2))

    assert (quota.value.requested, quota.value.remaining, quota.value.limit) == (3, 2, 2)
    assert f"{quota.value.resets_at:%d %H:%M}" == "02 00:00"
    assert (money.value.required, money.value.available) == (20, 15)


def test_a_batch_is_taken_whole(studio: Studio) -> None:
    caller = studio.person(credits_granted=20, draft_limit_per_day=5)

    found = generations.request(studio.house, caller, [DRAFT, MASTER, replace(DRAFT, takes=4), MASTER])

    assert [view.generation.kind for view in found.views] == ["draft", "master", "draft", "master"]
    assert studio.balance(caller) == (0, 20)
    assert studio.drafts_used(caller) == 5


def test_the_quota_is_the_utc_days_and_units_return_to_the_day_they_came_from(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=2)
    studio.clock.turn(timedelta(hours=11, minutes=59, seconds=59))
    yesterday = studio.ask(caller, replace(DRAFT, takes=2))
    with pytest.raises(DraftQuotaExhaustedError):
        studio.ask(caller, DRAFT)

    studio.clock.turn(timedelta(seconds=1))
    studio.ask(caller, DRAFT)
    endings.cancel(studio.house, caller, yesterday.generation.id)

    assert studio.rows("SELECT day::text, used FROM draft_days ORDER BY day") == [
        ("2026-03-01", 0),
        ("2026-03-02", 1),
    ]


def test_a_limit_lowered_below_what_was_used_leaves_nothing_and_takes_nothing(studio: Studio) -> None:
    caller = studio.person(draft_limit_per_day=3)
    studio.ask(caller, replace(DRAFT, takes=3))

    quotas.override(
        studio.house,
        actor=None,
        user_id=caller.user_id,
        limits={"draft_limit_per_day": 1},
        reason="less",
    )

    with pytest.raises(DraftQuotaExhaustedError) as refusal:
        studio.ask(caller, DRAFT)
    assert refusal.value.remaining == 0
    assert studio.drafts_used(caller) == 3


def test_too_many_unfinished_are_refused_until_one_ends(studio: Studio) -> None:
    caller = studio.person()
    with studio.house.begin() as work:
        work.connection.exec_driver_sql("UPDATE plans SET max_unfinished = 2 WHERE id = 'studio'")
    first = studio.ask(caller, DRAFT)
    studio.ask(caller, DRAFT)
    before = studio.everything()

    with pytest.raises(ConcurrencyLimitError):
        studio.ask(caller, DRAFT)
    assert studio.everything() == before

    endings.cancel(studio.house, caller, first.generation.id)
    studio.ask(caller, DRAFT)


def test_a_viewer_may_not_spend(studio: Studio) -> None:
    viewer = studio.person(role=Role.VIEWER)

    with pytest.raises(ForbiddenError):
        studio.ask(viewer, DRAFT)


def test_the_source_of_an_extension_must_be_a_take_of_this_workspace(studio: Studio) -> None:
    caller, stranger = studio.person(), studio.person()
    take_id = studio.ask(stranger, DRAFT).takes[0].id
    wanted = with_brief(DRAFT, source=Source(operation=Operation.EXTEND, take_id=take_id))

    with pytest.raises((ValidationFailedError, UnsupportedByModelError)):
        studio.ask(caller, wanted)


Act = Callable[[Studio, Caller, str], object]
BY_ID: dict[str, Act] = {
    "get": lambda s, c, g: generations.get(s.house, c, g),
    "receipt": lambda s, c, g: s.receipt(c, g),
    "trace": lambda s, c, g: receipts.trace(s.house, c, g),
    "cancel": lambda s, c, g: endings.cancel(s.house, c, g),
    "retry": lambda s, c, g: endings.retry(s.house, c, g),
    "delete": lambda s, c, g: endings.delete(s.house, c, g),
    "cancel as admin": lambda s, c, g: endings.cancel_as_admin(s.house, c, g, reason="r"),
    "fail as admin": lambda s, c, g: endings.fail_as_admin(s.house, c, g, reason="r"),
}


@pytest.mark.parametrize("act", BY_ID)
def test_outside_its_workspace_a_generation_does_not_exist(studio: Studio, act: str) -> None:
    owner, stranger = studio.person(), studio.person(role=Role.OWNER)
    view = studio.ask(owner, DRAFT)
    before = studio.everything()

    with pytest.raises(NotFoundError) as theirs:
        BY_ID[act](studio, stranger, view.generation.id)
    with pytest.raises(NotFoundError) as nobodys:
        BY_ID[act](studio, stranger, "gen_00000000000000000000000000")

    assert str(theirs.value) == str(nobodys.value)
    assert studio.everything() == before
    chosen = GenerationFilter(ids=(view.generation.id,))
    assert generations.find(studio.house, stranger, chosen) == ()
    assert studio.told(stranger) == ()


def test_colleagues_see_each_others_work(studio: Studio) -> None:
    owner = studio.person()
    colleague = studio.person(colleague_of=owner)
    view = studio.ask(owner, DRAFT)

    assert generations.get(studio.house, colleague, view.generation.id).generation == view.generation


def test_the_queue_position_counts_those_of_the_same_kind_before_it(studio: Studio) -> None:
    one, other = studio.person(), studio.person(credits_granted=10)
    first, _, third = studio.ask(one, DRAFT), studio.ask(other, MASTER), studio.ask(other, DRAFT)

    assert generations.get(studio.house, one, first.generation.id).queue_position == 1
    assert generations.get(studio.house, other, third.generation.id).queue_position == 2


@pytest.mark.parametrize(
    ("text", "finds"), [("%", 0), ("_", 0), ("\\", 0), ("' | two", 1), ("MISTY", 2), (" ", 2)]
)
def test_a_search_looks_for_words_and_signs_have_no_meaning_in_it(
    studio: Studio, text: str, finds: int
) -> None:
    caller = studio.person()
    studio.ask(caller, DRAFT)
    studio.ask(caller, with_brief(DRAFT, prompt="one _ misty two"))

    assert len(generations.find(studio.house, caller, GenerationFilter(text=text))) == finds
