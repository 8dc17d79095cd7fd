"""A step of forgetting somebody."""

from plugin_backend.domain.work import Claim
from plugin_backend.services.keeping import erasure_steps
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed erasure one step on."""
    erasure_steps.advance(runtime.house, claim)
