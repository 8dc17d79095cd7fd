"""Ids sort as they were made, cannot be guessed, and are exactly what the queue lets through."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.ids import Prefix, new_id, new_token, prefix_of
from plugin_backend.queue.job import is_allowed
from plugin_backend.queue.names import JOB

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2900, 1, 1)).map(  # noqa: DTZ001 - made aware here
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(moments, moments)
def test_ids_sort_by_the_millisecond_they_were_made_in(one: datetime, other: datetime) -> None:
    earlier, later = sorted([one, other])
    if later - earlier >= timedelta(milliseconds=2):
        assert new_id(Prefix.GENERATION, at=earlier) < new_id(Prefix.GENERATION, at=later)


@given(st.sampled_from(Prefix), moments)
def test_an_id_is_its_prefix_and_twenty_six_characters_the_queue_lets_through(
    prefix: Prefix, at: datetime
) -> None:
    made = new_id(prefix, at=at)

    assert prefix_of(made) is prefix
    assert len(made) == len(prefix) + 1 + 26
    assert is_allowed(JOB, [made], {})


def test_ids_of_one_moment_share_only_its_time() -> None:
    made = [new_id(Prefix.TAKE, at=NOON) for _ in range(5_000)]
    chance = [identifier[-16:] for identifier in made]

    assert len({identifier[:-16] for identifier in made}) == 1
    assert len(set(chance)) == len(made)
    # 80 bits of chance: every place takes every one of the 32 characters.
    assert all(len({text[place] for text in chance}) == 32 for place in range(16))


def test_tokens_carry_256_bits_and_fit_in_a_url() -> None:
    tokens = {new_token() for _ in range(1_000)}

    assert len(tokens) == 1_000
    assert all(len(token) == 43 and token.replace("-", "a").replace("_", "a").isalnum() for token in tokens)


@pytest.mark.parametrize("stranger", ["", "gen", "xyz_1", "GEN_1", "gen-1"])
def test_a_prefix_that_is_none_of_ours_is_refused(stranger: str) -> None:
    if stranger == "gen":
        assert prefix_of(stranger) is Prefix.GENERATION
    else:
        with pytest.raises(ValueError, match="not a valid Prefix"):
            prefix_of(stranger)


@pytest.mark.parametrize(
    ("name", "args", "kwargs"),
    [
        ("os.system", ["gen_1"], {}),
        (None, ["gen_1"], {}),
        (JOB, [], {}),
        (JOB, ["gen_1", "gen_2"], {}),
        (JOB, ["gen_1"], {"subject_id": "gen_1"}),
        (JOB, [["gen_1"]], {}),
        (JOB, [1], {}),
        (JOB, ["gen_1\n"], {}),
        (JOB, ["gen_1; touch x"], {}),
        (JOB, ["../gen_1"], {}),
        (JOB, ["gen_" + "1" * 41], {}),
        (JOB, ["GEN_1"], {}),
    ],
)
def test_the_queue_lets_nothing_else_through(name: str | None, args: list[object], kwargs: object) -> None:
    assert not is_allowed(name, args, kwargs)
