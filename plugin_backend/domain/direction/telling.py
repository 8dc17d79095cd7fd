"""What is told of a take, as sentences with codes: made from these, and read back from what is stored.

Evaluations keep the sentence alone. Its code and values are for saying it in another language.
"""

import re
from functools import cache
from typing import Final

SENTENCES: Final = {
    "camera.lost": "There is too little structure in the picture to follow the camera by.",
    "camera.no-way": "The directive names no way for the camera to go.",
    "camera.no-orbit": "The picture moves, but whether the camera goes around something cannot be told "
    "from it.",
    "camera.orbits": "The camera orbits to the {side}.",
    "camera.unmoved": "The camera does not move.",
    "camera.still": "The camera stands still.",
    "camera.moving": "The camera moves at {speed} widths a second.",
    "camera.unsteady": "The camera is unsteady by {shake} thousandths of the width.",
    "camera.sways": "The camera sways by {shake} thousandths of the width.",
    "camera.otherwise": "The camera moves {way} at {speed} widths a second, not as asked.",
    "camera.moves": "The camera moves {way} at {speed} widths a second.",
    "avoided.not-looked-for": "Whether the picture shows this ({what}) is not measured.",
    "avoided.lost": "The camera could not be followed.",
    "avoided.done": "The camera's move is {move}: it does what it must not.",
    "avoided.not-done": "The camera's move is {move}: it does not do that.",
    "order.not-seen": "When each of these happens is not measured.",
    "shot.not-looked-at": "Size, angle and lens of a shot are not measured.",
    "kept.no-outline": "Which part of the picture is to stay was not outlined.",
    "kept.not-seen": "The region was not in the frame long enough to be compared.",
    "kept.stays": "The region stays as it is: {likeness} % alike, {off} codes apart at its worst.",
    "kept.changes": "The region changes: {likeness} % alike, {off} codes apart at its worst.",
    "light.not-measured": "Whether the light is as asked ({terms}) is not measured.",
    "light.partly": "Mean brightness {brightness} of 255, contrast {contrast}, {hue}. Not measured: {terms}.",
    "light.measured": "Mean brightness {brightness} of 255, contrast {contrast}, {hue}.",
    "marked.lost": "What was marked could not be found again in the take.",
    "marked.goes": "It goes {share} % of the path, {off} % of the width beside it{incidents}.",
    "marked.followed": "It was followed{incidents}; what it does is not measured.",
    "marked.heads": "It heads {way}{incidents}.",
    "marked.stands": "What was marked stands at {across} % across and {down} % down on average.",
    "marked.never-hidden": "What was marked is never hidden: whether it is behind something is not measured.",
    "marked.comes-back": "What was marked is hidden for {seconds} s and comes back.",
    "marked.hidden": "What was marked is hidden for {seconds} s.",
    "place.which": "Where it stands is not measured: nothing says which thing it is.",
    "subject.travelling": "The camera travels: what is near and what moves cannot be told apart.",
    "subject.whose": "Something moves by itself; whether it is what was asked for is not measured.",
    "subject.heads": "What moves by itself heads {way}.",
    "subject.nothing": "Nothing moves by itself.",
    "subject.not-looked-for": "Whether it does this is not measured.",
    "take.no-motion": "The camera's motion: there is too little structure in the picture to follow it by.",
    "take.no-drift": "Drift from the first frame to the last: they have too little of the scene in common.",
}
"""By code; of two that fit the same sentence the first is meant."""


def sentence(code: str, **values: object) -> str:
    """The sentence of a code; KeyError where a value is missing."""
    return SENTENCES[code].format(**values)


def read(told: str) -> tuple[str, dict[str, str]] | None:
    """The code and the values of which a sentence was made; None where it is none of these."""
    for code, pattern in _patterns():
        match = pattern.fullmatch(told)
        if match is not None:
            return code, match.groupdict()
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((code, _pattern(template)) for code, template in SENTENCES.items())


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(_value(part) if n % 2 else re.escape(part) for n, part in enumerate(parts)))


def _value(name: str) -> str:
    """Incidents are more of the sentence, after a comma, or nothing."""
    return f"(?P<{name}>(?:, .*)?)" if name == "incidents" else f"(?P<{name}>.+?)"
