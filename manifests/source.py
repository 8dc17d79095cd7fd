"""The one source of every host's package: who the panel is, what it may reach, and where it may run."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import SplitResult, urlsplit

NAME: Final = "plugin-backend"
ID: Final = "org.plugin-backend.panel"
UXP_HOSTS: Final = {"premiere-pro": ("premierepro", "25.6.0"), "photoshop": ("PS", "26.8.0")}
"""By host its name in a manifest, and the oldest version whose UXP is 8.1 or newer."""
CEP_HOSTS: Final = (("AEFT", "[18.4,99.9]"), ("PPRO", "[15.4,25.9]"))
"""Hosts with CEP 11 or newer; Premiere from 25.6 on has UXP."""
CEP_RUNTIME: Final = "11.0"

_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}
_ID: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


class BuildError(ValueError):
    """A package that would not work or would ask for too much; says what to give instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What packages are rendered from, checked."""

    api: str
    storage: tuple[str, ...]
    version: str
    id: str = ID
    development: bool = False

    @classmethod
    def checked(
        cls, *, api: str, storage: Iterable[str], version: str, bundle: str = ID, development: bool = False
    ) -> Self:
        """Addresses in their plain form; BuildError for what no package should hold."""
        if not _ID.fullmatch(bundle):
            raise BuildError(
                f"{bundle!r} is no package id: small letters, digits and dots, as org.example.panel"
            )
        service = _address(api, "--api", development=development)
        return cls(
            api=service.geturl().rstrip("/"),
            storage=tuple(_origin(_address(each, "--storage", development=development)) for each in storage),
            version=_numbers(version),
            id=bundle,
            development=development,
        )

    @property
    def domains(self) -> list[str]:
        """Every origin that the panel speaks to, and nothing else."""
        return sorted({_origin(urlsplit(self.api)), *self.storage})

    @property
    def schemes(self) -> list[str]:
        """What the system browser may be asked to open: the sign-in page."""
        return ["https", "http"] if any(each.startswith("http:") for each in self.domains) else ["https"]


def _address(text: str, option: str, *, development: bool) -> SplitResult:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BuildError(f"{option} {text!r} is no address; give one such as https://api.example.com")
    if "*" in parts.netloc or parts.username is not None:
        raise BuildError(f"{option} {text!r}: a panel asks for exact hosts, without names or stars")
    if parts.query or parts.fragment:
        raise BuildError(f"{option} {text!r} is an address of one page; give the service's own")
    if parts.scheme == "http" and not (development and parts.hostname in _LOOPBACK):
        raise BuildError(
            f"{option} {text!r} must be https: tokens and media travel there, and macOS refuses http. "
            "Of this machine's own service a package is built with --development."
        )
    return parts


def _origin(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _numbers(version: str) -> str:
    """Three numbers, as every host wants them: `0.2.0.dev1` is 0.2.0."""
    numbers = re.findall(r"\d+", re.split(r"[^\d.]", version, maxsplit=1)[0])[:3]
    return ".".join([*numbers, "0", "0", "0"][:3])
