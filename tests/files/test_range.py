import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.files.range import ByteRange, RangeNotSatisfiableError, parse_range, range_applies


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", "bytes 0-0/100"),
        ("bytes=0-", "bytes 0-99/100"),
        ("bytes=10-19", "bytes 10-19/100"),
        ("bytes=90-500", "bytes 90-99/100"),
        ("bytes=99-", "bytes 99-99/100"),
        ("bytes=-1", "bytes 99-99/100"),
        ("bytes=-500", "bytes 0-99/100"),
        ("Bytes = 5 - 6", "bytes 5-6/100"),
    ],
)
def test_one_range_is_honoured(header: str, expected: str) -> None:
    found = parse_range(header, size=100)
    assert found is not None
    assert found.content_range == expected


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "lines=0-5",
        "bytes=0-1,5-6",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=0x1-2",
        "bytes=" + "9" * 5_000 + "-",
        "bytes=٣-٤",
    ],
)
def test_anything_else_means_the_whole_file(header: str | None) -> None:
    assert parse_range(header, size=100) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=100-200", 100), ("bytes=-0", 100), ("bytes=0-", 0)]
)
def test_a_range_beyond_the_file_is_not_satisfiable(header: str, size: int) -> None:
    with pytest.raises(RangeNotSatisfiableError) as refusal:
        parse_range(header, size=size)
    assert refusal.value.content_range == f"bytes */{size}"


def test_the_end_of_an_empty_file_is_the_whole_of_it() -> None:
    assert parse_range("bytes=-5", size=0) is None


@given(st.binary(max_size=60), st.integers(0, 80), st.integers(0, 80))
def test_a_range_always_lies_inside_the_file(data: bytes, first: int, last: int) -> None:
    try:
        found = parse_range(f"bytes={first}-{last}", size=len(data))
    except RangeNotSatisfiableError:
        assert first >= len(data)
        return
    if found is None:
        assert last < first
        return
    assert found.length > 0
    assert data[found.start : found.start + found.length] == data[first : last + 1]


@given(st.text(max_size=40), st.integers(0, 10))
def test_no_header_breaks_the_parser(header: str, size: int) -> None:
    try:
        found = parse_range(header, size=size)
    except RangeNotSatisfiableError:
        return
    assert found is None or isinstance(found, ByteRange)


def test_if_range_counts_only_with_the_same_strong_etag() -> None:
    assert range_applies(None, etag='"a"')
    assert range_applies('"a"', etag='"a"')
    assert not range_applies('"b"', etag='"a"')
    assert not range_applies('W/"a"', etag='W/"a"')
    assert not range_applies("Wed, 21 Oct 2026 07:28:00 GMT", etag='"a"')
