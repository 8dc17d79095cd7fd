"""Advice before money is spent: what a brief leaves open, what it contradicts, and what no model can do.

The brief itself is never changed: every piece of advice offers words that an editor may add.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from plugin_backend.domain.direction.advice_kinds import Advice, AdviceKind, ModelFacts, Severity
from plugin_backend.domain.direction.conflicts import conflicts_in
from plugin_backend.domain.direction.lexicon import words
from plugin_backend.domain.direction.reading import LONGEST_READ
from plugin_backend.domain.direction.said import Said
from plugin_backend.domain.direction.shot import Asked, ShotPlan
from plugin_backend.domain.direction.understood import understood
from plugin_backend.domain.seconds import as_number

__all__ = ["Advice", "AdviceKind", "ModelFacts", "Severity", "advice_on"]

_SECONDS_AN_EVENT: Final = Fraction(2)
_MANY_EVENTS: Final = 3
_BARE: Final = {
    "cinematic": ("anamorphic lens, shallow depth of field", "low key, rim light from behind"),
    "epic": ("extreme wide shot, crane up over the valley", "low angle, storm clouds"),
    "beautiful": ("golden hour, warm light from the left", "pastel colours, soft light"),
    "stunning": ("golden hour, backlit", "blue hour, reflections on wet asphalt"),
    "amazing": ("slow dolly in, shallow depth of field",),
    "breathtaking": ("extreme wide shot, aerial, first light on the ridge",),
    "professional": ("tripod, 50mm, soft light from the left",),
    "masterpiece": ("symmetrical composition, side light",),
    "hyperrealistic": ("35mm, natural window light, handheld",),
    "photorealistic": ("35mm, natural window light",),
    "realistic": ("35mm, natural window light",),
    "dynamic": ("fast truck left, handheld",),
    "dramatic": ("low key, hard light from the left, high contrast",),
    "awesome": ("low angle, wide lens, backlit",),
    "aesthetic": ("pastel colours, symmetrical composition",),
    "moody": ("low key, fog, a single lamp from behind",),
}
_LABELS: Final = frozenset({"4k", "8k", "hd", "uhd", "ultra", "trending", "viral", "masterpiece", "award"})
_WHERE: Final = words(
    "in inside at through across into along down over under between outside within underwater"
)
_ARTICLES: Final = frozenset({"the", "a", "an"})
_NOWHERE: Final = words(
    "left right middle centre center foreground background frame shot end start beginning camera distance"
)
_SUBJECT_WORDS: Final = ("a woman in a red coat", "an old fisherman", "a red car")
_ACTION_WORDS: Final = (
    "walks slowly to the left",
    "turns and looks up",
    "stands still, coat moving in the wind",
)
_SETTING_WORDS: Final = ("in a pine forest at dawn", "on a wet street at night", "in a white studio")
_CAMERA_WORDS: Final = ("slow dolly in", "static shot", "camera pans left")
_PACING_WORDS: Final = ("slowly, for the whole shot", "static for the first two seconds, then fast push in")


def advice_on(
    prompt: str, plan: ShotPlan, *, duration: Fraction, model_facts: ModelFacts | None = None
) -> tuple[Advice, ...]:
    """Warnings before notes; nothing for a brief that says all it needs to."""
    read = understood(prompt)
    if read.is_foreign:
        return (_language(),)
    kept = read.said
    found = [
        *conflicts_in(kept, plan, duration=duration, model_facts=model_facts),
        *_unread(prompt),
        *_missing(kept, plan),
        *_bare(kept),
        *_events(plan, duration),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: each.severity is Severity.NOTE))


def _language() -> Advice:
    return Advice(
        kind=AdviceKind.LANGUAGE,
        code="language",
        about="language",
        says="Only English is read into a plan. The words go to the model as they are; no instruction was "
        "read "
        "from them, so none is measured.",
        try_words=("Write the camera, the times and the light in English beside your own words.",),
        severity=Severity.WARNING,
    )


def _unread(prompt: str) -> Iterator[Advice]:
    if len(prompt) > LONGEST_READ:
        yield Advice(
            kind=AdviceKind.UNREAD,
            code="unread",
            values={"count": f"{LONGEST_READ:,}"},
            about="length",
            says=f"The first {LONGEST_READ:,} characters are read into the plan; the rest goes to the "
            f"model only.",
            severity=Severity.WARNING,
        )


def _missing(said: Said, plan: ShotPlan) -> Iterator[Advice]:
    """What a model will choose by itself."""
    moving = [motion for motion in plan.motion.subjects if motion.asked]
    camera = [move for move in plan.motion.camera if move.asked]
    if not plan.concept.subjects:
        yield _gap("subject", "The brief names nobody and nothing to look at.", _SUBJECT_WORDS, is_grave=True)
    if not moving:
        yield _gap("action", "Nothing is said to happen: the model decides what moves.", _ACTION_WORDS)
    if Asked.ENVIRONMENT not in plan.asked and not _names_a_place(said):
        yield _gap("setting", "The brief names no place.", _SETTING_WORDS)
    if not camera and not any(framing.techniques for framing in plan.shots):
        yield _gap(
            "camera", "No camera is asked for: the model decides, and none is measured.", _CAMERA_WORDS
        )
    paced = said.found("strength") or said.times or any(framing.techniques for framing in plan.shots)
    if (camera or moving) and not paced and any(move.move.other_way for move in camera):
        yield _gap("pacing", "Nothing says how fast, or when.", _PACING_WORDS)


def _names_a_place(said: Said) -> bool:
    """Whether the brief puts it somewhere that the vocabulary does not know: `in a laundry`."""
    pairs = zip(said.words, said.words[1:], said.words[2:], strict=False)
    return any(one in _WHERE and two in _ARTICLES and three not in _NOWHERE for one, two, three in pairs)


def _gap(about: str, says: str, try_words: tuple[str, ...], *, is_grave: bool = False) -> Advice:
    severity = Severity.WARNING if is_grave else Severity.NOTE
    return Advice(
        kind=AdviceKind.MISSING,
        code=f"missing.{about}",
        about=about,
        says=says,
        try_words=try_words,
        severity=severity,
    )


def _bare(said: Said) -> Iterator[Advice]:
    """Words that every model has heard too often: each with wording that can be seen and measured."""
    for word in dict.fromkeys(said.words):
        if word in _BARE:
            yield Advice(
                kind=AdviceKind.BARE_WORD,
                code="bare-word",
                values={"word": word},
                about=word,
                says=f"“{word}” says nothing that can be seen; say what should be seen instead.",
                try_words=_BARE[word],
            )
    text = " ".join(said.words)
    for label in sorted(
        _LABELS & {"".join(pair) for pair in zip(said.words, said.words[1:], strict=False)}
        | (_LABELS & set(text.split()))
    ):
        if label not in _BARE:
            yield Advice(
                kind=AdviceKind.BARE_WORD,
                code="bare-label",
                values={"word": label},
                about=label,
                says=f"“{label}” is no instruction: size and range are chosen beside the brief.",
            )


def _events(plan: ShotPlan, duration: Fraction) -> Iterator[Advice]:
    """Models do one thing well, two in a row sometimes."""
    events = {(each.step, each.name, each.action) for each in plan.motion.subjects if each.asked}
    steps = {step for step, *_ in events} | {move.step for move in plan.motion.camera if move.asked}
    crowded = len(events) >= _MANY_EVENTS and duration < len(events) * _SECONDS_AN_EVENT
    hurried = len(steps) > 1 and duration < len(steps) * _SECONDS_AN_EVENT
    if crowded or hurried:
        count = max(len(events), len(steps))
        yield Advice(
            kind=AdviceKind.SEVERAL_EVENTS,
            code="several-events",
            values={"count": str(count), "seconds": str(as_number(duration))},
            about="events",
            says=f"{count} events in {as_number(duration)} s: models drop or merge them. Keep one, "
            f"or make a shot "
            "of each.",
            try_words=("one shot for each event, cut together",),
            severity=Severity.WARNING,
        )
