"""What an editor asks for: the brief, and the request around it. Its limits are in `validation.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, Self

from plugin_backend.domain.annotations import Annotation
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.seconds import as_number, seconds
from plugin_backend.domain.sequence import Sequence

AUTO: Final = "auto"  # the model id that lets `Route` choose


class Kind(StrEnum):
    """The two tiers: a cheap look, or the finished picture."""

    DRAFT = "draft"
    MASTER = "master"


class Resolution(StrEnum):
    """A picture size named by its shorter side."""

    P360 = "360p"
    P540 = "540p"
    P720 = "720p"
    P1080 = "1080p"
    P2160 = "2160p"

    @property
    def lines(self) -> int:
        """The shorter side in pixels."""
        return int(self.value.removesuffix("p"))


class DynamicRange(StrEnum):
    """Standard or high dynamic range."""

    SDR = "sdr"
    HDR = "hdr"


class Operation(StrEnum):
    """What is done: a new shot, or something to an existing one."""

    GENERATE = "generate"
    EXTEND = "extend"
    EDIT = "edit"
    REFRAME = "reframe"


class ReferenceRole(StrEnum):
    """What a reference picture is a reference for."""

    CHARACTER = "character"
    STYLE = "style"
    OBJECT = "object"
    ENVIRONMENT = "environment"


class LeftOut(StrEnum):
    """What a brief did not say: the workspace or the model decides."""

    MODEL = "model"
    RESOLUTION = "resolution"


class Route(StrEnum):
    """How `model: auto` chooses."""

    CHEAPEST = "cheapest"
    FASTEST = "fastest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A picture the shot passes through; at 0 it is the first frame, at the end the last."""

    asset_id: str
    at_seconds: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Reference:
    """A picture to resemble, without appearing."""

    asset_id: str
    role: ReferenceRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The existing picture an operation starts from: a take of ours or an asset, never both."""

    operation: Operation
    take_id: str | None = None
    asset_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """One shot, as the editor described it."""

    prompt: str = ""
    model: str = "animatic"
    duration_seconds: Fraction = Fraction(5)
    aspect_ratio: str = "16:9"
    resolution: Resolution = Resolution.P540
    dynamic_range: DynamicRange = DynamicRange.SDR
    exr: bool = False
    loop: bool = False
    seed: int | None = None
    audio: bool = False
    keyframes: tuple[Keyframe, ...] = ()
    references: tuple[Reference, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    source: Source | None = None
    look: bool = True
    """Whether it wears the look of its project."""
    left_out: frozenset[LeftOut] = frozenset()

    @property
    def operation(self) -> Operation:
        """What is done; without a source, a new shot."""
        return Operation.GENERATE if self.source is None else self.source.operation

    @property
    def first_frame(self) -> Keyframe | None:
        """The picture the shot opens on."""
        return next((frame for frame in self.keyframes if frame.at_seconds == 0), None)

    @property
    def last_frame(self) -> Keyframe | None:
        """The picture the shot closes on."""
        return next((frame for frame in self.keyframes if frame.at_seconds == self.duration_seconds), None)

    @property
    def inner_keyframes(self) -> tuple[Keyframe, ...]:
        """The pictures strictly between the first and the last."""
        return tuple(frame for frame in self.keyframes if 0 < frame.at_seconds < self.duration_seconds)

    def asset_ids(self) -> tuple[str, ...]:
        """Every asset the brief uses, each once, in order of mention."""
        used = [frame.asset_id for frame in self.keyframes]
        used += [reference.asset_id for reference in self.references]
        if self.source is not None and self.source.asset_id is not None:
            used.append(self.source.asset_id)
        return tuple(dict.fromkeys(used))

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "prompt": self.prompt,
            "model": self.model,
            "duration_seconds": as_number(self.duration_seconds),
            "aspect_ratio": self.aspect_ratio,
            "resolution": self.resolution.value,
            "dynamic_range": self.dynamic_range.value,
            "exr": self.exr,
            "loop": self.loop,
            "seed": self.seed,
            "audio": self.audio,
            "keyframes": [_keyframe_to_json(frame) for frame in self.keyframes],
            "references": [{"asset_id": r.asset_id, "role": r.role.value} for r in self.references],
            "annotations": [annotation.to_json() for annotation in self.annotations],
            "source": None if self.source is None else _source_to_json(self.source),
            **({} if self.look else {"look": False}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        return cls(
            prompt=data["prompt"],
            model=data["model"],
            duration_seconds=seconds(data["duration_seconds"]),
            aspect_ratio=data["aspect_ratio"],
            resolution=Resolution(data["resolution"]),
            dynamic_range=DynamicRange(data["dynamic_range"]),
            exr=data["exr"],
            loop=data["loop"],
            seed=data["seed"],
            audio=data["audio"],
            keyframes=tuple(Keyframe(k["asset_id"], seconds(k["at_seconds"])) for k in data["keyframes"]),
            references=tuple(Reference(r["asset_id"], ReferenceRole(r["role"])) for r in data["references"]),
            annotations=tuple(Annotation.from_json(a) for a in data["annotations"]),
            source=None if data["source"] is None else _source_from_json(data["source"]),
            look=data.get("look", True),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """How far the director may go: refinements after the first try, when to stop, and whether to ask."""

    max_iterations: int = 0
    accept_score: float = 0.7
    pause: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """A brief with its tier, takes, limits and destination: all that `POST /v1/generations` says."""

    kind: Kind
    brief: Brief
    takes: int = 1
    direct: Direct = field(default_factory=Direct)
    max_credits: int | None = None
    sequence: Sequence | None = None
    deliver_to: DeliveryRequest | None = None
    """What a ready take is delivered as at once, in the sequence above; it names none of its own."""
    project_id: str | None = None
    label: str | None = None
    route: Route = Route.CHEAPEST
    fallback_models: tuple[str, ...] = ()
    look: Mapping[str, Any] | None = None
    """The look it wears, as it was when it was asked for (`looks.Look`)."""
    plan: Mapping[str, Any] | None = None
    """A plan that the editor changed; None: it is read from the brief."""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "kind": self.kind.value,
            "brief": self.brief.to_json(),
            "takes": self.takes,
            "direct": {
                "max_iterations": self.direct.max_iterations,
                "accept_score": self.direct.accept_score,
                "pause": self.direct.pause,
            },
            "max_credits": self.max_credits,
            "sequence": None if self.sequence is None else self.sequence.to_json(),
            "deliver_to": None if self.deliver_to is None else _deliver_to_json(self.deliver_to),
            "project_id": self.project_id,
            "label": self.label,
            "route": self.route.value,
            "fallback_models": list(self.fallback_models),
            **({} if self.look is None else {"look": dict(self.look)}),
            **({} if self.plan is None else {"plan": dict(self.plan)}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `to_json` wrote."""
        sequence, deliver_to = data["sequence"], data["deliver_to"]
        return cls(
            kind=Kind(data["kind"]),
            brief=Brief.from_json(data["brief"]),
            takes=data["takes"],
            direct=Direct(**data["direct"]),
            max_credits=data["max_credits"],
            sequence=None if sequence is None else Sequence.from_json(sequence),
            deliver_to=None if deliver_to is None else DeliveryRequest.from_json(deliver_to),
            project_id=data["project_id"],
            label=data["label"],
            route=Route(data["route"]),
            fallback_models=tuple(data["fallback_models"]),
            look=data.get("look"),
            plan=data.get("plan"),
        )


def _keyframe_to_json(frame: Keyframe) -> dict[str, Any]:
    return {"asset_id": frame.asset_id, "at_seconds": as_number(frame.at_seconds)}


def _source_to_json(source: Source) -> dict[str, Any]:
    return {"operation": source.operation.value, "take_id": source.take_id, "asset_id": source.asset_id}


def _source_from_json(data: Mapping[str, Any]) -> Source:
    operation = Operation(data["operation"])
    return Source(operation=operation, take_id=data["take_id"], asset_id=data["asset_id"])


def _deliver_to_json(deliver_to: DeliveryRequest) -> dict[str, Any]:
    """What is as usual is left out: processes of the version before read rows too, and know less."""
    usual = DeliveryRequest(host=deliver_to.host).to_json()
    always = ("host", "master_format")
    told = deliver_to.to_json().items()
    return {name: value for name, value in told if name in always or value != usual[name]}
