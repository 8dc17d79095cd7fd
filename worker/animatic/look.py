"""The light of an hour: sky, sun, air and shadow as scene-linear colours."""

from dataclasses import dataclass, replace
from typing import Final

from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.direction.terms import TimeOfDay, Weather
from worker.animatic.ink import Colour, ink, lit, mix


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of the air. `sun` is the colour and strength of the disc, 1.0 being diffuse white."""

    zenith: Colour
    sky: Colour
    horizon: Colour
    sun: Colour
    sun_at: tuple[float, float]  # share of the half width, units from the middle
    sun_size: float
    key: Colour  # what the light does to a surface facing it
    ambient: Colour
    fog: Colour
    haze: float  # how much of the distance dissolves
    stars: float = 0.0
    dark: bool = False  # lamps are lit

    def air(self, colour: Colour, distance: float) -> Colour:
        """A colour seen through so much air (0 near, 1 far)."""
        return mix(colour, self.fog, min(1.0, distance * self.haze))

    def surface(self, code: str, *, facing: float = 0.5) -> Colour:
        """A painted surface under this light."""
        base = ink(code)
        light = tuple(a + k * facing for a, k in zip(self.ambient, self.key, strict=True))
        return base[0] * light[0], base[1] * light[1], base[2] * light[2]


def _look(
    sky: tuple[str, str, str],
    sun: tuple[str, float],
    at: tuple[float, float],
    light: tuple[str, float, str, float],
    air: tuple[str, float, float],
    *,
    size: float = 0.035,
    exposure: float = 1.0,
    stars: float = 0.0,
) -> Look:
    key, key_gain, ambient, ambient_gain = light
    return Look(
        zenith=ink(sky[0], exposure),
        sky=ink(sky[1], exposure),
        horizon=ink(sky[2], exposure),
        sun=ink(*sun),
        sun_at=at,
        sun_size=size,
        key=ink(key, key_gain),
        ambient=ink(ambient, ambient_gain),
        fog=ink(air[0], air[1]),
        haze=air[2],
        stars=stars,
        dark=stars > 0,
    )


_LOOKS: Final = {
    TimeOfDay.DAWN: _look(
        ("#5f86c4", "#efb3a6", "#ffbe85"),
        ("#ffcf98", 34.0),
        (0.36, -0.03),
        ("#ffc79a", 0.9, "#9fb2d6", 0.55),
        ("#f8c7ae", 1.1, 0.85),
        size=0.026,
        exposure=1.5,
    ),
    TimeOfDay.MORNING: _look(
        ("#3f78c8", "#86b4e6", "#dcebf5"),
        ("#fff3dc", 60.0),
        (0.55, -0.33),
        ("#fff0d8", 1.0, "#9dbbe6", 0.45),
        ("#cfe0ee", 0.8, 0.7),
        exposure=0.9,
    ),
    TimeOfDay.NOON: _look(
        ("#2f6fce", "#6da6e8", "#d7e8f4"),
        ("#fff8ea", 90.0),
        (-0.3, -0.42),
        ("#fff6e6", 1.25, "#a9c4ea", 0.45),
        ("#d9e6ef", 0.9, 0.6),
    ),
    TimeOfDay.AFTERNOON: _look(
        ("#4a7fc0", "#b9c6cf", "#ffdca6"),
        ("#ffe2b0", 50.0),
        (-0.62, -0.12),
        ("#ffd39a", 1.2, "#8fa5c8", 0.4),
        ("#f3d3a4", 0.8, 0.75),
    ),
    TimeOfDay.GOLDEN: _look(
        ("#4b6fa3", "#e0a56e", "#ffb347"),
        ("#ffc069", 40.0),
        (0.18, 0.0),
        ("#ffb45e", 1.1, "#75809c", 0.35),
        ("#ffb765", 0.7, 0.85),
    ),
    TimeOfDay.DUSK: _look(
        ("#18244f", "#59538c", "#e58a6a"),
        ("#ff9a6a", 12.0),
        (-0.3, 0.035),
        ("#c98a90", 0.4, "#4a5c94", 0.4),
        ("#8a6f8e", 0.35, 0.8),
        exposure=0.55,
        stars=0.35,
    ),
    TimeOfDay.NIGHT: _look(
        ("#060a17", "#101d3d", "#2a4270"),
        ("#dfe8ff", 4.0),
        (0.45, -0.3),
        ("#9db4e6", 0.12, "#31456f", 0.1),
        ("#1c2a48", 0.25, 0.7),
        exposure=0.6,
        stars=1.0,
    ),
    TimeOfDay.INDOORS: _look(
        ("#3a3d44", "#565a63", "#7a7f88"),
        ("#fff2e0", 20.0),
        (-0.8, -0.4),
        ("#fff1dc", 0.9, "#8b93a6", 0.3),
        ("#9aa0ab", 0.4, 0.4),
    ),
}


def look_of(plan: ShotPlan) -> Look:
    """The hour's look under the planned weather."""
    look = _LOOKS[plan.concept.time_of_day]
    weather = plan.concept.weather
    if weather in {Weather.CLOUDS, Weather.RAIN, Weather.STORM, Weather.SNOW} and not look.stars:
        grey = lit(ink("#9aa5b1"), 0.45 if weather is Weather.STORM else 0.75)
        return replace(
            look,
            zenith=mix(look.zenith, grey, 0.75),
            sky=mix(look.sky, grey, 0.7),
            horizon=mix(look.horizon, lit(grey, 1.2), 0.6),
            sun=lit(look.sun, 0.02),
            key=lit(look.key, 0.35),
            fog=mix(look.fog, grey, 0.6),
            haze=min(1.0, look.haze + 0.15),
        )
    if weather in {Weather.FOG, Weather.HAZE}:
        return replace(look, haze=min(1.0, look.haze + 0.15))
    return replace(look, stars=0.0) if weather in {Weather.RAIN, Weather.STORM, Weather.SNOW} else look
