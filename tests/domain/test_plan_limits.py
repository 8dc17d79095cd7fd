"""The plans that ship, and what a newer version may change in them."""

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.money.plan_limits import Plan, shipped_changes, shipped_plans, suggested_credits

FIGURES = ("drafts_per_day", "max_concurrent", "credits_per_month")
figures = st.fixed_dictionaries({name: st.integers(0, 3) for name in FIGURES})


def test_three_plans_ship_and_none_gives_credits_away_by_itself() -> None:
    assert [plan.id for plan in shipped_plans()] == ["free", "pro", "studio"]
    assert {plan.credits_per_month for plan in shipped_plans()} == {0}
    assert suggested_credits().keys() == {"pro", "studio"}


def test_the_free_plan_is_the_one_with_limits() -> None:
    free, pro, studio = shipped_plans()

    assert (free.max_resolution, free.hdr, free.exr) == (Resolution.P1080, False, False)
    assert free.drafts_per_day < pro.drafts_per_day < studio.drafts_per_day
    assert free.sign_up_credits > 0


def test_a_plan_survives_being_written_down() -> None:
    for plan in shipped_plans():
        assert Plan.of({"id": plan.id, **plan.terms()}) == plan


@given(current=figures, before=figures, now=figures)
def test_a_newer_version_changes_what_nobody_touched_and_nothing_else(
    current: dict[str, int], before: dict[str, int], now: dict[str, int]
) -> None:
    after = {**current, **shipped_changes(current, before=before, now=now)}

    for name in FIGURES:
        assert after[name] == (now[name] if current[name] == before[name] else current[name])
