"""The way out to addresses that somebody else named: public hosts over https, and nothing of our own network.

A transport made here resolves each name itself, refuses it when any of its addresses is not public, and then
connects to the address it checked: a second answer of the name server changes nothing. A redirect is one more
request, so it is checked like the first. The one exception is an origin that the operator configured.
"""

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import anyio
import httpcore
import httpx

MAX_REDIRECTS: Final = 3
PORTS: Final = frozenset({443, 8443})

_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5.0)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SPECIAL: Final = tuple(  # what `is_global` lets through in one Python version or another, or only wraps
    map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
            "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
            "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
            "ff00::/8",
        ),
    )
)  # fmt: skip

Resolve = Callable[[str, int], Sequence[str]]
SocketOptions = Iterable[httpcore.SOCKET_OPTION] | None


class OutboundRefusedError(Exception):
    """This address is not asked: nothing was sent to it. The text names the host, never the whole URL."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port: what an operator trusts when configuring an address."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: httpx.URL | str) -> "Origin":
        """The origin of a URL, its default port spelt out."""
        given = httpx.URL(url)
        return cls(given.scheme, given.host, given.port or _DEFAULT_PORTS.get(given.scheme, 0))


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether an address can only be somebody else's: global, and no wrapping of another address."""
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    if any(given.version == each.version and given in each for each in _SPECIAL):
        return False
    return given.is_global and not (given.is_multicast or given.is_reserved)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What may be asked: https on a usual port of a public host, or an origin of the operator's own."""

    trusted: frozenset[Origin] = frozenset()
    at_home: bool = False
    """On a developer's machine: it may be asked itself, and names nobody while it has no network."""
    ports: frozenset[int] = PORTS
    resolve: Resolve = resolved
    is_allowed: Callable[[str], bool] = is_public
    ssl_context: ssl.SSLContext | None = None

    def check(self, url: httpx.URL) -> bool:
        """Refuse what the URL alone gives away; True for an origin of the operator's own."""
        if url.userinfo or not url.host:
            raise OutboundRefusedError("An address without a host, or with a password in it, is not asked.")
        if Origin.of(url) in self.trusted or (self.at_home and url.host in _LOOPBACK):
            return True
        if url.scheme != "https":
            raise OutboundRefusedError(f"{url.host} is not asked without https.")
        if (url.port or 443) not in self.ports:
            raise OutboundRefusedError(f"{url.host} is not asked on port {url.port}.")
        return False

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where a host may be reached; one address that is not public refuses them all."""
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        if not found:
            raise httpcore.ConnectError(f"{host} has no address")
        if not all(map(self.is_allowed, found)):
            raise OutboundRefusedError(f"{host} is not a public host.")
        return found

    def client(self, *, timeout: httpx.Timeout) -> httpx.Client:
        """A client that follows a few redirects, each of them checked."""
        return httpx.Client(
            transport=GuardedTransport(self),
            timeout=timeout,
            follow_redirects=True,
            max_redirects=MAX_REDIRECTS,
            trust_env=False,
        )


class GuardedTransport(httpx.BaseTransport):
    """Asks what the guard allows; an origin of the operator's own is asked as it is."""

    def __init__(self, guard: Guard, *, limits: httpx.Limits = _LIMITS) -> None:
        context = guard.ssl_context or _ssl_context()
        self._guard = guard
        self._trusted = httpx.HTTPTransport(verify=context, trust_env=False, limits=limits)
        self._guarded = _GuardedPool(guard, context, limits)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        trusted = self._guard.check(request.url)
        return (self._trusted if trusted else self._guarded).handle_request(request)

    def close(self) -> None:
        self._trusted.close()
        self._guarded.close()


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """The same for an event loop."""

    def __init__(self, guard: Guard, *, limits: httpx.Limits = _LIMITS) -> None:
        context = guard.ssl_context or _ssl_context()
        self._guard = guard
        self._trusted = httpx.AsyncHTTPTransport(verify=context, trust_env=False, limits=limits)
        self._guarded = _AsyncGuardedPool(guard, context, limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        trusted = self._guard.check(request.url)
        return await (self._trusted if trusted else self._guarded).handle_async_request(request)

    async def aclose(self) -> None:
        await self._trusted.aclose()
        await self._guarded.aclose()


class _GuardedPool(httpx.HTTPTransport):
    """httpx's transport over a pool that connects through the guard; httpx itself offers no such argument."""

    def __init__(self, guard: Guard, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_CheckingBackend(guard),
        )


class _AsyncGuardedPool(httpx.AsyncHTTPTransport):
    def __init__(self, guard: Guard, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_AsyncCheckingBackend(guard),
        )


class _CheckingBackend(httpcore.NetworkBackend):
    """Connects to the very address that was checked; TLS still asks for the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.NetworkStream:
        *others, last = self._guard.addresses(host, port)
        for address in others:
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._plain.connect_tcp(last, port, timeout, local_address, socket_options)


class _AsyncCheckingBackend(httpcore.AsyncNetworkBackend):
    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await anyio.to_thread.run_sync(self._guard.addresses, host, port, abandon_on_cancel=True)
        *others, last = found
        for address in others:
            try:
                return await self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._plain.connect_tcp(last, port, timeout, local_address, socket_options)


@cache
def _ssl_context() -> ssl.SSLContext:
    """Reading the authorities takes a while: once for all transports of a process."""
    return httpx.create_ssl_context(trust_env=False)
