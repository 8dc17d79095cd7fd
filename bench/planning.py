"""What it costs to plan a brief: plan, directives and advice, beside only finding the words of the same text.

    python -m bench.planning [--rounds 200]

The sixty labelled briefs, the longest of them, and two as long as a plan reads (in characters): one with much
to read and little to plan, and as many of the sixty as fit, which ask for 35 camera moves. Milliseconds of
one core, the median and the slowest of the rounds; nothing is remembered from round to round.
"""

import argparse
import time
import tomllib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median

from plugin_backend.domain.direction.advice import advice_on
from plugin_backend.domain.direction.compiling import directives_of_plan
from plugin_backend.domain.direction.plan import plan_shot
from plugin_backend.domain.direction.reading import LONGEST_READ, words_of
from plugin_backend.domain.direction.understood import understood

_BRIEFS = Path(__file__).parents[1] / "tests" / "domain" / "direction" / "briefs.toml"
_FIVE = Fraction(5)
_WARMING = 20
_PROSE = " The town has waited all winter for this morning, and its people know the songs of their parents."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds: int = parser.parse_args().rounds
    briefs = [each["text"] for each in tomllib.loads(_BRIEFS.read_text(encoding="utf-8"))["brief"]]
    whole = " ".join(briefs)
    texts = {
        "a brief (mean of sixty)": briefs,
        "the longest of them": [max(briefs, key=len)],
        f"{LONGEST_READ:,} of prose": [(max(briefs, key=len) + _PROSE * LONGEST_READ)[:LONGEST_READ]],
        f"{LONGEST_READ:,} of briefs in a row": [whole[:LONGEST_READ]],
    }
    print(f"{'milliseconds':26}{'plan':>14}{'words only':>14}    median (slowest) of {rounds}")
    for name, each in texts.items():
        print(f"{name:26}{_shown(planned, each, rounds):>14}{_shown(words_of, each, rounds):>14}")


def planned(text: str) -> None:
    """All that is done for an editor who only asks for a plan."""
    understood.cache_clear()
    plan = plan_shot(text, duration_seconds=_FIVE)
    directives_of_plan(plan)
    advice_on(text, plan, duration=_FIVE)


def _shown(work: Callable[[str], object], texts: list[str], rounds: int) -> str:
    for text in texts * _WARMING:
        work(text)
    took = [_milliseconds(work, texts) for _ in range(rounds)]
    return f"{median(took):.3f} ({max(took):.3f})"


def _milliseconds(work: Callable[[str], object], texts: list[str]) -> float:
    started = time.process_time_ns()
    for text in texts:
        work(text)
    return (time.process_time_ns() - started) / 1e6 / len(texts)


if __name__ == "__main__":
    main()
