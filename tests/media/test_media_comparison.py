"""How alike two proxies are: 1 for the same, little for strangers, and the published figures in between."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plugin_backend.files.storage import open_storage
from tests.ingest.filming import film, film_numbers, numbered
from worker.media.comparison import compare_takes, hellinger_distance, structural_similarity
from worker.media.kernels import Rgb8
from worker.media.operations import OperationContext

pytestmark = pytest.mark.slow

histograms = arrays(np.float64, 16, elements=st.floats(0, 1)).filter(lambda a: a.sum() > 0.1)


def compared(
    folder: Path, one: Path, other: Path, *, rates: tuple[str, str] = ("24", "24")
) -> dict[str, Any]:
    storage = open_storage((folder / "store").as_uri())
    told = {}
    for role, path, rate in zip(("one", "other"), (one, other), rates, strict=True):
        storage.put_file(f"takes/{role}/proxy.mp4", path)
        count = round(2 * Fraction(rate))
        told[role] = {"key": f"takes/{role}/proxy.mp4", "frame_rate": rate, "frame_count": count}
    steps: list[int] = []
    context = OperationContext(
        scratch=folder, progress=lambda done, _total: steps.append(done), lent_storage=storage
    )
    found = compare_takes(told, context)
    assert steps == list(range(1, 25))
    assert all(0 <= value <= 1 for value in found.values())
    return found


def shot(path: Path, pictures: Iterable[Rgb8], **how: Any) -> Path:
    return film(path, pictures, options={"crf": "14"}, **how)


def test_the_same_shot_is_1_and_a_finer_or_slower_copy_nearly(tmp_path: Path) -> None:
    draft = film_numbers(tmp_path / "a.mp4", range(48), options={"crf": "14"})
    assert compared(tmp_path, draft, draft)["similarity"] > 0.999
    pictures = (cv2.resize(numbered(n), (960, 540), interpolation=cv2.INTER_CUBIC) for n in range(48))
    fine = film(tmp_path / "b.mp4", (np.asarray(picture, dtype=np.uint8) for picture in pictures))
    assert compared(tmp_path, draft, fine)["similarity"] > 0.85
    numbers = [number * 2 // 5 for number in range(120)]  # the same moments at 60 frames a second
    fast = film_numbers(tmp_path / "c.mp4", numbers, rate=Fraction(60), options={"crf": "14"})
    assert compared(tmp_path, draft, fast, rates=("24", "60"))["similarity"] > 0.9


def test_another_order_another_colour_and_another_picture_count_for_less_and_less(tmp_path: Path) -> None:
    pictures = [numbered(number)[30:] for number in range(48)]
    draft = shot(tmp_path / "a.mp4", pictures)
    shifted = shot(tmp_path / "b.mp4", [np.roll(picture, 60, axis=1) for picture in pictures])
    toned = shot(tmp_path / "c.mp4", [picture[..., [2, 0, 1]] for picture in pictures])
    noise = np.random.default_rng(0).integers(0, 255, (48, 150, 320, 3)).astype(np.uint8)
    other = shot(tmp_path / "d.mp4", noise)
    found = {
        name: compared(tmp_path, draft, path)
        for name, path in (("shifted", shifted), ("toned", toned), ("other", other))
    }
    assert found["shifted"]["colour"] > 0.9
    assert found["shifted"]["structure"] < 0.8
    assert found["toned"]["colour"] < 0.75
    assert found["other"]["similarity"] < 0.1


@given(st.integers(0, 255), st.integers(0, 255))
def test_two_flat_greys_are_as_similar_as_the_formula_says(one: int, other: int) -> None:
    pictures = [np.full((72, 128), value, dtype=np.float32) for value in (one, other)]
    c1 = (0.01 * 255) ** 2
    wanted = (2 * one * other + c1) / (one**2 + other**2 + c1)
    assert structural_similarity(*pictures) == pytest.approx(wanted, abs=1e-3)


def test_turning_a_picture_inside_out_is_unlike_it() -> None:
    picture = np.random.default_rng(2).uniform(0, 255, (72, 128)).astype(np.float32)
    assert structural_similarity(picture, picture) == pytest.approx(1, abs=1e-5)
    assert structural_similarity(picture, 255 - picture) < -0.5


@given(histograms, histograms)
def test_the_distance_of_histograms_is_one(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> None:
    one, other = one / one.sum(), other / other.sum()
    apart = hellinger_distance(one, other)
    assert 0 <= apart <= 1
    assert apart == pytest.approx(hellinger_distance(other, one))
    assert hellinger_distance(one, one) == pytest.approx(0, abs=1e-6)
    exact = np.sqrt(0.5 * ((np.sqrt(one) - np.sqrt(other)) ** 2).sum())
    assert apart == pytest.approx(exact, abs=1e-6)
