"""What a model can be given to resemble: how many, of which media types, in which roles."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from plugin_backend.domain.brief import Reference, ReferenceRole
from plugin_backend.domain.errors import FieldProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceLimits:
    """The references one model takes: so many of each kind of media, so many together."""

    most: int
    media_types: tuple[tuple[str, int], ...]
    """`image/*`, `audio/*`: how many of each."""
    roles: tuple[ReferenceRole, ...]

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Self:
        """Read a TOML table."""
        return cls(
            most=table["most"],
            media_types=tuple(table["media_types"].items()),
            roles=tuple(ReferenceRole(name) for name in table["roles"]),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "most": self.most,
            "media_types": [{"type": name, "most": most} for name, most in self.media_types],
            "roles": [role.value for role in self.roles],
        }

    def spelt(self) -> str:
        """In words: `12 references: 9 of image/*, 3 of audio/*`."""
        kinds = ", ".join(f"{most} of {name}" for name, most in self.media_types)
        return f"{self.most} references: {kinds}"

    def problems(self, references: Sequence[Reference], *, model: str) -> Iterator[FieldProblem]:
        """What can be said before the assets are looked at: too many, or in a role it does not know."""
        if len(references) > self.most:
            detail = f"{model} takes at most {self.most} references; this brief has {len(references)}."
            yield FieldProblem("/brief/references", detail)
        for index, reference in enumerate(references):
            if reference.role not in self.roles:
                roles = ", ".join(self.roles)
                detail = f"{model} takes no {reference.role} reference; use {roles}."
                yield FieldProblem(f"/brief/references/{index}/role", detail)

    def media_problems(
        self, references: Sequence[Reference], kinds: Mapping[str, str | None], *, model: str
    ) -> Iterator[FieldProblem]:
        """What the assets themselves show; `kinds` is `image`, `video` or `audio` by asset."""
        limits, seen = dict(self.media_types), Counter[str]()
        for index, reference in enumerate(references):
            name = f"{kinds.get(reference.asset_id)}/*"
            seen[name] += 1
            pointer = f"/brief/references/{index}/asset_id"
            if name not in limits:
                detail = f"{model} takes no {name} reference; it takes {self.spelt()}."
                yield FieldProblem(pointer, detail)
            elif seen[name] > limits[name]:
                yield FieldProblem(pointer, f"{model} takes at most {limits[name]} references of {name}.")
