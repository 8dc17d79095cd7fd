"""The director against a model that disobeys: what it lets pass, what it sends back, when it is content.

    python -m bench.director [--clips 100] [--generations 24]

First a labelled set: films of briefs as they were asked for, and as many with one flaw that a person would
send back at a glance (the wrong direction, no motion, flicker, a cut, a freeze, a jump in exposure), drawn by
the animatic engine, encoded, measured and judged. Then the whole service before a simulated provider half of
whose films are so flawed: up to three further tries each. The floor is to take whatever comes.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.stack import surroundings, verdict
from plugin_backend.domain.brief import Brief, GenerationRequest, Kind
from plugin_backend.domain.direction.judging import Judgement, judge
from plugin_backend.services.director.planning import directives_of, plan_of
from tests.fakes.conduct import Conduct
from tests.fakes.flaws import flaws_of
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.fakes.pictures import Picture
from tests.fakes.rendering import render
from tests.journeys.stack import Stack
from worker.director.evaluate import evaluate
from worker.director.frames import ClipFacts, small_frames

ACCEPTED: Final = 0.7
_SECONDS: Final = 5
_RATE: Final = Fraction(24)
_AT_ONCE: Final = 2
_PROMPTS: Final = (
    "slow pan left over a harbour at dawn",
    "pan right across a city skyline at dusk",
    "slow dolly in through a misty forest at golden hour",
    "pull back from a cabin in the snow at night",
    "tilt up a lighthouse on a cliff, bright morning",
    "truck right past a brick wall, afternoon",
    "crane up over a meadow with an old oak, golden hour",
    "truck left along a market street after rain at night",
    "zoom in on a boat on a calm lake at sunrise",
    "pan left over desert dunes at noon",
    "static shot of a bottle on black marble, soft light",
    "locked off shot of a train platform in the afternoon",
)


@dataclass(frozen=True, slots=True)
class Clip:
    """One of the labelled set."""

    prompt: str
    seed: int
    flaw: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=100)
    parser.add_argument("--generations", type=int, default=24)
    options = parser.parse_args()
    print(surroundings(), flush=True)
    if options.clips:
        labelled(options.clips)
    if options.generations:
        directed(options.generations)
    print(surroundings(), flush=True)


def labelled(count: int) -> None:
    """Half of the clips are as asked, half are flawed."""
    clips = [_clip(number) for number in range(count)]
    passed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            seen = judged(clip, Path(folder) / "clip.mp4")
            is_accepted = seen.score is not None and seen.score >= ACCEPTED
            passed[clip.flaw] += is_accepted
            if is_accepted is bool(clip.flaw):
                print(
                    f"  wrong: {clip.flaw or 'good'}, {seen.score}, {clip.prompt!r}: {seen.reasons}",
                    flush=True,
                )
    of = Counter(clip.flaw for clip in clips)
    for flaw in sorted(of):
        print(f"{flaw or 'as asked':18} accepted {passed[flaw]:3} of {of[flaw]:3}")
    broken = sum(number for flaw, number in passed.items() if flaw)
    refused = of[""] - passed[""]
    _told("broken takes accepted", broken, budget=0)
    _told("good takes refused", 100 * refused / of[""], budget=5)


def _told(what: str, figure: float, *, budget: float) -> None:
    print(f"{what}: {figure:g} (at most {budget:g}) {verdict(met=figure <= budget)}")


def _clip(number: int) -> Clip:
    prompt = _PROMPTS[number // 2 % len(_PROMPTS)]
    flaws = flaws_of(prompt)
    flaw = flaws[number // 2 % len(flaws)].value if number % 2 else ""
    return Clip(prompt, seed=101 + number, flaw=flaw)


def judged(
    clip: Clip, path: Path, *, width: int = 960, height: int = 540, seconds: int = _SECONDS
) -> Judgement:
    """Drawn, encoded, decoded, measured, judged."""
    shape = Picture(width, height, seconds, prompt=clip.prompt, seed=clip.seed, flaw=clip.flaw)
    render(shape, path)
    brief = Brief(prompt=clip.prompt, duration_seconds=Fraction(seconds))
    request = GenerationRequest(kind=Kind.DRAFT, brief=brief)
    directives = directives_of(request, plan_of(request))
    facts = ClipFacts(frame_rate=_RATE, frame_count=seconds * int(_RATE), loop=False)
    with path.open("rb") as file:
        seen = evaluate(small_frames(file), directives, facts=facts)
    return judge(seen, directives)


def directed(count: int) -> None:
    """Generations of a provider half of whose films are flawed."""
    conduct = Conduct(seconds=1.0, draws_prompts=True, disobeys=0.5, seed=11)
    with LumaDreamMachine(conduct) as upstream, _served(upstream) as stack:
        person = stack.newcomer("directs", plan="studio", credit=1_000_000)
        few = {"max_concurrent": _AT_ONCE, "reason": "As many as are drawn at once."}
        stack.operator.ok("PATCH", f"/v1/admin/users/{person.id}/quota", few)
        asked = [person.ok("POST", "/v1/generations", _request(number))["id"] for number in range(count)]
        began = time.monotonic()
        ended = [person.generation(generation_id, seconds=3_600) for generation_id in asked]
        print(f"{count} generations in {time.monotonic() - began:.0f} s")
        flaws = {job["id"]: job["flaw"] for job in upstream.books().jobs}
        refs = dict(stack.query("SELECT id, provider_ref FROM takes"))
    _report(ended, flaws={take: flaws.get(ref) for take, ref in refs.items()})


def _request(number: int) -> dict[str, Any]:
    brief = {"prompt": _PROMPTS[number % len(_PROMPTS)], "model": "ray-flash-2", "duration_seconds": _SECONDS}
    direct = {"max_iterations": 3, "accept_score": ACCEPTED}
    return {"kind": "draft", "brief": brief, "direct": direct}


@contextmanager
def _served(upstream: LumaDreamMachine) -> Iterator[Stack]:
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder), environ=upstream.settings()) as stack:
        yield stack


def _report(ended: Sequence[Any], *, flaws: dict[str, Any]) -> None:
    accepted, tries = [], []
    for generation in ended:
        best = max(
            (take for take in generation["takes"] if take["state"] == "stored"),
            key=lambda take: (take["score"] or 0.0, -take["number"]),
        )
        is_content = best["score"] is not None and best["score"] >= ACCEPTED
        if is_content:
            accepted.append((best, flaws[best["id"]]))
            tries.append(generation["iterations"] + 1)
            if flaws[best["id"]]:
                print(f"  {flaws[best['id']]} {best['score']} {best['verdict']}")
    for take in (take for generation in ended for take in generation["takes"]):
        if not flaws[take["id"]] and (take["score"] or 0.0) < ACCEPTED:
            print(f"  refused though as asked: {take['score']} {take['verdict']}")
    made = [flaws[take["id"]] for generation in ended for take in generation["takes"]]
    print(
        f"{len(made)} takes, {sum(map(bool, made))} of them flawed; {len(accepted)} of {len(ended)} accepted"
    )
    print(json.dumps({"tries until accepted": sorted(tries)}))
    _told("flawed takes accepted", sum(bool(flaw) for _, flaw in accepted), budget=0)
    _told("tries until accepted, median", median(tries), budget=2)
    print(f"floor: taking what comes first accepts {sum(bool(flaw) for flaw in made) / len(made):.0%} flawed")


if __name__ == "__main__":
    main()
