"""A take's seed is the number its model is sent: shown as it is, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.catalogue import Catalogue, Model
from plugin_backend.domain.making.seeds import LARGEST_SENT, seed_of_take
from plugin_backend.domain.validation import MAX_SEED

MODELS = tuple(model for model in Catalogue.load().models if model.retired is None)
ANIMATIC, RAY_32, VEO = (Catalogue.load().model(name) for name in ("animatic", "ray-3.2", "veo-3.1"))


@given(
    models=st.lists(st.sampled_from(MODELS), min_size=1, max_size=6),
    asked=st.none() | st.integers(0, MAX_SEED),
    number=st.integers(1, 50),
)
def test_a_seed_is_short_enough_for_every_provider_that_takes_one(
    models: list[Model], asked: int | None, number: int
) -> None:
    seed = seed_of_take(models, asked, generation_id="gen_1", number=number)

    if not any(model.seed for model in models):
        assert seed is None
    elif any(model.seed and model is not ANIMATIC for model in models):
        assert seed is not None
        assert 0 <= seed <= LARGEST_SENT


@pytest.mark.parametrize("model", [ANIMATIC, VEO])
def test_takes_that_were_given_no_seed_have_one_each_and_always_the_same(model: Model) -> None:
    found, again = (
        [seed_of_take([model], None, generation_id="gen_1", number=number) for number in range(1, 5)]
        for _ in range(2)
    )

    assert found == again
    assert len(set(found)) == 4


def test_a_seed_that_is_asked_for_counts_on_and_only_the_built_in_engine_takes_a_longer_one() -> None:
    long = LARGEST_SENT + 8

    def seed(model: Model, asked: int) -> int | None:
        return seed_of_take([model], asked, generation_id="gen_1", number=2)

    assert (seed(ANIMATIC, 7), seed(VEO, 7)) == (8, 8)
    assert (seed(ANIMATIC, long), seed(VEO, long)) == (long + 1, 8)


def test_a_seed_is_kept_for_a_model_that_may_only_follow() -> None:
    assert seed_of_take([RAY_32], None, generation_id="gen_1", number=1) is None
    assert seed_of_take([RAY_32, VEO], None, generation_id="gen_1", number=1) is not None
