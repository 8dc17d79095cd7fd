"""Looks: what all shots of a project or storyboard share, beside the words of each brief."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final, Self

from plugin_backend.domain.brief import GenerationRequest, Reference, ReferenceRole
from plugin_backend.domain.capabilities import capability_problems
from plugin_backend.domain.catalogue import Model
from plugin_backend.domain.direction.directives import Directive, DirectiveKind, DirectiveSource
from plugin_backend.domain.errors import FieldProblem
from plugin_backend.domain.validation import MAX_REFERENCES as MAX_BRIEF_REFERENCES

MAX_REFERENCES: Final = 16
MAX_COLOURS: Final = 8
MAX_WORDS: Final = 12
MAX_CHARACTERS: Final = 80

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_NEGATION: Final = re.compile(r"(?:no|not|without|avoid|never)\s+(?:any\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LookReference:
    """A picture that every shot is to resemble, under the name that people here call it by."""

    asset_id: str
    role: ReferenceRole
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """References, colours (`#rrggbb`), words of style and light, and what must not be seen."""

    references: tuple[LookReference, ...] = ()
    palette: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    light: tuple[str, ...] = ()
    exclusions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """Of a look that a generation wears: what of it the shot goes without, and why."""

    def __bool__(self) -> bool:
        """Whether it says anything."""
        return any((self.references, self.palette, self.style, self.light, self.exclusions))

    def over(self, under: "Look") -> "Look":
        """This look before another: its colours, style and light replace the other's, the rest adds up."""
        mine = {each.asset_id for each in self.references}
        shared = tuple(each for each in under.references if each.asset_id not in mine)
        return Look(
            references=self.references + shared,
            palette=self.palette or under.palette,
            style=self.style or under.style,
            light=self.light or under.light,
            exclusions=tuple(dict.fromkeys((*self.exclusions, *under.exclusions))),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "references": [
                {"asset_id": each.asset_id, "role": each.role.value, "name": each.name}
                for each in self.references
            ],
            "palette": list(self.palette),
            "style": list(self.style),
            "light": list(self.light),
            "exclusions": list(self.exclusions),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(
            references=tuple(
                LookReference(each["asset_id"], ReferenceRole(each["role"]), each["name"])
                for each in data["references"]
            ),
            palette=tuple(data["palette"]),
            style=tuple(data["style"]),
            light=tuple(data["light"]),
            exclusions=tuple(data["exclusions"]),
            notes=tuple(data.get("notes", ())),
        )


def look_problems(look: Look, *, pointer: str = "/look") -> Iterator[FieldProblem]:
    """What no look may say, each with its JSON pointer."""
    yield from _many(look.references, f"{pointer}/references", most=MAX_REFERENCES)
    yield from _many(look.palette, f"{pointer}/palette", most=MAX_COLOURS)
    for index, colour in enumerate(look.palette):
        if _COLOUR.fullmatch(colour) is None:
            yield FieldProblem(f"{pointer}/palette/{index}", "Write a colour as #rrggbb, in small letters.")
    named = [each.asset_id for each in look.references]
    for index, asset_id in enumerate(named):
        if asset_id in named[:index]:
            yield FieldProblem(f"{pointer}/references/{index}/asset_id", "This reference is here already.")
    for name in ("style", "light", "exclusions"):
        words: tuple[str, ...] = getattr(look, name)
        yield from _many(words, f"{pointer}/{name}", most=MAX_WORDS)
        for index, each in enumerate(words):
            if not each.strip() or len(each) > MAX_CHARACTERS:
                detail = f"Give 1 to {MAX_CHARACTERS} characters."
                yield FieldProblem(f"{pointer}/{name}/{index}", detail)


def directives_of_look(look: Look, duration: Fraction) -> tuple[Directive, ...]:
    """What a look asks of the whole shot; its references are pictures and are given as such."""
    return tuple(
        Directive(source=DirectiveSource.LOOK, to_seconds=duration, **each) for each in _instructions(look)
    )


def dressed(
    request: GenerationRequest, look: Look, model: Model, kinds: Mapping[str, str | None]
) -> GenerationRequest:
    """The request with its look, and as many of its references as the model takes; the words stay.

    `kinds` is `image`, `video` or `audio` by asset, of the brief's own references too; an asset that it
    does not name cannot be used. What is left out is noted in the look.
    """
    notes: list[str] = []
    for each in look.references:
        if each.asset_id in request.brief.asset_ids():
            continue
        wider = _with_reference(request, Reference(each.asset_id, each.role))
        why = _why_not(request, wider, each, model, kinds)
        if why is None:
            request = wider
        else:
            notes.append(f"{each.name or each.asset_id} is left out: {why}")
    return replace(request, look=replace(look, notes=tuple(notes)).to_json())


def _with_reference(request: GenerationRequest, reference: Reference) -> GenerationRequest:
    brief = request.brief
    return replace(request, brief=replace(brief, references=(*brief.references, reference)))


def _why_not(
    request: GenerationRequest,
    wider: GenerationRequest,
    reference: LookReference,
    model: Model,
    kinds: Mapping[str, str | None],
) -> str | None:
    """Why the model cannot be given one more; what is wrong without it is not the look's affair."""
    if reference.asset_id not in kinds:
        return "it is not there, or not checked yet."
    if len(wider.brief.references) > MAX_BRIEF_REFERENCES:
        return f"a brief has at most {MAX_BRIEF_REFERENCES} references."
    known = {problem.detail for problem in capability_problems(request, model)}
    new = [each.detail for each in capability_problems(wider, model) if each.detail not in known]
    if not new and model.references is not None:
        new += [
            each.detail
            for each in model.references.media_problems(wider.brief.references, kinds, model=model.id)
        ]
    return new[0] if new else None


def excluded(words: str) -> str:
    """What an exclusion is about: `lens flare` of `no lens flare`."""
    return _NEGATION.sub("", words.strip(), count=1) if _NEGATION.match(words.strip()) else words.strip()


def _instructions(look: Look) -> Iterator[dict[str, Any]]:
    if look.palette:
        yield _light("look-palette", f"in the colours {', '.join(look.palette)}", look.palette)
    if look.style:
        yield _light("look-style", f"in the style of {', '.join(look.style)}", look.style)
    if look.light:
        yield _light("look-light", f"lit by {', '.join(look.light)}", look.light)
    for number, words in enumerate(look.exclusions, 1):
        about = excluded(words)
        yield {
            "id": f"look-avoid-{number}",
            "kind": DirectiveKind.AVOID,
            "says": f"no {about}",
            "about": about,
        }


def _light(identifier: str, says: str, terms: tuple[str, ...]) -> dict[str, Any]:
    return {"id": identifier, "kind": DirectiveKind.LIGHT, "says": says, "terms": terms}


def _many(given: tuple[object, ...], pointer: str, *, most: int) -> Iterator[FieldProblem]:
    if len(given) > most:
        yield FieldProblem(pointer, f"A look has at most {most} of these; here are {len(given)}.")
