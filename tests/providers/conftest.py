"""One upstream at a time, played; a test that takes `rig` runs for every one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.contract import SUBJECTS, Rig, Subject, playing


@pytest.fixture(params=SUBJECTS, ids=lambda subject: subject.name)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    subject: Subject = request.param
    with playing(subject, tmp_path) as opened:
        yield opened
