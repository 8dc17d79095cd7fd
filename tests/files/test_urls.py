"""Links to a local folder: what was signed opens, nothing else does."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.errors import ForbiddenError, GoneError, MalformedError
from plugin_backend.files.links import open_links
from plugin_backend.files.urls import UrlSigner

NOW = datetime(2026, 11, 21, 9, 41, 7, 250_000, tzinfo=UTC)
SIGNER = UrlSigner(["a secret of some length"], base_url="https://studio.example/")
KEY = "takes/take_1/proxy.mp4"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def test_a_link_opens_its_file() -> None:
    link = SIGNER.download(KEY, now=NOW)
    assert link.url.startswith(f"https://studio.example/files/{KEY}?expires=")
    SIGNER.check_download(KEY, query_of(link.url), now=NOW)


def test_a_link_is_the_same_all_hour_and_lives_two_hours_from_its_start() -> None:
    hour = NOW.replace(minute=0, second=0, microsecond=0)
    link = SIGNER.download(KEY, now=hour)
    assert link == SIGNER.download(KEY, now=hour + timedelta(minutes=59, seconds=59))
    assert link != SIGNER.download(KEY, now=hour + timedelta(hours=1))
    assert link.expires_at == hour + timedelta(hours=2)


def test_an_expired_link_is_gone() -> None:
    link = SIGNER.download(KEY, now=NOW)
    SIGNER.check_download(KEY, query_of(link.url), now=link.expires_at - timedelta(seconds=1))
    with pytest.raises(GoneError):
        SIGNER.check_download(KEY, query_of(link.url), now=link.expires_at)


def test_a_link_is_for_one_key_and_one_time() -> None:
    query = query_of(SIGNER.download(KEY, now=NOW).url)
    for key, changes in (
        ("takes/take_2/proxy.mp4", {}),
        (KEY, {"expires": str(int(query["expires"]) + 1)}),
        (KEY, {"expires": "never"}),
        (KEY, {"expires": ""}),
        (KEY, {"signature": ""}),
        (KEY, {"signature": query["signature"][:-1]}),
        (KEY, {"signature": "é" * 43}),
        ("../secrets", {}),
    ):
        with pytest.raises(ForbiddenError):
            SIGNER.check_download(key, query | changes, now=NOW)
    with pytest.raises(ForbiddenError):
        SIGNER.check_download(KEY, {}, now=NOW)


@given(st.integers(0, 42), st.characters(exclude_categories=()))
def test_no_changed_letter_of_a_signature_passes(position: int, letter: str) -> None:
    query = query_of(SIGNER.download(KEY, now=NOW).url)
    signature = query["signature"]
    changed = signature[:position] + letter + signature[position + 1 :]
    if changed != signature:
        with pytest.raises(ForbiddenError):
            SIGNER.check_download(KEY, query | {"signature": changed}, now=NOW)


def test_a_secret_can_be_exchanged_without_broken_links() -> None:
    query = query_of(SIGNER.download(KEY, now=NOW).url)
    rotated = UrlSigner(["a fresh secret", "a secret of some length"], base_url="https://studio.example")
    rotated.check_download(KEY, query, now=NOW)
    rotated.check_download(KEY, query_of(rotated.download(KEY, now=NOW).url), now=NOW)
    with pytest.raises(ForbiddenError):
        UrlSigner(["a fresh secret"], base_url="https://x").check_download(KEY, query, now=NOW)


def test_a_signer_needs_a_secret() -> None:
    for secrets in ([], [""], ["good", ""]):
        with pytest.raises(ValueError, match="secret"):
            UrlSigner(secrets, base_url="https://x")


def test_an_upload_link_takes_the_file_it_was_made_for() -> None:
    link = SIGNER.upload("assets/ast_1/frame.png", size=1234, content_type="image/png", now=NOW)
    assert (link.method, link.headers) == ("PUT", {"Content-Type": "image/png"})
    assert link.expires_at == NOW.replace(microsecond=0) + timedelta(hours=1)
    SIGNER.check_upload(
        "assets/ast_1/frame.png", query_of(link.url), content_length=1234, content_type="image/png", now=NOW
    )


@pytest.mark.parametrize(
    ("length", "kind"), [(1235, "image/png"), (None, "image/png"), (1234, "text/html"), (1234, None)]
)
def test_an_upload_of_another_size_or_type_is_refused(length: int | None, kind: str | None) -> None:
    query = query_of(SIGNER.upload(KEY, size=1234, content_type="image/png", now=NOW).url)
    with pytest.raises(MalformedError):
        SIGNER.check_upload(KEY, query, content_length=length, content_type=kind, now=NOW)


def test_an_upload_link_cannot_be_widened() -> None:
    query = query_of(SIGNER.upload(KEY, size=1234, content_type="image/png", now=NOW).url)
    for changes in (
        {"bytes": "999999"},
        {"type": "text/html"},
        {"expires": "99999999999"},
        {"bytes": "1234\nimage"},
    ):
        changed = query | changes
        with pytest.raises(ForbiddenError):
            SIGNER.check_upload(KEY, changed, content_length=999_999, content_type=changed["type"], now=NOW)


def test_an_expired_upload_link_is_gone() -> None:
    link = SIGNER.upload(KEY, size=4, content_type="image/png", now=NOW)
    with pytest.raises(GoneError):
        SIGNER.check_upload(
            KEY, query_of(link.url), content_length=4, content_type="image/png", now=link.expires_at
        )


def test_reading_and_writing_are_different_permissions() -> None:
    download = query_of(SIGNER.download(KEY, now=NOW).url)
    upload = query_of(SIGNER.upload(KEY, size=4, content_type="image/png", now=NOW).url)
    with pytest.raises(ForbiddenError):
        SIGNER.check_download(KEY, upload, now=NOW)
    with pytest.raises(ForbiddenError):
        SIGNER.check_upload(KEY, download, content_length=4, content_type="image/png", now=NOW)


@pytest.mark.parametrize("kind", ["", "image/png\nx", "image", "image/png; a=b\r\nX: y", "x" * 200])
def test_what_is_no_media_type_is_never_signed(kind: str) -> None:
    with pytest.raises(ValueError, match="media type"):
        SIGNER.upload(KEY, size=4, content_type=kind, now=NOW)


def test_a_folder_gets_our_own_links() -> None:
    links = open_links("file:///srv/media", base_url="https://studio.example", secrets=["s" * 32])
    assert links.download(KEY, now=NOW).url.startswith(f"https://studio.example/files/{KEY}?")
