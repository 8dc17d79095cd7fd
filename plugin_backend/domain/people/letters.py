"""Letters: what we write to people, as plain text and as simple HTML that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any, Final, Self

from plugin_backend.domain.people.addresses import is_address

LONGEST_SUBJECT: Final = 150
LONGEST_TEXT: Final = 64_000


class LetterProblemError(ValueError):
    """This letter cannot be sent as it is; the text says why and holds nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """To one person; it may hold a link that opens something, so nothing of it is logged."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)

    def __post_init__(self) -> None:
        if not is_address(self.to):
            raise LetterProblemError("It is not addressed to anybody we could write to.")
        if not self.subject.isprintable() or not 1 <= len(self.subject) <= LONGEST_SUBJECT:
            raise LetterProblemError("Its subject is not one line of a usual length.")
        if max(len(self.text), len(self.html)) > LONGEST_TEXT:
            raise LetterProblemError("It is too long.")

    def to_json(self) -> dict[str, Any]:
        """As it is kept until it is sent."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """The other way round."""
        return cls(**kept)


def write(
    *, to: str, subject: str, paragraphs: Sequence[str], link: str | None = None, label: str = ""
) -> Letter:
    """A letter of paragraphs, and perhaps one link with what it does; words that come in are only words."""
    shown = [" ".join(each.split()) for each in paragraphs]
    lines = [*shown, *([] if link is None else [f"{label}:\n{link}"])]
    marked = [f"<p>{escape(each)}</p>" for each in shown]
    if link is not None:
        marked.append(f'<p><a href="{escape(link)}">{escape(label)}</a></p><p>{escape(link)}</p>')
    body = "\n".join(marked)
    html = f'<!doctype html>\n<html lang="en"><body>\n{body}\n</body></html>\n'
    return Letter(to=to, subject=" ".join(subject.split()), text="\n\n".join(lines) + "\n", html=html)
