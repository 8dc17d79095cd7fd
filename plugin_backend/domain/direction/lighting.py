"""What lights the scene, as the brief says it, or as it goes with the hour and the place."""

from typing import Final

from plugin_backend.domain.direction import light_vocabulary as light
from plugin_backend.domain.direction.framing import SidedLight
from plugin_backend.domain.direction.lexicon import Found
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import Asked, Concept, Lighting
from plugin_backend.domain.direction.terms import Contrast, Environment, LightSource, Palette, TimeOfDay

_PALETTES: Final = {
    Environment.STREET: Palette.NEON,
    Environment.WALL: Palette.BRICK,
    Environment.GALLERY: Palette.WHITE,
    Environment.COUNTER: Palette.COFFEE,
    Environment.DESERT: Palette.SAND,
    Environment.WORKSHOP: Palette.STEEL,
    Environment.TABLETOP: Palette.BLACK,
    Environment.PLATFORM: Palette.AMBER,
}
_HOURS: Final = {
    TimeOfDay.DAWN: (Palette.PASTEL, LightSource.SKY),
    TimeOfDay.MORNING: (Palette.GREEN, LightSource.SUN),
    TimeOfDay.NOON: (Palette.BLUE, LightSource.SUN),
    TimeOfDay.AFTERNOON: (Palette.AMBER, LightSource.SUN),
    TimeOfDay.GOLDEN: (Palette.GOLDEN, LightSource.SUN),
    TimeOfDay.DUSK: (Palette.BLUE, LightSource.SKY),
    TimeOfDay.NIGHT: (Palette.NIGHT, LightSource.MOON),
    TimeOfDay.INDOORS: (Palette.GREY, LightSource.SOFTBOX),
}
_MOST_ACCENTS: Final = 4
_WITHIN: Final = 4  # words between a colour and the light it paints


def lighting_of(said: Said, concept: Concept, sides: tuple[SidedLight, ...]) -> Lighting:
    """Sources, contrast and colours."""
    palette, source = _HOURS[concept.time_of_day]
    sources = dict.fromkeys(hit.term for hit in said.found("light"))
    accents = dict.fromkeys(hit.term for hit in said.found("colour"))
    dark = concept.time_of_day is TimeOfDay.NIGHT
    contrasts = said.found("asked_contrast") or said.found("contrast")
    return Lighting(
        sources=tuple(sources) or (source,),
        contrast=strongest(contrasts, Contrast.HIGH if dark else Contrast.MEDIUM),
        palette=_PALETTES.get(concept.environment, palette),
        accents=tuple(accents)[:_MOST_ACCENTS],
        sides=sides,
        tones=tuple(dict.fromkeys(hit.term for hit in said.found("tone"))),
        colours=tuple(dict.fromkeys(hit.term for hit in said.found("colour") if _paints(said, hit)))[
            :_MOST_ACCENTS
        ],
    )


def asked_light(said: Said) -> tuple[Asked, ...]:
    """Which of it the brief itself says."""
    found = {Asked.SOURCES: "lit", Asked.CONTRAST: "asked_contrast"}
    return tuple(which for which, name in found.items() if said.found(name))


def _paints(said: Said, hit: Found[str]) -> bool:
    """Whether a colour is the picture's own: `teal and orange grade`, `a palette of brown and blue`."""
    clause = said.clauses[said.clause_of(hit.at)]
    after = said.words[hit.end : min(clause.end, hit.end + _WITHIN)]
    before = said.words[max(clause.at, hit.at - _WITHIN) : hit.at]
    for index, word in enumerate(after):
        if word in light.PAINTED:
            return True
        if word != "and" and (word,) not in light.COLOURS and (after[:index] or (word,) not in light.COLOURS):
            break
    return bool({"palette", "tones", "grade", "scheme"}.intersection(before)) and "of" in before


def strongest(found: tuple[Found[Contrast], ...], fallback: Contrast) -> Contrast:
    """What the longest phrase chose; the earliest among equals."""
    return max(found, key=lambda hit: (hit.length, -hit.at)).term if found else fallback
