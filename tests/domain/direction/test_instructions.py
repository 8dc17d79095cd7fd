"""No instruction is lost and none is invented: briefs composed of known instructions."""

from dataclasses import dataclass
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin_backend.domain.direction import film_vocabulary as film
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.terms import Move

LASTS = Fraction(6)
TIMES = {
    "": (Fraction(0), LASTS),
    "at two seconds": (Fraction(2), LASTS),
    "after 1.5s": (Fraction(3, 2), LASTS),
    "from 1 to 3 seconds": (Fraction(1), Fraction(3)),
    "between 2s and 4s": (Fraction(2), Fraction(4)),
    "for the first two seconds": (Fraction(0), Fraction(2)),
    "in the last second": (Fraction(5), LASTS),
    "until three seconds": (Fraction(0), Fraction(3)),
    "for 4 seconds": (Fraction(0), Fraction(4)),
    "halfway through": (Fraction(3), LASTS),
    "at two and a half seconds": (Fraction(5, 2), LASTS),
    "throughout": (Fraction(0), LASTS),
}
NOUNS = [
    "fisherman",
    "dancer",
    "dog",
    "horse",
    "camel",
    "bird",
    "car",
    "train",
    "boat",
    "balloon",
    "robot",
    "elephant",
    "knight",
    "child",
    "ferry",
]
VERBS = {
    "walks": "walk", "runs": "run", "crosses": "cross", "drifts": "rock", "flies": "fly", "rolls": "roll",
    "stands": "stand", "jumps": "jump", "spins": "spin", "burns": "spark", "swings": "swing", "turns": "turn",
}  # fmt: skip
WAYS = {"": "none", "to the left": "left", "to the right": "right", "upwards": "up"}
SOURCES = {"": (), "neon ": ("neon",), "window ": ("window",), "fire ": ("fire",)}
SIDES = ("left", "right", "behind", "above", "below")
RULED_OUT = ("people", "cars", "rain", "fog", "text", "music", "lens flares", "trees", "smoke")
PROSE = (
    "It is a story about memory.",
    "Think of an old postcard.",
    "The client likes honesty above all.",
    "Everything feels like a Sunday.",
    "We want to be reminded of home.",
    "This is the second version of the idea.",
    "Some of us may disagree about the title.",
)
PHRASES = sorted(
    (" ".join(phrase), move)
    for phrase, move in film.MOVES.items()
    if not {"no", "without", "not", "doesn't", "don't", "never", "aerial"} & set(phrase)
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and what the directive made of it says."""

    sentence: str
    expected: tuple[object, ...]


def family(move: Move) -> frozenset[Move]:
    return frozenset({move, move.other_way or move})


@st.composite
def timed(draw: st.DrawFn, words: str) -> tuple[str, Fraction, Fraction]:
    time = draw(st.sampled_from(sorted(TIMES)))
    is_first = draw(st.booleans()) and time
    sentence = f"{time} {words}" if is_first else f"{words} {time}"
    return f"{sentence.strip().capitalize()}.", *TIMES[time]


@st.composite
def camera(draw: st.DrawFn) -> list[Told]:
    chosen = draw(st.lists(st.sampled_from(PHRASES), max_size=3, unique_by=lambda each: family(each[1])))
    told = []
    for words, move in chosen:
        if len(chosen) > 1 and move is Move.STATIC:
            continue  # a shot that stands still ends where another move begins
        sentence, start, end = draw(timed(words))
        told.append(Told(sentence, ("camera", family(move), start, end)))
    return told


@st.composite
def subjects(draw: st.DrawFn) -> list[Told]:
    told = []
    for noun in draw(st.lists(st.sampled_from(NOUNS), max_size=3, unique=True)):
        verb, way = draw(st.sampled_from(sorted(VERBS))), draw(st.sampled_from(sorted(WAYS)))
        sentence, start, end = draw(timed(f"a {noun} {verb} {way}".strip()))
        told.append(Told(sentence, ("subject", noun, VERBS[verb], WAYS[way], start, end)))
    return told


@st.composite
def light(draw: st.DrawFn) -> list[Told]:
    told = []
    for side in draw(st.lists(st.sampled_from(SIDES), max_size=2, unique=True)):
        source = draw(st.sampled_from(sorted(SOURCES)))
        where = f"the {side}" if side in {"left", "right"} else side
        told.append(
            Told(f"{source}light from {where}.".capitalize(), ("light", *SOURCES[source], f"from-{side}"))
        )
    return told


@st.composite
def ruled_out(draw: st.DrawFn) -> list[Told]:
    found = draw(st.lists(st.sampled_from(RULED_OUT), max_size=2, unique=True))
    return [Told(f"No {what}.", ("avoid", what)) for what in found]


def told_by(directive: Directive) -> tuple[object, ...]:
    match directive.kind:
        case DirectiveKind.CAMERA:
            assert directive.move is not None
            return ("camera", family(directive.move), directive.from_seconds, directive.to_seconds)
        case DirectiveKind.SUBJECT:
            return (
                "subject",
                directive.about,
                *directive.terms,
                directive.from_seconds,
                directive.to_seconds,
            )
        case DirectiveKind.AVOID:
            return ("avoid", directive.about)
        case _:
            return (directive.kind.value, *directive.terms)


def asked_of(prompt: str) -> list[Directive]:
    plan = plan_shot(prompt, duration_seconds=LASTS)
    return [each for each in directives_of_plan(plan) if each.source is DirectiveSource.WORDS]


SIDED = {f"from-{side}" for side in SIDES}


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_every_instruction_of_a_brief_is_in_its_directives_and_no_other(data: st.DataObject) -> None:
    told = [each for part in (camera(), subjects(), light(), ruled_out()) for each in data.draw(part)]
    prose = data.draw(st.lists(st.sampled_from(PROSE), max_size=3))
    sentences = data.draw(st.permutations([*(each.sentence for each in told), *prose]))
    prompt = " ".join(sentences)
    found = asked_of(prompt)
    counted = [
        told_by(each)
        for each in found
        if each.kind
        in {DirectiveKind.CAMERA, DirectiveKind.SUBJECT, DirectiveKind.AVOID, DirectiveKind.ORDER}
        or (each.kind is DirectiveKind.LIGHT and SIDED & set(each.terms))
    ]
    assert sorted(map(str, counted)) == sorted(str(each.expected) for each in told), prompt


@given(
    prose=st.lists(st.sampled_from(PROSE), max_size=7),
    lone=st.sampled_from(["", "A red car on a road.", "A calm sea."]),
)
def test_a_brief_that_asks_nothing_of_the_camera_is_asked_nothing(prose: list[str], lone: str) -> None:
    kinds = {each.kind for each in asked_of(" ".join([*prose, lone]))}
    assert not kinds & {DirectiveKind.CAMERA, DirectiveKind.SUBJECT, DirectiveKind.AVOID, DirectiveKind.ORDER}


@given(
    first=st.sampled_from(PHRASES),
    second=st.sampled_from(PHRASES),
    join=st.sampled_from([", then ", " and then ", ". Then ", " before we ", "; after that, "]),
)
def test_then_puts_two_moves_one_after_the_other(
    first: tuple[str, Move], second: tuple[str, Move], join: str
) -> None:
    if family(first[1]) & family(second[1]):
        return
    found = asked_of(f"{first[0]}{join}{second[0]}.".capitalize())
    moves = [each for each in found if each.kind is DirectiveKind.CAMERA]
    assert [family(each.move) for each in moves if each.move] == [family(first[1]), family(second[1])]
    assert [(each.from_seconds, each.to_seconds) for each in moves] == [
        (Fraction(0), Fraction(3)),
        (Fraction(3), LASTS),
    ]
    assert sum(each.kind is DirectiveKind.ORDER for each in found) == 1


def test_what_a_subject_does_is_no_move_of_the_camera() -> None:
    for brief in (
        "A hawk circles above a tower.",
        "A woman looks up and turns left.",
        "A car zooms past a house.",
        "The ball rolls left.",
        "A frying pan on the stove.",
        "A pan of soup.",
        "The old truck left the farm.",
        "The train tracks lead to a station.",
        "A man moves forward through a crowd.",
        "The moon rises over a lake.",
        "She looks at the camera.",
    ):
        assert not [each for each in asked_of(brief) if each.kind is DirectiveKind.CAMERA], brief
