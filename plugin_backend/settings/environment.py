"""Reads variables one by one and keeps every problem, so that a person fixes them all in one go."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlsplit

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_Choice = TypeVar("_Choice", bound=StrEnum)
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class SettingsError(Exception):
    """The environment cannot be run with; one line for each variable, with the way out."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        lines = "\n".join(f"  {name}: {problem}" for name, problem in self.problems.items())
        super().__init__(f"{len(self.problems)} setting(s) need attention (docs/configuration.md):\n{lines}")


class EnvironmentReader:
    """Answers with a value of the right type even when there is a problem; `finish` raises what was found."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: dict[str, str] = {}

    def problem(self, name: str, sentence: str) -> None:
        """Note what is wrong; the first problem of a variable is the one worth reading."""
        self._problems.setdefault(name, sentence)

    def finish(self) -> None:
        """Raise everything found so far, or nothing."""
        if self._problems:
            raise SettingsError(self._problems)

    def optional(self, name: str) -> str | None:
        """The text, or None; blank counts as absent, as platforms' forms make it."""
        return self._environ.get(name, "").strip() or None

    def address(self, name: str, example: str) -> str | None:
        """An HTTP address without its last slash, or None; one that is not, or holds a user, is a problem."""
        given = self.optional(name)
        if given is None:
            return None
        try:
            parts = urlsplit(given)
            is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
            assert parts.port is None or parts.port > 0
        except (ValueError, AssertionError):
            is_usable = False
        if not is_usable:
            self.problem(name, f"must be an address such as {example}")
            return None
        return given.rstrip("/")

    def required(self, name: str, example: str) -> str:
        """The text; absent is a problem."""
        given = self.optional(name)
        if given is None:
            self.problem(name, f"is missing; set it to {example}")
        return given or ""

    def required_too(self, name: str, other: str, because: str) -> None:
        """Absent is a problem because of what another variable says."""
        if self.optional(name) is None:
            self.problem(name, f"is missing; {other} names {because}, which cannot be opened without it")

    def parsed(self, name: str, parse: Callable[[str], str]) -> str:
        """The text as `parse` makes it; what `parse` says in a ValueError is the problem."""
        try:
            return parse(self.optional(name) or "")
        except ValueError as error:
            self.problem(name, str(error))
            return ""

    def secret(self, name: str, *, least: int) -> str:
        """A secret long enough that guessing it is hopeless; there is no default on purpose."""
        given = self.required(
            name, f"at least {least} random characters: `openssl rand -hex {least}` makes one"
        )
        if given and len(given) < least:
            self.problem(
                name,
                f"is {len(given)} characters long, at least {least} are needed: `openssl rand -hex {least}`",
            )
        return given

    def listed(self, name: str) -> tuple[str, ...]:
        """Comma-separated texts."""
        return tuple(part.strip() for part in (self.optional(name) or "").split(",") if part.strip())

    def flag(self, name: str) -> bool:
        """Yes or no; absent is no."""
        given = (self.optional(name) or "0").lower()
        if given not in _TRUE + _FALSE:
            self.problem(name, f"is {given!r}; write 1 or 0")
        return given in _TRUE

    def integer(self, name: str, *, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        given = self.optional(name)
        if given is None:
            return default
        if not (given.isascii() and given.isdigit()) or not least <= int(given) <= most:
            self.problem(name, f"is {given!r}; write a whole number from {least} to {most}")
            return default
        return int(given)

    def choice(self, name: str, choices: type[_Choice], *, default: _Choice) -> _Choice:
        """One of an enumeration's words."""
        given = self.optional(name)
        if given is None:
            return default
        try:
            return choices(given.lower())
        except ValueError:
            self.problem(name, f"is {given!r}; write {' or '.join(choices)}")
            return default
