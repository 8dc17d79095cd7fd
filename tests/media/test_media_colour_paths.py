"""Every colour path beside OpenColorIO's exact one: `python -m bench.accuracy` prints the figures."""

import pytest

from plugin_backend.domain.delivering.delivery_formats import SCENE_SPACES
from plugin_backend.domain.sequence import ColourSpace
from tests.media.colour_paths import PATHS, Error, Path, coded_error, errors

# Over ordinary pictures, by what the take is and whether light or a display's picture is made of it.
SHOWN = {
    ColourSpace.ACESCG: Error(0.4, 2.0, 12),
    ColourSpace.ACES2065_1: Error(0.4, 3.0, 80),
    ColourSpace.REC709: Error(0.35, 6.5, 34),  # its darkest codes
    ColourSpace.P3_D65: Error(0.35, 5.0, 38),
    ColourSpace.REC2100_PQ: Error(0.35, 4.0, 15),
    ColourSpace.REC2100_HLG: Error(0.25, 4.0, 12),
}
LIGHT = {
    ColourSpace.REC709: Error(1.5, 65, 210),
    ColourSpace.P3_D65: Error(1.5, 65, 210),
    ColourSpace.REC2100_PQ: Error(2, 55, 200),
    ColourSpace.REC2100_HLG: Error(1.6, 95, 330),
}
WHOLE_CUBE_MEAN = 1.5
BEYOND_THE_DISPLAY = 10.0
"""PQ codes far over 1,000 cd/m2, which the view never shows: there is nothing to agree about."""


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS, ids=str)
def test_a_path_is_as_near_to_the_exact_one_as_was_measured(path: Path) -> None:
    found = errors(path)
    if path.found is path.wanted:
        assert set(found.values()) == {Error(0, 0, 0)}
        return
    if path.found in SCENE_SPACES and path.wanted in SCENE_SPACES:
        assert max(each.worst for each in found.values()) < 0.51  # rounded once
        return
    limit = (LIGHT if path.wanted in SCENE_SPACES else SHOWN)[path.found]
    assert found["pictures"].mean < limit.mean
    assert found["pictures"].most < limit.most
    assert found["pictures"].worst < limit.worst
    is_beyond = path.found is ColourSpace.REC2100_PQ
    assert found["cube"].mean < (BEYOND_THE_DISPLAY if is_beyond else WHOLE_CUBE_MEAN)


@pytest.mark.slow
@pytest.mark.parametrize("depth", [8, 10, 12])
def test_colours_survive_being_coded_to_within_a_code_and_a_half(depth: int) -> None:
    found = coded_error(depth)
    assert found.mean < 0.5
    assert found.worst < 1.6
