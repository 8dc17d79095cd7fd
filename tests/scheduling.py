"""Which worker runs what: tests that share a running service, or dear files, stay together."""

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist ships no types

_TOGETHER = (
    "tests/conform/",
    "tests/ingest/",
    "tests/journeys/test_faults_",
    "tests/media/test_media_sources",
    "tests/panel/",
    "tests/production/test_runbook",
    "tests/provenance/",
)
"""Each file of these makes or starts something dear once; the calm journeys share one whole service."""


class Companions(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Hands out large groups first, then single tests as workers come free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith(_TOGETHER):
            return file
        return "tests/journeys" if file.startswith("tests/journeys/") else nodeid
