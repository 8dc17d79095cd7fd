"""An operator's own prices, where nobody has published one: `firefly-video=50, ray-2:audio=4/s`."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from plugin_backend.domain.making.conditions import Condition, Rate

_ENTRY: Final = re.compile(
    r"(?P<model>[a-z0-9.-]+(:[a-z]+)?)\s*=\s*(?P<credits>\d{1,6}(\.\d{1,3})?)(?P<each>/s)?"
)


def parse_price_list(text: str) -> Mapping[str, Rate]:
    """Credits by model id (`model:audio` for an addition), a take or (with `/s`) a second.

    ValueError says what is wrong with an entry.
    """
    prices: dict[str, Rate] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        found = _ENTRY.fullmatch(entry)
        if found is None:
            raise ValueError(f"has {entry!r}; write model=credits a take, or model=credits/s")
        credits, always = Fraction(found["credits"]), Condition(())
        rate = Rate(when=always, per_second=credits) if found["each"] else Rate(when=always, flat=credits)
        prices[found["model"]] = rate
    return prices
