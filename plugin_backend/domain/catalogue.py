"""The catalogue: which models exist, what each can do and what it costs; the facts stand in `models.toml`."""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

from plugin_backend.domain.brief import DynamicRange, Kind, Operation, Resolution
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.making.additions import Addition, AddOn
from plugin_backend.domain.making.conditions import Rate, Rule
from plugin_backend.domain.making.field_map import FieldMap
from plugin_backend.domain.making.promotion import Promotion
from plugin_backend.domain.making.references import ReferenceLimits
from plugin_backend.domain.making.terms_of_use import TermsOfUse
from plugin_backend.domain.seconds import as_number

ANIMATIC: Final = "animatic"
AS_OF: Final = "2026-11"  # of every fact in the catalogue


class Input(StrEnum):
    """What a model can be given."""

    TEXT = "text"
    FIRST_FRAME = "first_frame"
    LAST_FRAME = "last_frame"
    KEYFRAMES = "keyframes"
    LOOP = "loop"
    EXTEND = "extend"
    REFERENCE = "reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Durations:
    """The lengths a model makes: those listed, or anything between the shortest and the longest."""

    listed: tuple[Fraction, ...] = ()
    shortest: Fraction | None = None
    longest: Fraction | None = None

    def __contains__(self, duration: Fraction) -> bool:
        if self.shortest is not None and self.longest is not None:
            return self.shortest <= duration <= self.longest
        return duration in self.listed

    @property
    def maximum(self) -> Fraction:
        """The longest single shot."""
        return max(self.listed) if self.longest is None else self.longest

    def spelt(self) -> str:
        """In words: `5 or 10 s`, `0.5 to 20 s`."""
        if self.shortest is not None and self.longest is not None:
            return f"{as_number(self.shortest)} to {as_number(self.longest)} s"
        first, last = self.listed[0], self.listed[-1]
        if len(self.listed) > 3 and self.listed == tuple(
            Fraction(n) for n in range(int(first), int(last) + 1)
        ):
            return f"whole seconds from {first} to {last} s"
        return either(as_number(length) for length in self.listed) + " s"


@dataclass(frozen=True, slots=True)
class Tier:
    """The picture a model makes for a draft or a master when nobody says otherwise."""

    resolution: Resolution
    dynamic_range: DynamicRange = DynamicRange.SDR


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model as the catalogue knows it; `retired` is a note naming the successor."""

    id: str
    label: str
    provider: str
    retired: str | None = None
    kinds: tuple[Kind, ...] = ()
    inputs: tuple[Input, ...] = ()
    durations: tuple[tuple[Operation, Durations], ...] = ()
    aspect_ratios: tuple[str, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    draft_resolutions: tuple[Resolution, ...] = ()
    dynamic_ranges: tuple[DynamicRange, ...] = ()
    exr: bool = False
    audio: bool = False
    seed: bool = False
    native_rate: str | None = None
    max_takes: int | None = None
    prompt_characters: int | None = None
    draft: Tier | None = None
    master: Tier | None = None
    prices: tuple[Rate, ...] = ()
    add_ons: tuple[AddOn, ...] = ()
    expected: tuple[Rate, ...] = ()
    rules: tuple[Rule, ...] = ()
    best_for: str | None = None
    draft_partner: str | None = None
    promotion: tuple[Promotion, ...] = ()
    references: ReferenceLimits | None = None
    limits: tuple[str, ...] = ()
    """What its data cannot say, in words."""
    terms: TermsOfUse | None = None
    upstream: tuple[FieldMap, ...] = field(default=(), hash=False)

    def is_available(self, configured_providers: frozenset[str]) -> bool:
        """The embedded engine always is; others once their provider is configured."""
        if self.retired is not None:
            return False
        return self.provider == ANIMATIC or self.provider in configured_providers

    def tier(self, kind: Kind) -> Tier | None:
        """The usual picture of a kind."""
        return self.draft if kind is Kind.DRAFT else self.master

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What the model can do."""
        return tuple(operation for operation, _ in self.durations)

    def durations_for(self, operation: Operation) -> Durations:
        """The lengths it makes in an operation it has."""
        return dict(self.durations)[operation]

    def add_on(self, addition: Addition) -> AddOn | None:
        """What it can add to a finished film by a further call."""
        return next((each for each in self.add_ons if each.addition is addition), None)

    def prices_of(self, addition: Addition | None) -> tuple[Rate, ...]:
        """The price list of its films, or of something added to one."""
        if addition is None:
            return self.prices
        found = self.add_on(addition)
        return () if found is None else found.prices

    def resolutions_for(self, kind: Kind) -> tuple[Resolution, ...]:
        """A draft is kept to the model's cheap sizes; a master may be any."""
        return self.draft_resolutions if kind is Kind.DRAFT else self.resolutions

    def to_json(self, *, available: bool) -> dict[str, Any]:
        """The contract's shape for `GET /v1/models`."""
        return {
            "id": self.id,
            "label": self.label,
            "provider": self.provider,
            "available": available,
            "retired": self.retired,
            "kinds": list(self.kinds),
            "inputs": list(self.inputs),
            "operations": list(self.operations),
            **self._durations_to_json(),
            "aspect_ratios": list(self.aspect_ratios),
            "resolutions": list(self.resolutions),
            "draft_resolutions": list(self.draft_resolutions),
            "dynamic_ranges": list(self.dynamic_ranges),
            "exr": self.exr,
            "audio": self.audio,
            "add_ons": [each.to_json() for each in self.add_ons],
            "seed": self.seed,
            "native_rate": self.native_rate,
            "max_takes": self.max_takes,
            "best_for": None if self.best_for is None else {"text": self.best_for, "as_of": AS_OF},
            "draft_partner": self.draft_partner or self.id,
            "references": None if self.references is None else self.references.to_json(),
            "terms": None if self.terms is None else self.terms.to_json(),
            "promotion": [{"draft": row.draft, "method": row.method.value} for row in self.promotion],
            "price": [rate.to_json() for rate in self.prices],
        }

    def _durations_to_json(self) -> dict[str, Any]:
        durations = dict(self.durations).get(Operation.GENERATE, Durations())
        shortest, longest = durations.shortest, durations.longest
        between = None
        if shortest is not None and longest is not None:
            between = {"shortest": as_number(shortest), "longest": as_number(longest)}
        return {
            "durations_seconds": [as_number(length) for length in durations.listed],
            "any_duration_between": between,
        }


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every model, in the order people look for them."""

    models: tuple[Model, ...]

    @classmethod
    def load(cls) -> "Catalogue":
        """The catalogue that ships with the service, read once."""
        return _built_in()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read TOML; fractions stay exact."""
        document = tomllib.loads(text, parse_float=Fraction)
        terms = {name: TermsOfUse.parse(table) for name, table in document.get("terms", {}).items()}
        models = (_model(table) for table in document["model"])
        return cls(tuple(replace(model, terms=terms.get(model.provider)) for model in models))

    def model(self, model_id: str, *, pointer: str = "/brief/model") -> Model:
        """The model of that id; an unknown one is the caller's mistake."""
        for model in self.models:
            if model.id == model_id:
                return model
        known = either(model.id for model in self.models if model.retired is None)
        raise ValidationFailedError([FieldProblem(pointer, f"There is no such model; use {known}.")])

    def master_of(self, draft_model: str) -> Model:
        """The model that usually makes the masters of another's drafts: its partner, else itself."""
        partners = (model for model in self.models if model.draft_partner == draft_model)
        return next(partners, None) or self.model(draft_model)

    def priced(self, own: Mapping[str, Rate]) -> "Catalogue":
        """With an operator's own prices, where no published one is; ValidationFailedError: no such model.

        `ray-2:audio` is the price of what is added to a model's film.
        """
        if not own:
            return self
        for name in own:
            self._check_priced(name)
        return Catalogue(tuple(_priced(model, own) for model in self.models))

    def _check_priced(self, name: str) -> None:
        model_id, _, addition = name.partition(":")
        add_ons = self.model(model_id).add_ons
        if addition and addition not in [each.addition for each in add_ons]:
            raise ValidationFailedError([FieldProblem("/", f"{model_id} has no {addition} to be added.")])


def either(things: Iterable[object]) -> str:
    """Join with commas and a last `or`."""
    words = [str(thing) for thing in things]
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@cache
def _built_in() -> Catalogue:
    return Catalogue.parse(files("plugin_backend.domain").joinpath("models.toml").read_text("utf-8"))


def _model(table: Mapping[str, Any]) -> Model:
    """A misspelt key in the data is a TypeError here, so it never goes unnoticed."""
    return Model(**{name: _READERS.get(name, _as_is)(value) for name, value in table.items()})


def _priced(model: Model, own: Mapping[str, Rate]) -> Model:
    """Its own rows stand first: an operator's price is for what nobody has published one for."""
    film = (own[model.id],) if model.id in own else ()
    named = {each: own.get(f"{model.id}:{each.addition}") for each in model.add_ons}
    add_ons = (
        each if rate is None else replace(each, prices=(*each.prices, rate)) for each, rate in named.items()
    )
    return replace(model, prices=(*model.prices, *film), add_ons=tuple(add_ons))


def _as_is(value: Any) -> Any:
    return value


def _durations(table: Mapping[str, Any]) -> Durations:
    lengths = {name: Fraction(value) for name, value in table.items() if name != "listed"}
    return Durations(listed=tuple(Fraction(value) for value in table.get("listed", ())), **lengths)


def _tier(table: Mapping[str, Any]) -> Tier:
    return Tier(Resolution(table["resolution"]), DynamicRange(table.get("dynamic_range", "sdr")))


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kinds": lambda names: tuple(Kind(name) for name in names),
    "inputs": lambda names: tuple(Input(name) for name in names),
    "durations": lambda table: tuple((Operation(name), _durations(row)) for name, row in table.items()),
    "aspect_ratios": tuple,
    "resolutions": lambda names: tuple(Resolution(name) for name in names),
    "draft_resolutions": lambda names: tuple(Resolution(name) for name in names),
    "dynamic_ranges": lambda names: tuple(DynamicRange(name) for name in names),
    "draft": _tier,
    "master": _tier,
    "prices": lambda rows: tuple(Rate.parse(row) for row in rows),
    "add_ons": lambda rows: tuple(AddOn.parse(row) for row in rows),
    "expected": lambda rows: tuple(Rate.parse(row) for row in rows),
    "promotion": lambda rows: tuple(Promotion.parse(row) for row in rows),
    "references": ReferenceLimits.parse,
    "limits": tuple,
    "upstream": lambda rows: tuple(FieldMap.parse(row) for row in rows),
    "rules": lambda rows: tuple(Rule.parse(row) for row in rows),
}
