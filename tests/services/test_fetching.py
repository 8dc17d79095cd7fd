"""Downloads: what was made is brought here however long that takes, and is never made again for it."""

from datetime import timedelta

import httpx
import pytest

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.lifecycle import GenerationState, TakeState
from plugin_backend.services import endings
from plugin_backend.services.making.taking import FETCHED_WITHIN
from tests.services.remote import PRICE, RAY_32, Remote, exposed, far, settle, work_off
from tests.services.studio import Studio
from worker.providers.downloads import DownloadBrokenError
from worker.providers.protocol import Broken, ExpiredError, FetchRefusedError

pytestmark = pytest.mark.slow


def _run(studio: Studio, luma: Remote) -> tuple[Studio, Caller, GenerationView]:
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    return studio, caller, settle(studio, studio.ask(caller, RAY_32))


@pytest.mark.parametrize(
    "trouble", [DownloadBrokenError("It is shorter than it said."), httpx.ConnectError("no"), OSError("full")]
)
def test_a_download_that_failed_is_downloaded_again_and_nothing_is_generated_again(
    studio: Studio, trouble: Exception
) -> None:
    luma = Remote(downloads=[trouble] * 20)
    studio, caller, view = _run(studio, luma)

    assert view.generation.state is GenerationState.READY
    assert len(luma.posts) == 1
    assert studio.balance(caller) == (100 - PRICE, 0)


def test_it_is_tried_for_hours_with_longer_pauses_and_then_costs_nothing(studio: Studio) -> None:
    luma = Remote(downloads=[DownloadBrokenError("It broke off.")] * 1000)
    began = studio.clock.moment
    studio, caller, view = _run(studio, luma)

    assert FETCHED_WITHIN <= studio.clock.moment - began <= FETCHED_WITHIN + timedelta(hours=1)
    assert 1000 - len(luma.downloads) < 100
    assert view.generation.failure is not None
    assert view.generation.failure["slug"] == "timed-out"
    assert "It broke off." in view.generation.failure["detail"]
    assert len(luma.posts) == 1
    assert studio.balance(caller) == (100, 0)
    assert exposed(studio) == [("luma-1", PRICE)]


def test_an_address_that_has_expired_is_asked_for_afresh(studio: Studio) -> None:
    luma = Remote(downloads=[ExpiredError("HTTP 403")])
    studio, _, view = _run(studio, luma)

    (take,) = view.takes
    assert take.state is TakeState.STORED
    assert take.fetched is not None
    assert take.fetched["files"][0]["from"].endswith("?look=2")
    assert len(luma.posts) == 1


def test_addresses_that_expire_at_once_are_not_asked_for_in_a_circle(studio: Studio) -> None:
    luma = Remote(downloads=[ExpiredError("HTTP 403")] * 1000)
    studio, caller, view = _run(studio, luma)

    assert luma.looks < 200
    assert view.takes[0].state is TakeState.FAILED
    assert studio.balance(caller) == (100, 0)


def test_what_must_not_be_fetched_ends_the_take_free_and_is_an_exposure(studio: Studio) -> None:
    refusal = FetchRefusedError("provider-failed", "The provider's file lies where nothing is fetched from.")
    studio, caller, view = _run(studio, Remote(downloads=[refusal]))

    assert view.generation.failure is not None
    assert view.generation.failure["detail"] == refusal.detail
    assert studio.balance(caller) == (100, 0)
    assert exposed(studio) == [("luma-1", PRICE)]


def test_a_page_instead_of_a_film_is_a_bad_minute_before_it_is_the_end(studio: Studio) -> None:
    page = FetchRefusedError("provider-failed", "The provider sent a web page.", passing=True)
    luma = Remote(downloads=[page] * 3)
    studio, caller, view = _run(studio, luma)

    assert view.generation.state is GenerationState.READY
    assert len(luma.posts) == 1
    assert studio.balance(caller) == (100 - PRICE, 0)

    luma.downloads = [page] * 100
    again = settle(studio, studio.ask(caller, RAY_32))
    assert again.generation.failure is not None
    assert again.generation.failure["detail"] == page.detail
    assert len(luma.downloads) > 90
    assert studio.balance(caller) == (100 - PRICE, 0)


def test_a_file_that_is_no_film_ends_the_take_free_without_another_submission(studio: Studio) -> None:
    luma = Remote(stores=[FetchRefusedError("provider-failed", "It holds no picture.")])
    studio, caller, view = _run(studio, luma)

    assert view.takes[0].state is TakeState.FAILED
    assert len(luma.posts) == 1
    assert studio.balance(caller) == (100, 0)
    assert exposed(studio) == [("luma-1", PRICE)]


def test_a_storage_that_is_away_while_a_take_is_stored_is_waited_for(studio: Studio) -> None:
    luma = Remote(stores=[OSError("storage away")] * 12)
    studio, caller, view = _run(studio, luma)

    assert view.takes[0].state is TakeState.STORED
    assert len(luma.posts) == 1
    assert studio.balance(caller) == (100 - PRICE, 0)


def test_a_provider_that_has_lost_what_it_made_says_so_in_its_own_words(studio: Studio) -> None:
    luma = Remote(downloads=[ExpiredError("HTTP 404")])
    luma.looked = lambda: setattr(luma, "fate", Broken("provider-failed", "luma lost it: output_not_found"))
    studio, caller, view = _run(studio, luma)

    assert view.generation.failure is not None
    assert "output_not_found" in view.generation.failure["detail"]
    assert studio.balance(caller) == (100, 0)


def test_a_cancel_after_it_was_made_keeps_it_and_charges_it(studio: Studio) -> None:
    luma = Remote(downloads=[DownloadBrokenError("It broke off.")] * 3)
    studio = far(studio, luma)
    caller = studio.person(credits_granted=100)
    view = studio.ask(caller, RAY_32)
    for _ in range(50):
        work_off(studio)
        if studio.see(view.generation.id).takes[0].state is TakeState.RENDERED:
            break
        studio.clock.turn(timedelta(seconds=5))

    told = endings.cancel(studio.house, caller, view.generation.id).cancellation
    found = settle(studio, view)

    assert told is not None
    assert (told["stage"], told["charged"]) == ("made", True)
    assert found.generation.state is GenerationState.CANCELLED
    assert found.takes[0].state is TakeState.STORED
    assert studio.balance(caller) == (100 - PRICE, 0)
