"""Directed generations: takes that were seen as a test says, without a picture."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.brief import Direct, GenerationRequest
from plugin_backend.domain.callers import Caller, Role, Scope
from plugin_backend.domain.direction.directives import Directive, DirectiveSource
from plugin_backend.domain.direction.evaluation import Adherence, Evaluation, Standing
from plugin_backend.services import stepping
from plugin_backend.services.director import evaluating
from plugin_backend.services.money import receipts
from tests.domain.requests import asked
from tests.services.studio import Studio, with_brief

Seen = Callable[[int, tuple[Directive, ...]], Evaluation]

BRIEF = with_brief(asked(), prompt="pan left over a harbour at dawn", seed=100)


def directed(
    *, takes: int = 1, tries: int = 1, pause: bool = False, accept_score: float = 0.7
) -> GenerationRequest:
    direct = Direct(max_iterations=tries - 1, pause=pause, accept_score=accept_score)
    return replace(BRIEF, takes=takes, direct=direct)


def followed(
    directives: tuple[Directive, ...], *, standing: Standing = Standing.FOLLOWED, score: float = 1.0
) -> Evaluation:
    asked_for = [each for each in directives if each.source is not DirectiveSource.DEFAULT]
    heard = [
        Adherence(
            directive_id=each.id, standing=standing, score=score, confidence=0.9, says=f"It was {standing}."
        )
        for each in asked_for
    ]
    return Evaluation(adherence=tuple(heard), defects=(), camera=(), move="pan-left")


def missed(directives: tuple[Directive, ...]) -> Evaluation:
    return followed(directives, standing=Standing.MISSED, score=0.0)


def look_at_all(studio: Studio, seen: Seen) -> int:
    """Every stored take that nobody has looked at is seen so."""
    due = [subject_id for subject_id in studio.due() if subject_id.startswith("evl_")]
    for subject_id in due:
        claim = stepping.claim(studio.house, subject_id)
        assert claim is not None
        hand = evaluating.look(studio.house, claim)
        assert hand is not None
        evaluating.seen(studio.house, claim, hand, seen(hand.take.number, hand.directives))
    return len(due)


def made(studio: Studio) -> None:
    """Let the takes that are under way be made and stored; nobody looks at them yet."""
    for _ in range(2):
        studio.work_off(("gen_", "take_"))
        studio.clock.turn(timedelta(seconds=5))
    studio.work_off(("gen_", "take_"))


def run(studio: Studio, view: GenerationView, seen: Seen) -> GenerationView:
    """Go on until it waits for a person or has ended."""
    for _ in range(20):
        made(studio)
        if not look_at_all(studio, seen):
            return studio.see(view.generation.id)
    raise AssertionError("it goes on for ever")


def steps(studio: Studio, caller: Caller, view: GenerationView) -> list[str]:
    return [line["step"] for line in receipts.trace(studio.house, caller, view.generation.id)]


def owner_of(view: GenerationView) -> Caller:

    row = view.generation
    return Caller(
        user_id=row.owner_id, workspace_id=row.workspace_id, role=Role.EDITOR, scopes=frozenset(Scope)
    )
