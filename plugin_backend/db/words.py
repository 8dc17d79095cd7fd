"""Looking for words: each begins one of the label's or the prompt's; and for parts of addresses.

An index finds either.
"""

import string
from collections.abc import Iterator
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    text,
)

from plugin_backend.db.tables import users
from plugin_backend.db.tables.production import WORDS

_BLANKED: Final = str.maketrans(dict.fromkeys(string.punctuation, " "))


def said(words: str) -> Iterator[ColumnElement[bool]]:
    """The condition on generations; none where nothing was typed, and nothing meets signs without a word."""
    asked = words.translate(_BLANKED).split()
    if asked:
        beginnings = " & ".join(f"'{word}':*" for word in asked)
        # Spelt out: how many rows have a word is for the planner to know.
        words_wanted: BindParameter[str] = bindparam(None, beginnings, literal_execute=True)
        yield literal_column(WORDS).op("@@")(func.to_tsquery("simple", words_wanted))
    elif words.strip():
        yield false()


def in_address(part: str) -> ColumnElement[bool]:
    """The index finds whose address has every piece of it; whether they stand together is looked at then."""
    has_pieces = func.text_grams(users.c.email).op("@>")(func.text_grams(part))
    return and_(has_pieces, users.c.email.icontains(part, autoescape=True))


def plan_for(connection: Connection, words: str | None) -> None:
    """Have what follows in this transaction planned for these words: the plan for any word reads too much."""
    if words:
        connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
