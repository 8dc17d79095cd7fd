"""The studio that the tests of the use cases work in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.receivers import Receiver, receiving
from tests.services.posting import allowing
from tests.services.studio import Studio, studio_on


@pytest.fixture
def studio(database: str, tmp_path: Path) -> Iterator[Studio]:
    """A house on this test's database, an upstream that obeys, a clock that stands still."""
    with studio_on(database, tmp_path) as found:
        yield found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def posting(studio: Studio, receiver: Receiver) -> Studio:
    """A studio whose house may send to this test's receiver."""
    return allowing(studio, receiver)
