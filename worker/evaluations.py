"""Looking at a stored take: measure its proxy in the media child, and write down what was seen."""

from collections.abc import Sequence
from typing import Any

from plugin_backend.domain.direction.evaluation import Evaluation
from plugin_backend.domain.work import Claim
from plugin_backend.services.director import evaluating
from plugin_backend.services.director.evaluating import TakeToSee
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Measure one take."""
    hand = evaluating.look(runtime.house, claim)
    if hand is None:
        return
    if "proxy" not in (hand.take.files or {}):
        evaluating.not_seen(runtime.house, claim, hand, why="There is no proxy of it.")
        return
    made = runtime.media_for(claim)("evaluate_take", _asked(hand, looks=runtime.visual_judge is not None))
    runtime.house.failpoint("evaluation:measured")
    seen = Evaluation.from_json(made["evaluation"])
    opinions = _opinions(runtime, hand, made.get("looks", ()))
    evaluating.seen(runtime.house, claim, hand, seen, pictures=made.get("pictures"), opinions=opinions)


def _opinions(runtime: Runtime, hand: TakeToSee, looks: Sequence[str]) -> dict[str, Any] | None:
    """What the visual judge thinks of the frames, where there is one; no transaction is open meanwhile."""
    if runtime.visual_judge is None or not looks:
        return None
    frames = [runtime.house.storage.get_bytes(key) for key in looks]
    return runtime.visual_judge.opinions(frames, hand.directives)


def _asked(hand: TakeToSee, *, looks: bool) -> dict[str, Any]:
    facts, files, brief = hand.take.facts or {}, hand.take.files or {}, hand.generation.request["brief"]
    return {
        "key": files["proxy"]["key"],
        "prefix": f"takes/{hand.take.id}/direction",
        "directives": [each.to_json() for each in hand.directives],
        "frame_rate": facts["frame_rate"],
        "frame_count": facts["frame_count"],
        "loop": bool(brief["loop"]),
        "looks": looks,
    }
