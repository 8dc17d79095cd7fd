"""Text as the formats can hold it: prompts carry anything a person or a model can type."""

import re
from typing import Final

# What XML 1.0 cannot spell even escaped; the other formats gain nothing from carrying it.
_UNSPEAKABLE: Final = re.compile("[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_ENDS: Final = re.compile("\r\n?")


def legible(text: str) -> str:
    """The text with one kind of line end and a replacement character for what no parser would accept."""
    return _UNSPEAKABLE.sub("\ufffd", _LINE_ENDS.sub("\n", text))


def one_line(text: str) -> str:
    """The text without line ends of any script, for formats where a line is a record."""
    return " ".join(legible(text).split())
