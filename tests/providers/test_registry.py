"""What a worker can reach: the providers whose keys are set, with links and callbacks that lead to us."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from plugin_backend.app import create_app
from plugin_backend.config import Settings
from plugin_backend.domain.catalogue import ANIMATIC, Catalogue
from plugin_backend.files.links import open_links
from plugin_backend.services.house import House
from plugin_backend.services.opening import open_house
from tests.fakes.conduct import Conduct
from tests.fakes.luma_dream_machine import LumaDreamMachine
from tests.providers.contract import KEY, SUBJECTS, Rig
from tests.providers.inputs import keyframes
from worker.providers.protocol import Accepted, Provider
from worker.providers.registry import open_providers
from worker.providers.remote import RemoteProvider

KEYS: dict[str, Any] = {
    "luma_api_key": KEY,
    "luma_dream_machine_api_key": KEY,
    "atlas_api_key": KEY,
    "comet_api_key": KEY,
    "firefly_client_id": "client",
    "firefly_client_secret": KEY,
}


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[House, Mapping[str, Provider]]]:
    house = open_house(settings)
    providers = open_providers(house, settings)
    try:
        yield house, providers
    finally:
        for provider in providers.values():
            if isinstance(provider, RemoteProvider):
                provider.close()
        house.engine.dispose()


def test_without_a_key_there_is_the_embedded_engine_only(settings: Settings) -> None:
    with _opened(settings) as (house, providers):
        assert list(providers) == [ANIMATIC]
        assert house.configured_providers == frozenset()


def test_every_model_of_the_catalogue_can_be_reached_once_all_keys_are_set(settings: Settings) -> None:
    with _opened(replace(settings, **KEYS)) as (house, providers):
        needed = {model.provider for model in Catalogue.load().models if model.retired is None}

        assert providers.keys() == needed
        assert house.configured_providers == needed - {ANIMATIC}
        assert {name for name, each in providers.items() if each.is_remote} == needed - {ANIMATIC}
        assert all(name == each.name for name, each in providers.items())
        assert house.provider_limits["adobe-firefly"].requests_per_minute == 4


def test_every_provider_is_held_to_the_contract(settings: Settings) -> None:
    with _opened(replace(settings, **KEYS)) as (house, _):
        assert {subject.name for subject in SUBJECTS} == house.configured_providers


def test_links_open_our_files_and_callbacks_reach_our_door(settings: Settings) -> None:
    subject = next(subject for subject in SUBJECTS if subject.name == "luma-dream-machine")
    with LumaDreamMachine(Conduct(key=KEY, fetches_inputs=False)) as simulator:
        ours = replace(settings, luma_dream_machine_api_key=KEY, luma_dream_machine_base_url=simulator.url)
        with _opened(ours) as (house, providers):
            provider = providers[subject.name]
            assert isinstance(provider, RemoteProvider)
            rig = Rig(subject=subject, simulator=simulator, provider=provider, storage=house.storage)
            shot = rig.shot(**keyframes(house.storage, 0))
            assert isinstance(provider.submit(shot), Accepted)
            (job,) = simulator.jobs.everything()
            link = urlsplit(job.body["keyframes"]["frame0"]["url"])
            with house.begin() as work:
                now = work.now

            signer = open_links(ours.storage_url, base_url=ours.public_url, secrets=(ours.secret_key,))
            key = link.path.removeprefix("/files/")
            signer.check_download(key, dict(parse_qsl(link.query)), now=now)  # type: ignore[attr-defined]  # a folder's signer has it
            assert house.storage.exists(key)

            told = create_app(ours, house).test_client().post(urlsplit(job.callback_url or "").path)
            assert told.status_code in (200, 204)


@pytest.mark.parametrize("name", ["luma_api_key", "firefly_client_secret"])
def test_an_opened_provider_does_not_show_its_key(settings: Settings, name: str) -> None:
    changes: dict[str, Any] = {name: KEY} | ({"firefly_client_id": "client"} if "firefly" in name else {})
    with _opened(replace(settings, **changes)) as (house, providers):
        assert KEY not in repr(providers) + repr(house)
