"""Weather that stays over one corner for a whole run: hard on it, and cheap, since little else goes on.

Nothing here knows a mutant: the service as it is must come through every storm.
"""

from collections.abc import Mapping
from typing import Final

from tests.simulation.weather import ABROAD, DOUBTFUL_POINTS, LEASE, Act, Forecast

DOUBT: Final = Forecast(
    points=dict.fromkeys(DOUBTFUL_POINTS, 0.4),
    odds={"post-doubtful": 0.5, "arrives-late": 0.8},
    short_from=LEASE / 2,
    briefs=(0, 3, 0, 0, 1),
    delivered=0.0,
)
"""Between an intent and the listing that may not know it yet: everything is slow, nothing dies."""

LEAPS: Final = Forecast(
    points={"take:before-post": 0.2, "take:after-post": 0.2},
    odds={"post-doubtful": 0.5, "arrives-late": 0.8, "clock-jumped": 0.2},
    briefs=(0, 1, 0, 0, 0),
    delivered=0.0,
)
"""The database's clock leaps while POSTs are under way."""

OVERLAP: Final = Forecast(
    points={
        "step:claimed": 0.1,
        "take:before-intent": 0.1,
        "take:before-post": 0.2,
        "take:after-poll": 0.2,
        "take:before-stored": 0.2,
        "chunk:before-made": 0.1,
        "delivery:before-ready": 0.2,
    },
    edges={Act.BREATHE: 0.2, Act.PAUSE: 0.01},
    odds={"hint-doubled": 0.5, "hint-delayed": 0.1},
)
"""Steps outlast their leases, and hints come twice: a row meets its next step before this one has ended."""

INTRUSION: Final = Forecast(
    points={
        "take:after-find": 0.3,
        "take:after-poll": 0.3,
        "take:before-stored": 0.3,
        "chunk:before-made": 0.1,
        "delivery:before-ready": 0.5,
        "generation:before-commit": 0.3,
    },
    edges={Act.BREATHE: 0.1, Act.PAUSE_INSIDE: 0.05},
    odds={"acts-meanwhile": 0.5, "post-doubtful": 0.2},
    briefs=(3, 2, 3, 1, 1),
    delivered=0.8,
)
"""While a step stands still, in a transaction or between two, its customer has second thoughts."""

CROSSING: Final = Forecast(
    points={"delivery:before-ready": 0.8},
    odds={"acts-meanwhile": 0.4},
    briefs=(1, 0, 0, 0, 0),
    delivered=1.0,
    short_from=1.0,
)
"""A delivery is made, and cancelled before that is written."""

SILENCE: Final = Forecast(
    points={"take:after-post": 0.8},
    odds={"acts-meanwhile": 0.9},
    briefs=(0, 0, 0, 1, 0),
    delivered=0.0,
)
"""A provider that lists nothing has said yes, and whoever heard it stands still while everybody goes on."""

SHORTENING: Final = Forecast(
    points={"take:before-post": 0.2, "take:after-post": 0.2, "take:after-poll": 0.2, "watch:before-end": 0.2},
    odds={"acts-meanwhile": 0.5, "upstream-slow": 0.5, "upstream-failed": 0.1},
    briefs=(0, 0, 1, 0, 0),
    delivered=0.0,
)
"""Long takes, cancelled before their first part, within it or between their parts."""

FAILURES: Final = Forecast(
    points={"take:after-post": 0.1, "take:after-poll": 0.1, "watch:before-end": 0.1},
    odds={
        **dict.fromkeys(ABROAD, 0.1),
        **dict.fromkeys(("post-doubtful", "arrives-late", "never-arrives"), 0.3),
        **dict.fromkeys(("listing-raised", "listing-away", "upstream-unknown"), 0.3),
        **dict.fromkeys(("callback-early", "callback-lost", "callback-repeated"), 0.3),
        **dict.fromkeys(("address-expired", "download-broken", "storage-away"), 0.3),
        "stop-unanswered": 0.5,
        "acts-meanwhile": 0.3,
    },
    briefs=(0, 2, 1, 3, 3),
    delivered=0.0,
)
"""Every provider fails in every way it can."""

STORMS: Final[Mapping[str, Forecast]] = {
    "doubt": DOUBT,
    "leaps": LEAPS,
    "overlap": OVERLAP,
    "intrusion": INTRUSION,
    "crossing": CROSSING,
    "silence": SILENCE,
    "shortening": SHORTENING,
    "failures": FAILURES,
}
