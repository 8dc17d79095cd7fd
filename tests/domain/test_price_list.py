"""What nobody has published a price for is sold at the operator's."""

from fractions import Fraction

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.errors import UnsupportedByModelError, ValidationFailedError
from plugin_backend.domain.price_list import parse_price_list
from plugin_backend.domain.pricing import price
from tests.domain.requests import asked

CATALOGUE = Catalogue.load()
OWN = CATALOGUE.priced(parse_price_list("firefly-video=50, vidu-q3 = 12.5/s, kling-3.0=1"))


def test_a_model_without_a_price_is_not_sold_until_an_operator_sets_one() -> None:
    request = asked(kind=Kind.MASTER, resolution=Resolution.P1080)

    with pytest.raises(UnsupportedByModelError, match="No list price"):
        price(request, CATALOGUE.model("firefly-video"))

    assert price(request, OWN.model("firefly-video")).credits_total == 50
    assert price(request, OWN.model("vidu-q3")).credits_total == 63  # 62.5, rounded up


def test_a_published_price_stands() -> None:
    request = asked(kind=Kind.MASTER, resolution=Resolution.P1080, duration_seconds=Fraction(5))

    assert price(request, OWN.model("kling-3.0")).credits_total == 56


@pytest.mark.parametrize("text", ["firefly-video", "firefly-video=free", "=5", "firefly-video=5/min", "a=-1"])
def test_a_wrong_entry_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="write model=credits"):
        parse_price_list(text)


def test_an_empty_list_changes_nothing() -> None:
    assert CATALOGUE.priced(parse_price_list(" , ")) is CATALOGUE


def test_a_price_for_no_model_is_named() -> None:
    with pytest.raises(ValidationFailedError, match="no such model"):
        CATALOGUE.priced(parse_price_list("ray-99=5"))
