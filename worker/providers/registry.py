"""Which providers this process can reach."""

from collections.abc import Callable, Mapping
from typing import Final

from plugin_backend.config import Settings
from plugin_backend.domain.catalogue import Catalogue
from plugin_backend.files.links import open_links
from plugin_backend.services.house import House
from plugin_backend.services.opening import s3_account
from plugin_backend.settings.providers import ProviderAccount
from worker.providers.animatic import AnimaticProvider
from worker.providers.atlas import Atlas
from worker.providers.comet import Comet
from worker.providers.firefly import Firefly
from worker.providers.firefly_tokens import FireflyTokens
from worker.providers.http import Key, ProviderHttp
from worker.providers.luma import Luma
from worker.providers.luma_dream_machine import LumaDreamMachine
from worker.providers.protocol import Provider
from worker.providers.remote import RemoteProvider
from worker.providers.upstream import Upstream

Adapter = tuple[Upstream, ProviderHttp]


def open_providers(house: House, settings: Settings) -> Mapping[str, Provider]:
    """Every configured provider, by the catalogue's name for it; the embedded engine always.

    Nothing is connected until a provider is asked.
    """
    animatic = AnimaticProvider(house)
    remote = {
        name: _remote(open_adapter(name, account, house.catalogue), house=house, settings=settings)
        for name, account in settings.provider_accounts().items()
    }
    return {animatic.name: animatic, **remote}


def open_adapter(name: str, account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    """One upstream's adapter and the HTTP it is asked through."""
    return _ADAPTERS[name](account, catalogue)


def _remote(adapter: Adapter, *, house: House, settings: Settings) -> Provider:
    upstream, http = adapter
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


def _luma(account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    del catalogue
    return Luma(), ProviderHttp(account.base_url, Key(account.key))


def _atlas(account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    return Atlas(catalogue), ProviderHttp(account.base_url, Key(account.key))


def _comet(account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    del catalogue
    return Comet(), ProviderHttp(account.base_url, Key(account.key))


def _firefly(account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    del catalogue
    assert account.client_id is not None, "the settings give a client's name with its secret"
    assert account.token_url is not None, "the settings know where its tokens come from"
    tokens = FireflyTokens(
        client_id=account.client_id, client_secret=account.key, token_url=account.token_url
    )
    return Firefly(account.base_url), ProviderHttp(account.base_url, tokens, trusted=(account.token_url,))


def _luma_dream_machine(account: ProviderAccount, catalogue: Catalogue) -> Adapter:
    del catalogue
    return LumaDreamMachine(), ProviderHttp(account.base_url, Key(account.key))


_ADAPTERS: Final[Mapping[str, Callable[[ProviderAccount, Catalogue], Adapter]]] = {
    "adobe-firefly": _firefly,
    "atlas": _atlas,
    "comet": _comet,
    "luma": _luma,
    "luma-dream-machine": _luma_dream_machine,
}
