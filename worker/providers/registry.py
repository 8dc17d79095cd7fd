"""Which providers this process can reach."""

from collections.abc import Mapping

from plugin_backend.services.house import House
from worker.providers.animatic import AnimaticProvider
from worker.providers.protocol import Provider


def open_providers(house: House) -> Mapping[str, Provider]:
    """Every configured provider, by the catalogue's name for it; the embedded engine always."""
    animatic = AnimaticProvider(house)
    return {animatic.name: animatic}
