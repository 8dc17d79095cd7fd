"""A provider's take in by the real door, and deliveries of it out by one warm child."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from plugin_backend.domain.delivering.conform import plan_conform
from plugin_backend.domain.delivering.conform_plan import ConformPlan, OutputSpec, SourceFacts
from plugin_backend.domain.delivering.parts import Part
from plugin_backend.domain.delivering.placing import Fit, Position
from plugin_backend.domain.delivering.retiming import Retime
from plugin_backend.domain.sequence import ColourSpace
from plugin_backend.domain.sequence import Sequence as EditorSequence
from tests.conform.take import Delivered
from tests.ingest.takes import Door
from worker.media.conform import ConformWork
from worker.media.process import MediaProcess
from worker.providers.protocol import StoredTake


@dataclass(frozen=True, slots=True)
class Desk:
    door: Door
    media: MediaProcess
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def take(self, *movies: Path, exr: Sequence[Path] = ()) -> StoredTake:
        return self.door.take(*movies, exr=exr)

    def deliver(
        self,
        take: StoredTake,
        outputs: Sequence[OutputSpec],
        *,
        sequence: Mapping[str, object],
        sound: Mapping[str, object] | None = None,
        retime: Retime = Retime.AUTO,
        fit: Fit = Fit.FIT,
        position: Position | None = None,
        part: Part | None = None,
    ) -> Delivered:
        """As a delivery's own steps do it: plan from the take's row, chunks in any order, finish."""
        facts = SourceFacts(
            frame_rate=Fraction(take.facts["frame_rate"]),
            frame_count=take.facts["frame_count"],
            width=take.facts["width"],
            height=take.facts["height"],
            space=ColourSpace(take.source["colour_space"]),
        )
        asked = EditorSequence.from_json(sequence)
        how: dict[str, Any] = {"retime": retime, "fit": fit, "position": position, "part": part}
        plan = plan_conform(facts, asked, outputs, name_stem="shot", **how)
        plan = ConformPlan.from_json(json.loads(json.dumps(plan.to_json())))
        prefix = f"deliveries/{next(self._numbers)}"
        work: dict[str, Any] = ConformWork(
            plan=plan, source=take.source, prefix=prefix, sound=sound
        ).to_json()
        chunks = [
            self.media.run("conform_chunk", work | {"chunk": number}, deadline_seconds=250)
            for number in reversed(range(len(plan.chunks)))
        ]
        ending = work | {"chunks": chunks, "asked": {}, "label": take.facts["label"]}
        result = self.media.run("conform_finish", ending, deadline_seconds=250)
        return Delivered(plan, self.door.storage, self.door.folder, result)
