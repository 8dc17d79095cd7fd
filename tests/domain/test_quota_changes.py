"""What a change of limits would do, whatever was used and runs."""

from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.money.quota_changes import Limits, Use, effect

few = st.integers(0, 20)


@given(
    st.builds(Limits, drafts_per_day=few, concurrent=few),
    st.builds(Limits, drafts_per_day=few, concurrent=few),
    st.builds(Use, drafts=few, running=few, waiting=few),
)
def test_nothing_is_taken_back_and_no_more_starts_than_fits(before: Limits, after: Limits, use: Use) -> None:
    found = effect(use, before=before, after=after)

    assert found.remaining_after == max(0, after.drafts_per_day - use.drafts) >= 0
    assert found.above == max(0, use.running - after.concurrent)
    assert 0 <= found.starts <= use.waiting
    assert not (found.above and found.starts)
    if found.starts:
        assert use.running + found.starts <= after.concurrent
    if before == after:
        assert found.sentences == ("Nothing changes today.",) or found.above


def test_a_change_is_told_in_sentences() -> None:
    use = Use(drafts=40, running=3, waiting=5)
    lower = effect(
        use, before=Limits(drafts_per_day=100, concurrent=4), after=Limits(drafts_per_day=30, concurrent=1)
    )
    higher = effect(
        use, before=Limits(drafts_per_day=100, concurrent=3), after=Limits(drafts_per_day=100, concurrent=6)
    )

    assert lower.sentences == (
        "0 draft units are left today, not 60.",
        "2 more than the limit are running; they finish, nothing starts before.",
    )
    assert higher.sentences == ("3 that are waiting start at once.",)
