"""What nobody has published a price for is sold at the operator's."""

from dataclasses import replace
from fractions import Fraction

import pytest

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.domain.errors import UnsupportedByModelError, ValidationFailedError
from plugin_backend.domain.money.price_list import parse_price_list
from plugin_backend.domain.money.pricing import price, prices_of_parts
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


def test_what_is_added_to_a_film_has_a_price_of_its_own() -> None:
    silent = asked(kind=Kind.MASTER, model="ray-2", resolution=Resolution.P720)
    sounding = replace(silent, brief=replace(silent.brief, audio=True))
    own = CATALOGUE.priced(parse_price_list("ray-2:audio=2.5/s, ray-flash-2:audio=20"))

    assert [price(each, own.model("ray-2")).credits_total for each in (silent, sounding)] == [71, 84]
    assert prices_of_parts(sounding, own.model("ray-2")) == (71, 13)
    assert prices_of_parts(sounding, CATALOGUE.model("ray-2")) is None


@pytest.mark.parametrize("text", ["kling-3.0:audio=5", "ray-2:smell=5"])
def test_a_price_for_what_a_model_does_not_add_is_named(text: str) -> None:
    with pytest.raises(ValidationFailedError, match="to be added"):
        CATALOGUE.priced(parse_price_list(text))


@pytest.mark.parametrize("text", ["firefly-video", "firefly-video=free", "=5", "firefly-video=5/min", "a=-1"])
def test_a_wrong_entry_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="write model=credits"):
        parse_price_list(text)


def test_an_empty_list_changes_nothing() -> None:
    assert CATALOGUE.priced(parse_price_list(" , ")) is CATALOGUE


def test_a_price_for_no_model_is_named() -> None:
    with pytest.raises(ValidationFailedError, match="no such model"):
        CATALOGUE.priced(parse_price_list("ray-99=5"))
