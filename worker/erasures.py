"""A step of forgetting somebody."""

from collections.abc import Mapping, Sequence

from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.keeping import Copy
from plugin_backend.domain.work import Claim
from plugin_backend.services.keeping import erasure_steps, recalling
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed erasure one step on."""

    def forget(provider: str, refs: Sequence[str]) -> Mapping[str, Copy]:
        known = runtime.providers.get(provider)
        return dict.fromkeys(refs, Copy.KEPT) if known is None else known.forget(refs)

    erasure_steps.advance(runtime.house, claim, forget=forget)


def waits_for_a_provider(runtime: Runtime, claim: Claim) -> bool:
    """Whether its next step asks providers to delete: that takes seconds."""
    is_erasure = runtime.errands is not None and prefix_of(claim.subject_id) is Prefix.ERASURE
    return is_erasure and recalling.is_next(runtime.house, claim.subject_id)
