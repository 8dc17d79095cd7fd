"""Measuring how like its draft a master came out; it is told, it decides nothing."""

from collections.abc import Mapping
from typing import Any

import structlog

from plugin_backend.domain.work import Claim
from plugin_backend.services.director import resemblance
from plugin_backend.services.making.hands import TakeInHand
from worker.media.process import MediaProcessError, StoppedError
from worker.providers.protocol import StoredTake
from worker.runtime import Runtime

_log = structlog.get_logger()


def measure(runtime: Runtime, claim: Claim, hand: TakeInHand, made: StoredTake) -> None:
    """Compare a master about to be stored with its draft; a comparison that fails costs the take nothing."""
    draft = resemblance.draft_of(hand)
    if draft is None or "proxy" not in made.files:
        return
    facts = draft.facts or {}
    compared = {
        "one": _proxy((draft.files or {})["proxy"]["key"], facts),
        "other": _proxy(made.files["proxy"]["key"], made.facts),
    }
    try:
        found = runtime.media_for(claim)("compare_takes", compared)
    except StoppedError:
        raise
    except MediaProcessError as error:
        _log.warning("a master was not compared with its draft", reason=str(error))
        return
    resemblance.keep(runtime.house, hand.generation.id, similarity=found["similarity"])


def _proxy(key: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "frame_rate": facts["frame_rate"], "frame_count": facts["frame_count"]}
