"""The events that endpoints may ask for are those that happen, and the page lists them."""

import re

from plugin_backend.domain.lifecycle import DeliveryState, GenerationState
from plugin_backend.domain.webhooks.webhooks import EVENT_TYPES, FAMILIES
from tests.house.repository import ROOT, modules

PAGE = (ROOT / "docs" / "webhooks.md").read_text()


def test_every_event_of_these_families_that_the_code_records_can_be_asked_for() -> None:
    """Add a new one to `domain/webhooks/webhooks.py`, and to the table of docs/webhooks.md."""
    told = re.compile(rf"\"((?:{'|'.join(FAMILIES)})\.[a-z_-]+)\"")
    recorded = re.compile(r"record_event\(\s*work,\s*\"([a-z]+\.[a-z_-]+)\"")
    found = {
        kind
        for _, text in modules("plugin_backend")
        for kind in recorded.findall(text)
        if told.fullmatch(f'"{kind}"')
    }

    assert found
    assert found - EVENT_TYPES == set()


def test_the_page_lists_every_event() -> None:
    words = {
        f"{family}.{word}"
        for family, listed in re.findall(r"^\| `([a-z]+)\.\*` \| (.+?) \|", PAGE, flags=re.MULTILINE)
        for word in re.findall(r"`([a-z]+)`", listed)
    }

    assert words == EVENT_TYPES
    assert {f"generation.{state}" for state in GenerationState} <= words
    assert {f"delivery.{state}" for state in DeliveryState} <= words
