"""A trace says why a take is not there yet, once for each reason."""

import pytest

from plugin_backend.domain.lifecycle import GenerationState
from tests.services.remote import RAY_32, Remote, far, settle
from tests.services.studio import Studio
from worker.providers.downloads import DownloadBrokenError
from worker.providers.protocol import InDoubt, Refused

BUSY = Refused("provider-failed", "Luma takes no more at this moment.", retryable=True, retry_after_seconds=2)
BROKEN = DownloadBrokenError("It broke off.")


@pytest.mark.parametrize(
    ("luma", "words"),
    [
        (Remote(answers=[InDoubt("reset")], hears=True, lists=True), "the answer of luma was lost"),
        (Remote(answers=[BUSY, BUSY, BUSY]), "turned away and is sent again. Luma takes no more"),
        (Remote(downloads=[BROKEN, BROKEN, BROKEN]), "made by luma; its files cannot be brought here yet"),
    ],
    ids=["in doubt", "turned away", "not fetched"],
)
def test_what_holds_a_take_up_is_said_once(studio: Studio, luma: Remote, words: str) -> None:
    studio = far(studio, luma)
    view = studio.ask(studio.person(credits_granted=100), RAY_32)

    assert settle(studio, view).generation.state is GenerationState.READY

    said = "SELECT summary FROM trace_notes WHERE generation_id = :id AND data ? 'waiting'"
    ((summary,),) = studio.rows(said, id=view.generation.id)
    assert summary.startswith("Take 1 ")
    assert words in summary
