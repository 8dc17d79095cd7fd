"""A generation's own step; after its end, the removal of what was deleted."""

from plugin_backend.domain.work import Claim
from plugin_backend.services.keeping import removing
from plugin_backend.services.making import advancing
from worker.reading import read_first
from worker.runtime import Runtime


def advance(runtime: Runtime, claim: Claim) -> None:
    """Take a claimed generation as far as it can go now."""
    doomed = removing.deleted_media(runtime.house, claim)
    if doomed is None:
        read_first(runtime.house, runtime.reader, claim)
        advancing.advance(runtime.house, claim)
        return
    for prefix in doomed.prefixes:
        runtime.house.storage.delete_prefix(prefix)
    removing.media_removed(runtime.house, claim, doomed)
