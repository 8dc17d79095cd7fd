"""Whether a brief is written in a language that the vocabulary cannot read."""

from typing import Final

from plugin_backend.domain.direction.lexicon import words as listed

_ENGLISH: Final = listed(
    "the a an of and in on at to with is are was from by for as while over into his her its their it",
    "that this then no not up down left right through across behind under walks runs shot camera",
    "light night day man woman slow",
)
_OTHERS: Final = listed(
    "der die das ein eine einer einem einen und mit im am auf nach von zu zum zur ist nicht durch",
    "bleibt kamera le la les un une des du de et avec dans au aux sur est pas vers qui lentement par",
    "ne el los las una unos y con en del al por para que se hacia desde lentamente il lo gli uno di e",
    "nel nella sul sulla con che si verso lentamente o os as um uma da dos das no na nos nas em com",
    "para que het een van naar met op door niet langzaam en ett och med som det att inte w na z i do",
    "przez jest nie powoli",
) - {"no", "as", "die", "in", "a", "on", "is", "an", "at", "to", "i", "do"}
_LETTERS_SHARE: Final = 0.3


def is_foreign(prompt: str, words: tuple[str, ...]) -> bool:
    """Whether more speaks for another language than for English: its letters, or its small words."""
    letters = [] if prompt.isascii() else [letter for letter in prompt if letter.isalpha()]
    strange = sum(not _is_latin(letter) for letter in letters)
    if letters and strange > _LETTERS_SHARE * len(letters):
        return True
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _OTHERS for word in words)
    return other >= 2 and other > english


def _is_latin(letter: str) -> bool:
    return ord(letter) < 0x250 or 0x1E00 <= ord(letter) < 0x1F00
