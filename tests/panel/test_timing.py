"""Time and digests as the panel reckons them, against the service's own reckoning."""

import hashlib
from fractions import Fraction

import pytest
from playwright.sync_api import Page

from plugin_backend.domain.sequence import FrameRate, Timecode
from tests.panel.adapters import Adapter, open_adapter
from tests.panel.storage import Storage

RATES = ["24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"]
TICKS = 254_016_000_000
FRAMES = [0, 1, 23, 29, 30, 59, 60, 1799, 1800, 1801, 3599, 3600, 17981, 17982, 17983, 107_892, 2_589_407]


@pytest.fixture
def timing(page: Page, storage: Storage) -> Adapter:
    return open_adapter(page, storage, "browser")


@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize("rate", RATES)
def test_a_timecode_is_the_service_s(timing: Adapter, rate: str, drops: bool) -> None:  # noqa: FBT001 - a parameter
    frame_rate = FrameRate.parse(rate)
    dropping = drops and frame_rate.can_drop
    zero = Timecode.parse("00:00:00;00" if dropping else "00:00:00:00", rate=frame_rate)
    day = 24 * 3600 * frame_rate.nominal
    frames = [each for each in FRAMES if each < day - 1000 * frame_rate.nominal]

    spelt = timing.page.evaluate(
        "([frames, rate, drops]) => frames.map((each) => PB.timing.timecode(each, rate, drops))",
        [frames, rate, drops],
    )

    assert spelt == [str(zero + each) for each in frames]
    read = timing.page.evaluate(
        "([texts, rate]) => texts.map((each) => PB.timing.frameOf(each, rate))", [spelt, rate]
    )
    assert read == frames


@pytest.mark.parametrize("rate", RATES)
def test_ticks_are_exact_for_a_day(timing: Adapter, rate: str) -> None:
    per = TICKS / Fraction(rate)
    frames = [0, 1, 1000, int(Fraction(rate) * 86_400)]

    assert per.denominator == 1
    answers = timing.page.evaluate(
        """([frames, per]) => frames.map((each) => {
            const ticks = PB.timing.ticksAt(each, per);
            return [ticks, PB.timing.frameAt(ticks, per), PB.timing.frameAt(String(BigInt(ticks) + 1n), per)];
        })""",
        [frames, str(per)],
    )
    assert answers == [[str(frame * per), frame, frame] for frame in frames]
    assert timing.page.evaluate("(per) => PB.timing.fromTicksPerFrame(per)", str(per)) == rate


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (23.976, "24000/1001"),
        (23.98, "24000/1001"),
        (23.976024627685547, "24000/1001"),
        (29.97, "30000/1001"),
        (59.94, "60000/1001"),
        (47.952, "48000/1001"),
        (24, "24"),
        (25.000001, "25"),
        (12.5, "25/2"),
    ],
)
def test_a_rate_that_a_host_rounded_is_made_exact(timing: Adapter, told: float, exact: str) -> None:
    assert timing.page.evaluate("(told) => PB.timing.fromNumber(told)", told) == exact


def test_a_digest_is_the_same_however_it_comes(timing: Adapter) -> None:
    body = bytes(value % 251 for value in range(10_000))
    whole = hashlib.sha256(body).hexdigest()

    found = timing.page.evaluate(
        """async (list) => {
            const bytes = Uint8Array.from(list);
            const found = new Set([await PB.sha256(bytes.buffer)]);
            for (const step of [1, 3, 55, 56, 63, 64, 65, 1000, 9999]) {
                const digest = PB.sha256.start();
                for (let at = 0; at < bytes.length; at += step) digest.update(bytes.subarray(at, at + step));
                found.add(digest.hex());
            }
            return [...found];
        }""",
        list(body),
    )

    assert found == [whole]
    texts = ["", "abc", "é😀\u2028"]
    assert timing.page.evaluate("(texts) => texts.map(PB.sha256.ofText)", texts) == [
        hashlib.sha256(text.encode()).hexdigest() for text in texts
    ]
