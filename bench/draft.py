"""How long an editor waits for a draft: a 5 s 540p animatic, from the accepted request to a playable proxy.

    python -m bench.draft [--passes 5]

The whole stack runs; the floor is the same shot painted, rendered and encoded in one process by bare calls,
in turn with ours. The first draft after the start is shown apart; one warm-up follows that nobody counts.
"""

import argparse
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.stack import Stack, processor_seconds, surroundings, verdict, whole_stack
from plugin_backend.demo.client import Client
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.sequence import ColourSpace
from worker.animatic.render import bake
from worker.animatic.spec import ShotSpec
from worker.animatic.warm import warm
from worker.media import kernels
from worker.media.colour import display_transform
from worker.media.exr import ExrCompression, FrameHeader, encode_exr
from worker.media.formats import MovieFormat
from worker.media.movie import MovieWriter
from worker.media.warmth import warm_kernels

PROMPT: Final = "paper boats drift under a bridge in the rain at night, neon reflections, slow push in"
BUDGET: Final = 6.0
WIDTH, HEIGHT, FRAMES, RATE = 960, 540, 120, Fraction(24)
REQUEST: Final = {
    "kind": "draft",
    "brief": {"prompt": PROMPT, "model": "animatic", "duration_seconds": 5, "resolution": "540p"},
}
_LOOK_EVERY: Final = 0.2  # as a panel does: looking has a price that the draft pays


@dataclass(frozen=True, slots=True)
class Draft:
    """Seconds from the request's acceptance, and the processor time of the whole stack meanwhile."""

    playable: float
    cpu: float
    hops: Mapping[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passes", type=int, default=5)
    passes: int = parser.parse_args().passes
    warm()
    warm_kernels()
    print(surroundings())
    with whole_stack() as stack:
        first = draft(stack, seed=1)
        print(f"first draft after the start: {first.playable:.1f} s")
        draft(stack, seed=2)
        turns = [(draft(stack, seed=3 + turn), floor(seed=3 + turn)) for turn in range(passes)]
    show([ours for ours, _ in turns], [bare for _, bare in turns])
    print(f"after: {surroundings()}")


def draft(stack: Stack, *, seed: int) -> Draft:
    """One request, followed until its proxy has an address; then what the feed says happened when."""
    request = {**REQUEST, "brief": {**REQUEST["brief"], "seed": seed}}  # type: ignore[dict-item]  # a literal
    with Client(stack.url, stack.user_key) as client:
        since = client.get("/v1/events", after="now")["next_cursor"]
        used = sum(processor_seconds().values())
        accepted = client.post("/v1/generations", request)
        began = time.perf_counter()
        while not _is_playable(client.get(f"/v1/generations/{accepted['id']}")):
            time.sleep(_LOOK_EVERY)
        playable, cpu = time.perf_counter() - began, sum(processor_seconds().values()) - used
        events = client.get("/v1/events", after=since)["items"]
    return Draft(playable, cpu, hops(events))


def _is_playable(found: Mapping[str, Any]) -> bool:
    if found["state"] == "failed":
        raise SystemExit(f"The draft failed: {found['failure']}")
    return bool(found["takes"][0].get("proxy"))


def hops(events: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds from the first event to each of the others, by what happened."""
    moments = {each["type"]: datetime.fromisoformat(each["at"]) for each in events}
    began = min(moments.values())
    return {kind: (moment - began).total_seconds() for kind, moment in moments.items()}


def floor(*, seed: int) -> dict[str, float]:
    """The same shot by bare calls on one thread, and x264 on two; the frames' EXR files are timed apart."""
    plan = plan_shot(PROMPT, duration_seconds=Fraction(5))
    spent = dict.fromkeys(("bake", "render", "lut", "x264", "exr"), 0.0)
    began = time.perf_counter()
    shot = bake(ShotSpec(plan, seed, WIDTH, HEIGHT, RATE, FRAMES))
    spent["bake"] = time.perf_counter() - began
    transform, header = display_transform(ColourSpace.REC709), FrameHeader(frame_rate=RATE)
    with tempfile.TemporaryDirectory() as folder, _proxy(Path(folder) / "floor.mp4") as movie:
        last = time.perf_counter()
        for picture in shot.frames():
            last = _spend(spent, "render", since=last)
            shown = transform.apply(picture)
            last = _spend(spent, "lut", since=last)
            movie.write(shown)
            last = _spend(spent, "x264", since=last)
            half = kernels.to_half(picture)
            encode_exr(half, space=ColourSpace.ACESCG, header=header, compression=ExrCompression.HTJ2K)
            last = _spend(spent, "exr", since=last)
    return spent


def _proxy(path: Path) -> MovieWriter:
    return MovieWriter(
        path,
        movie_format=MovieFormat.PROXY,
        rate=RATE,
        width=WIDTH,
        height=HEIGHT,
        colour_space=ColourSpace.REC709,
        threads=2,
    )


def _spend(spent: dict[str, float], part: str, *, since: float) -> float:
    now = time.perf_counter()
    spent[part] += now - since
    return now


def show(drafts: list[Draft], floors: list[dict[str, float]]) -> None:
    waits = [each.playable for each in drafts]
    bare = [sum(spent.values()) - spent["exr"] for spent in floors]
    ratio = median(ours / floor for ours, floor in zip(waits, bare, strict=True))
    print(f"draft: 5 s 540p, {FRAMES} frames, accepted request to playable proxy")
    print(f"  floor  {median(bare):5.2f} s  bake, frames, display transform, x264 in one process, no service")
    spread, answer = f"({min(waits):.2f}-{max(waits):.2f})", verdict(met=median(waits) < BUDGET)
    print(
        f"  ours   {median(waits):5.2f} s {spread}  {ratio:.2f} of the floor's time"
        f"  (< {BUDGET:.0f} s) {answer}"
    )
    cpu = median(each.cpu for each in drafts)
    print(f"  the stack used {cpu:.1f} s of processor time: at least {cpu / 2:.1f} s on two idle cores")
    parts = {name: median(spent[name] for spent in floors) for name in floors[0]}
    print("  the work, one thread: " + ", ".join(f"{name} {spent:.2f} s" for name, spent in parts.items()))
    shared = [kind for kind in drafts[-1].hops if all(kind in each.hops for each in drafts)]
    timeline = sorted((median(each.hops[kind] for each in drafts), kind) for kind in shared)
    print("  when: " + ", ".join(f"{kind} {moment:.2f}" for moment, kind in timeline))


if __name__ == "__main__":
    main()
