"""Tables as spreadsheets save them, and what is wrong with others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin_backend.domain.callers import Role
from plugin_backend.domain.errors import BackendError, MalformedError, ValidationFailedError
from plugin_backend.domain.people.seats import MOST_LINES, Seat, read_seats

PLAIN = "email,role,draft_limit_per_day,reason\none@example.com,viewer,5,Trial\n"


def pointers(table: str) -> list[str]:
    with pytest.raises(ValidationFailedError) as refused:
        read_seats(table.encode())
    return [problem.pointer for problem in refused.value.problems]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("Trial", '"Trial"').encode(),
        PLAIN.replace("email", " E-Mail ".replace("-", "")).encode(),
        (PLAIN + "\n,,,\n").encode(),
    ],
    ids=["plain", "BOM", "CRLF", "semicolons", "tabs", "quoted", "capitals", "empty lines"],
)
def test_a_table_is_read_however_a_spreadsheet_saves_it(data: bytes) -> None:
    assert read_seats(data) == (
        Seat(
            line=2,
            email="one@example.com",
            role=Role.VIEWER,
            plan=None,
            limits={"draft_limit_per_day": 5},
            credits=0,
            reason="Trial",
        ),
    )


def test_a_cell_may_hold_delimiters_quotes_and_lines() -> None:
    table = 'email;reason;credits\n"a@example.com";"For ""A"";\nand B";10\nb@example.com;;\n'
    first, second = read_seats(table.encode())
    assert (first.line, first.reason, first.credits) == (2, 'For "A";\nand B', 10)
    assert (second.line, second.reason, second.limits) == (4, None, {})


def test_a_limit_goes_back_to_the_plan() -> None:
    (seat,) = read_seats(b"email,draft_limit_per_day,max_concurrent,reason\na@b.example,plan,plan,As usual\n")
    assert seat.limits == {"draft_limit_per_day": None, "max_concurrent": None}


def test_every_cell_that_will_not_do_is_named() -> None:
    table = (
        "email,role,draft_limit_per_day,max_concurrent,credits,reason\n"
        "nobody@studio,king,-1,0,plan,why\n"
        "a@example.com,editor,,,,\n"
        "A@example.com,,,,5,\n"
        "b@example.com,editor,,,,,more\n"
    )
    assert pointers(table) == [
        *("/lines/2/email", "/lines/2/role", "/lines/2/draft_limit_per_day"),
        *("/lines/2/max_concurrent", "/lines/2/credits"),
        *("/lines/4/reason", "/lines/4/email"),
        "/lines/5",
    ]


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ("", ["/lines/1"]),
        ("name\nx\n", ["/lines/1/name", "/lines/1/email"]),
        ("email,email\na@b,c@d\n", ["/lines/1/email"]),
        ("email\n" + "".join(f"{n}@b.example\n" for n in range(MOST_LINES + 1)), ["/lines"]),
    ],
)
def test_a_table_has_known_columns_and_not_too_many_lines(table: str, named: list[str]) -> None:
    assert pointers(table) == named


@pytest.mark.parametrize("data", [b"email\n\xff@b\n", b"email\n\0@b\n", b'email\n"a@b\n'])
def test_what_is_no_table_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read_seats(data)


@given(st.binary(max_size=60) | st.text('email,;\t"\n\rab@1', max_size=60).map(str.encode))
def test_whatever_is_sent_is_read_or_refused(data: bytes) -> None:
    try:
        seats = read_seats(data)
    except BackendError:
        return
    assert all("@" in seat.email for seat in seats)
