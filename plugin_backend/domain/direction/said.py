"""What a brief says, word by word: its clauses, its times, and every phrase of the vocabulary in it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction import light_vocabulary as light
from plugin_backend.domain.direction import places_vocabulary as places
from plugin_backend.domain.direction import verbs, vocabulary
from plugin_backend.domain.direction.clauses import Clause, clauses_of
from plugin_backend.domain.direction.lexicon import Found, Lexicon, words
from plugin_backend.domain.direction.reading import Text
from plugin_backend.domain.direction.terms import SubjectKind
from plugin_backend.domain.direction.timing import Timed, times_in

_LEXICON: Final = Lexicon(
    subject=vocabulary.SUBJECTS,
    environment=vocabulary.ENVIRONMENTS,
    weather=vocabulary.WEATHERS,
    hour=vocabulary.TIMES,
    mood=vocabulary.MOODS,
    loop=dict.fromkeys(verbs.LOOPS, True),
    action=verbs.ACTIONS,
    heading=verbs.HEADINGS,
    light=light.LIGHTS,
    lit=light.LIT,
    sided=light.SIDED,
    lit_side=light.LIT_SIDES,
    contrast=light.CONTRASTS,
    asked_contrast=light.ASKED_CONTRASTS,
    tone=light.TONES,
    colour=light.COLOURS,
    strength=film.STRENGTHS,
    size=film.SIZES,
    angle=film.ANGLES,
    lens=film.LENSES,
    composition=film.COMPOSITIONS,
    technique=film.TECHNIQUES,
    frame=places.IN_FRAME,
    beside=places.BESIDE,
)
_MOVES: Final = Lexicon(move=film.MOVES, loose=film.LOOSE_MOVES)
_GROUND: Final = words(
    "subject environment weather hour mood loop light contrast colour",
)
_ARTICLES: Final = words(
    "a an the his her its their two three one",
)
_VEHICULAR: Final = words(
    "a the two some pickup fire delivery red blue white black yellow green old big heavy"
)
_LONGEST_NOUN: Final = 40  # characters
_NO_NOUN: Final = (
    words(
        "and or of on in at to with by from as is are was the a an it he she they who that this which",
        "where when while then slowly very camera shot view lens drone no not up down left right out off",
        "over under there here all each",
    )
    | verbs.AUXILIARIES
)


@dataclass(frozen=True, slots=True)
class Said:
    """One brief, read once; words in `taken` were understood as something else."""

    text: Text
    clauses: tuple[Clause, ...]
    times: tuple[Timed, ...]
    hits: dict[str, tuple[Found[Any], ...]]
    things: tuple[Found[SubjectKind], ...]
    """Every noun that may be directed: the vocabulary's, and a sentence's own unknown doers."""
    numbers: tuple[int, ...]
    """The number of each word's clause."""
    taken: frozenset[int] = frozenset()
    free: dict[str, tuple[Found[Any], ...]] = field(default_factory=dict, compare=False, repr=False)
    """What was found already, by table."""

    @classmethod
    def of(cls, prompt: str) -> Self:
        """The brief as it is written."""
        text = Text.of(prompt)
        times = times_in(text)
        timed = frozenset(index for each in times for index in range(each.at, each.end))
        hits = {**_LEXICON.read(text.words, text.breaks), **_moves(text, timed)}
        clauses = clauses_of(text, times)
        return cls(
            text=text,
            clauses=clauses,
            times=times,
            hits=hits,
            things=tuple(_things(text, hits)),
            numbers=tuple(n for n, clause in enumerate(clauses) for _ in range(clause.at, clause.end)),
            taken=timed,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """In lower case."""
        return self.text.words

    def found(self, name: str) -> tuple[Found[Any], ...]:
        """The phrases of a table, but for those whose words were understood as something else."""
        found = self.free.get(name)
        if found is None:
            found = self.free[name] = tuple(hit for hit in self.hits[name] if self.is_free(hit))
        return found

    def between(self, name: str, start: int, end: int) -> tuple[Found[Any], ...]:
        """The phrases of a table that begin between two words, whatever was made of them."""
        hits = self.hits[name]
        return hits[bisect_left(hits, start, key=_at) : bisect_left(hits, end, key=_at)]

    def is_free(self, hit: Found[Any]) -> bool:
        """Whether none of its words was understood as something else."""
        return self.taken.isdisjoint(range(hit.at, hit.end))

    def without(self, indexes: Iterable[int]) -> "Said":
        """The same brief, these words being understood."""
        return replace(self, taken=self.taken.union(indexes), free={})

    def clause_of(self, index: int) -> int:
        """The number of the clause a word is in."""
        return self.numbers[index]

    def phrase(self, hit: Found[Any]) -> str:
        """The brief's own words for a hit."""
        return " ".join(self.words[hit.at : hit.end])

    def name(self, hit: Found[SubjectKind]) -> str:
        """The noun itself: `old man` is a man."""
        return self.words[hit.end - 1]

    def only_pictured(self) -> "Said":
        """What is left of a brief in another language: what it seems to show, and no instruction."""
        return replace(
            self,
            hits={name: hits if name in _GROUND else () for name, hits in self.hits.items()},
            times=(),
            things=(),
            free={},
        )


def _at(hit: Found[Any]) -> int:
    return hit.at


def _moves(text: Text, timed: frozenset[int]) -> dict[str, tuple[Found[Any], ...]]:
    """Camera moves, read past the words of pace that may stand inside them; a time's words are no part."""
    kept = [i for i, word in enumerate(text.words) if word not in film.PACES and i not in timed]
    found = _MOVES.read([text.words[i] for i in kept], _breaks(text, kept))
    return {
        name: tuple(Found(hit.term, kept[hit.at], kept[hit.end - 1] + 1 - kept[hit.at]) for hit in hits)
        for name, hits in found.items()
    }


def _breaks(text: Text, kept: Sequence[int]) -> list[int]:
    """What parts the words that are kept, the words between them being left out."""
    found, last = [], -1
    for index in kept:
        found.append(max(text.breaks[last + 1 : index + 1]))
        last = index
    return found


def _things(text: Text, hits: dict[str, tuple[Found[Any], ...]]) -> Iterable[Found[SubjectKind]]:
    """Nouns in the order of the text; a word of a camera's move is none."""
    moved = {index for hit in hits["move"] for index in range(hit.at, hit.end)} - _vehicles(text)
    found = {hit.end - 1: hit for hit in hits["subject"] if hit.at not in moved}
    inside = {index for hit in found.values() for index in range(hit.at, hit.end)}
    acted = {hit.at for hit in hits["action"]}
    for index, word in enumerate(text.words):
        if index in found:
            yield found[index]
        elif index in moved or index in inside:
            continue
        elif word in vocabulary.THINGS or (index + 1 in acted and _is_doer(text, index)):
            yield Found(SubjectKind.THING, index, 1)


def _vehicles(text: Text) -> set[int]:
    """A truck after an article drives; without one it is a camera's move."""
    return {
        index
        for index, word in enumerate(text.words)
        if word in {"truck", "trucks"}
        and index
        and text.words[index - 1] in _VEHICULAR
        and not text.breaks[index]
    }


def _is_doer(text: Text, index: int) -> bool:
    """Whether an unknown word after an article stands right before a verb, as in `a hippo walks`."""
    word = text.words[index]
    follows = index + 1
    if (
        word in _NO_NOUN
        or (word,) in vocabulary.WEATHERS
        or not (word.isalpha() and len(word) <= _LONGEST_NOUN)
        or follows >= len(text.words)
        or text.breaks[follows]
    ):
        return False
    if not (word.endswith("s") or text.words[follows].endswith(("s", "ing", "ed"))):
        return False  # `a quarter turn` is a thing itself; what does something `turns`
    before = text.words[max(0, index - 2) : index]
    return any(each in _ARTICLES for each in before)
