"""The way out: public hosts over https only, whatever a name resolves to, twice or in disguise."""

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio
import httpx
import pytest

from plugin_backend.outbound import (
    AsyncGuardedTransport,
    Guard,
    GuardedTransport,
    Origin,
    OutboundRefusedError,
    is_public,
)
from tests.outbound_doors import Names, certificate_for, listening

NAME = "files.example"
METADATA = "http://169.254.169.254/latest/meta-data/"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_for(NAME, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_side(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def _get(guard: Guard, url: str) -> httpx.Response:
    with guard.client(timeout=httpx.Timeout(5)) as client:
        return client.get(url)


def _get_on_a_loop(guard: Guard, url: str) -> httpx.Response:
    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=AsyncGuardedTransport(guard)) as client:
            return await client.get(url)

    return anyio.run(get)


GETS = pytest.mark.parametrize("get", [_get, _get_on_a_loop], ids=["blocking", "on a loop"])


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104 - an address that must be refused
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:8.8.8.8",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%lo",
        "fec0::1",
        "ff02::1",
        "localhost",
        "",
    ],
)
def test_an_address_that_may_be_ours_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "100.128.0.1", "2606:2800:220:1::1"])
def test_an_address_of_the_world_is_public(address: str) -> None:
    assert is_public(address)


@GETS
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"],  # noqa: S104 - must be refused
)
def test_our_own_machine_is_not_asked_however_it_is_written(
    get: Callable[[Guard, str], httpx.Response], host: str
) -> None:
    with listening() as ours:
        guard = Guard(ports=frozenset({ours.port}))

        with pytest.raises(OutboundRefusedError):
            get(guard, f"https://{host}:{ours.port}/")

        assert ours.asked == []


@GETS
@pytest.mark.parametrize("answer", [["10.0.0.7"], ["8.8.8.8", "10.0.0.7"], ["::1"], ["64:ff9b::a00:7"]])
def test_a_name_with_any_address_that_is_not_public_is_refused(
    get: Callable[[Guard, str], httpx.Response], answer: list[str]
) -> None:
    with pytest.raises(OutboundRefusedError, match="not a public host"):
        get(Guard(resolve=Names(answer)), f"https://{NAME}/")


@GETS
def test_the_address_that_was_checked_is_the_one_connected_to(
    get: Callable[[Guard, str], httpx.Response], server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    with listening("127.0.0.2", context=server_side) as theirs:
        rebinding = Names(["127.0.0.2"], ["127.0.0.1"])
        guard = Guard(
            ports=frozenset({theirs.port}),
            resolve=rebinding,
            is_allowed=lambda address: address == "127.0.0.2",
            ssl_context=client_side,
        )

        assert get(guard, f"https://{NAME}:{theirs.port}/a").text == "ok"
        assert (rebinding.asked, theirs.asked) == (1, ["/a"])

        with pytest.raises(OutboundRefusedError):
            get(
                guard, f"https://{NAME}:{theirs.port}/b"
            )  # a new connection asks again, and is told otherwise

        assert theirs.asked == ["/a"]


@GETS
def test_of_several_addresses_the_next_is_tried(
    get: Callable[[Guard, str], httpx.Response], server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    with listening("127.0.0.2", context=server_side) as theirs:
        guard = Guard(
            ports=frozenset({theirs.port}),
            resolve=Names(["127.0.0.3", "127.0.0.2"]),
            is_allowed=lambda address: address.startswith("127.0.0."),
            ssl_context=client_side,
        )

        assert get(guard, f"https://{NAME}:{theirs.port}/").text == "ok"


@GETS
def test_a_certificate_of_another_name_is_not_believed(
    get: Callable[[Guard, str], httpx.Response], server_side: ssl.SSLContext, client_side: ssl.SSLContext
) -> None:
    with listening(context=server_side) as theirs:
        guard = Guard(
            ports=frozenset({theirs.port}),
            resolve=Names(["127.0.0.1"]),
            is_allowed=lambda _address: True,
            ssl_context=client_side,
        )

        with pytest.raises(httpx.ConnectError):
            get(guard, f"https://other.example:{theirs.port}/")

        assert theirs.asked == []


@GETS
@pytest.mark.parametrize(
    "url",
    [
        METADATA,
        "http://8.8.8.8/",
        "https://8.8.8.8:22/",
        "https://8.8.8.8:5432/",
        "https://name:word@8.8.8.8/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
    ],
)
def test_what_the_url_alone_gives_away_is_refused(
    get: Callable[[Guard, str], httpx.Response], url: str
) -> None:
    names = Names(["8.8.8.8"])

    with pytest.raises(OutboundRefusedError):
        get(Guard(resolve=names), url)

    assert names.asked == 0


def test_a_refusal_names_the_host_and_no_secret_of_the_url() -> None:
    with pytest.raises(OutboundRefusedError) as caught:
        _get(Guard(resolve=Names(["10.0.0.1"])), f"https://{NAME}/take.mp4?Signature=c4n4ry")

    assert NAME in str(caught.value)
    assert "c4n4ry" not in str(caught.value)


@GETS
def test_an_origin_of_the_operators_own_is_asked_and_nothing_beside_it(
    get: Callable[[Guard, str], httpx.Response],
) -> None:
    with listening() as ours, listening() as neighbour:
        guard = Guard(
            trusted=frozenset({Origin.of(f"http://127.0.0.1:{ours.port}/v1")}),
            ports=frozenset({ours.port, neighbour.port}),
        )

        assert get(guard, f"http://127.0.0.1:{ours.port}/v1/x").text == "ok"
        for url in (
            f"http://127.0.0.1:{neighbour.port}/",
            f"https://127.0.0.1:{ours.port}/",
            f"http://localhost:{ours.port}/",
        ):
            with pytest.raises(OutboundRefusedError):
                get(guard, url)

        assert neighbour.asked == []


@pytest.mark.parametrize("inside", [METADATA, "https://169.254.169.254/", "https://10.0.0.1/x"])
def test_a_redirect_into_a_network_is_refused(inside: str) -> None:
    with listening() as ours:
        ours.leads_to = lambda _path: inside
        guard = Guard(trusted=frozenset({Origin.of(f"http://127.0.0.1:{ours.port}")}))

        with pytest.raises(OutboundRefusedError):
            _get(guard, f"http://127.0.0.1:{ours.port}/take.mp4")

        assert ours.asked == ["/take.mp4"]


def test_three_redirects_are_followed_and_no_fourth() -> None:
    with listening() as ours:
        guard = Guard(trusted=frozenset({Origin.of(f"http://127.0.0.1:{ours.port}")}))
        ours.leads_to = {"/3": "/2", "/2": "/1", "/1": "/0", "/4": "/3"}.get

        assert _get(guard, f"http://127.0.0.1:{ours.port}/3").text == "ok"
        with pytest.raises(httpx.TooManyRedirects):
            _get(guard, f"http://127.0.0.1:{ours.port}/4")


@GETS
def test_a_name_that_nobody_knows_is_a_connection_that_failed(
    get: Callable[[Guard, str], httpx.Response],
) -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(f"{host}:{port}")

    with pytest.raises(httpx.ConnectError):
        get(Guard(resolve=unknown), f"https://{NAME}/")


def test_a_guarded_transport_can_be_used_as_it_is() -> None:
    with httpx.Client(transport=GuardedTransport(Guard())) as client, pytest.raises(OutboundRefusedError):
        client.get(METADATA)
