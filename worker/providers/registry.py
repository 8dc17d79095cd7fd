"""Which providers this process can reach."""

from collections.abc import Callable, Mapping
from typing import Final

from plugin_backend.config import Settings
from plugin_backend.files.links import open_links
from plugin_backend.provider_settings import ProviderAccount
from plugin_backend.services.house import House
from plugin_backend.services.opening import s3_account
from worker.providers.animatic import AnimaticProvider
from worker.providers.http import Key, ProviderHttp
from worker.providers.luma import Luma
from worker.providers.luma_dream_machine import LumaDreamMachine
from worker.providers.protocol import Provider
from worker.providers.remote import RemoteProvider
from worker.providers.upstream import Upstream

Opened = tuple[Upstream, ProviderHttp]


def open_providers(house: House, settings: Settings) -> Mapping[str, Provider]:
    """Every configured provider, by the catalogue's name for it; the embedded engine always.

    Nothing is connected until a provider is asked.
    """
    animatic = AnimaticProvider(house)
    remote = {
        name: _opened(_ADAPTERS[name](house, account), house=house, settings=settings)
        for name, account in settings.provider_accounts().items()
        if name in _ADAPTERS
    }
    return {animatic.name: animatic, **remote}


def _opened(opened: Opened, *, house: House, settings: Settings) -> Provider:
    upstream, http = opened
    signer = open_links(
        settings.storage_url,
        base_url=settings.public_url,
        secrets=(settings.secret_key, *settings.secret_key_previous),
        account=s3_account(settings),
    )

    def link(key: str) -> str:
        with house.begin() as work:
            return signer.download(key, now=work.now).url

    return RemoteProvider(
        upstream,
        http,
        storage=house.storage,
        links=link,
        callbacks=lambda token: f"{settings.public_url}/v1/hooks/{upstream.name}/{token}",
        labels=lambda model: house.catalogue.model(model).label,
    )


def _luma(house: House, account: ProviderAccount) -> Opened:
    del house
    return Luma(), ProviderHttp(account.base_url, Key(account.key))


def _luma_dream_machine(house: House, account: ProviderAccount) -> Opened:
    del house
    return LumaDreamMachine(), ProviderHttp(account.base_url, Key(account.key))


_ADAPTERS: Final[Mapping[str, Callable[[House, ProviderAccount], Opened]]] = {
    "luma": _luma,
    "luma-dream-machine": _luma_dream_machine,
}
