"""What a person may ask for: what their plan includes, and what their workspace allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from plugin_backend.domain.brief import Brief, DynamicRange, GenerationRequest, Kind, Resolution
from plugin_backend.domain.catalogue import Model, Tier, either
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.domain.delivering.delivery_formats import DELIVERY_FORMATS, HDR_SPACES
from plugin_backend.domain.errors import BackendError, ForbiddenError, PlanLimitError
from plugin_backend.domain.money.plan_limits import EVERY_TIER, TERMS, Plan
from plugin_backend.domain.sequence import ColourSpace, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a workspace allows its people; by itself, everything."""

    models: tuple[str, ...] | None = None
    blocked_terms: tuple[str, ...] = ()
    attestation_required: bool = False
    """Whether somebody must have said that they hold the rights to an uploaded file before it is used."""
    attestation_text: str | None = None
    """What they state with it, in the workspace's own words; None: a panel has a sentence of its own."""

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        return {
            "models": None if self.models is None else list(self.models),
            "blocked_terms": list(self.blocked_terms),
            "attestation_required": self.attestation_required,
            "attestation_text": self.attestation_text,
        }

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """From a row's values."""
        models = values["models"]
        return cls(
            models=None if models is None else tuple(models),
            blocked_terms=tuple(values["blocked_terms"]),
            attestation_required=values["attestation_required"],
            attestation_text=values["attestation_text"],
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not allowed: the limit's name, and a sentence that shows the way out."""

    detail: str
    limit: str
    plan_id: str | None = None
    """The plan that leaves it out; None: the workspace forbids it."""

    def error(self) -> BackendError:
        """As it is answered."""
        if self.plan_id is None:
            return ForbiddenError(self.detail)
        return PlanLimitError(self.detail, limit=self.limit, plan=self.plan_id)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A plan and a policy; without a plan (the house itself asks) nothing is left out by one."""

    plan: Plan | None = None
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def of(cls, plan: Mapping[str, Any], policy: Mapping[str, Any] | None) -> Self:
        """From the values of two rows, which may have more columns."""
        limits = Plan.of({name: plan[name] for name in ("id", *TERMS)})
        return cls(limits, Policy() if policy is None else Policy.of(policy))

    def refusals(self, request: GenerationRequest, model: Model) -> Iterator[Refusal]:
        """Everything against this request on this model; the request is as the model would be asked."""
        yield from self.against_model(model.id)
        if self.plan is not None:
            yield from _tier(self.plan, request.kind)
            yield from _picture(self.plan, request.brief)
        if request.deliver_to is not None:
            yield from self.against_delivery(request.deliver_to, request.sequence)

    def against_model(self, model_id: str) -> Iterator[Refusal]:
        """Why a model may not be used at all."""
        plan, allowed = self.plan, self.policy.models
        if plan is not None and plan.models is not None and model_id not in plan.models:
            yield _beyond(plan, "models", f"{model_id}; {_named(plan.models)}")
        if allowed is not None and model_id not in allowed:
            detail = f"Your workspace does not allow {model_id}: {_named(allowed)}, or ask an admin of it."
            yield Refusal(detail, "models")

    def against_delivery(self, wanted: DeliveryRequest, sequence: Sequence | None) -> Iterator[Refusal]:
        """Why files of that kind may not be had."""
        plan = self.plan
        if plan is None:
            return
        facts = DELIVERY_FORMATS[wanted.format]
        space = facts.colour_in(ColourSpace.REC709 if sequence is None else sequence.colour_space)
        if facts.suffix == ".exr" and not plan.exr:
            yield _beyond(plan, "exr", f"EXR files ({wanted.format}); choose another master_format")
        if space in HDR_SPACES and not plan.hdr:
            yield _beyond(plan, "hdr", f"HDR files ({space}); deliver to a sequence in rec709")

    def fitted(self, tier: Tier, model: Model) -> Tier:
        """What a model usually makes, as far as the plan goes and the model has it: for what nobody named."""
        plan = self.plan
        if plan is None:
            return tier
        most = tier.resolution if plan.max_resolution is None else plan.max_resolution
        sizes = [size for size in model.resolutions_for(Kind.MASTER) if size.lines <= most.lines]
        is_wide = tier.dynamic_range is DynamicRange.HDR and not plan.hdr
        sdr = DynamicRange.SDR if DynamicRange.SDR in model.dynamic_ranges else tier.dynamic_range
        return Tier(
            resolution=min(tier.resolution, max(sizes, key=_lines), key=_lines) if sizes else tier.resolution,
            dynamic_range=sdr if is_wide else tier.dynamic_range,
        )

    def permits(self, request: GenerationRequest, model: Model) -> bool:
        """Whether nothing is against it."""
        return next(self.refusals(request, model), None) is None

    def check(self, request: GenerationRequest, model: Model) -> None:
        """Raise the first refusal there is."""
        for refusal in self.refusals(request, model):
            raise refusal.error()

    def check_delivery(self, wanted: DeliveryRequest, sequence: Sequence | None) -> None:
        """Raise the first refusal there is."""
        for refusal in self.against_delivery(wanted, sequence):
            raise refusal.error()


def _lines(resolution: Resolution) -> int:
    return resolution.lines


def _tier(plan: Plan, kind: Kind) -> Iterator[Refusal]:
    if kind not in plan.tiers:
        others = [tier for tier in EVERY_TIER if tier in plan.tiers]
        yield _beyond(plan, "tiers", f"{kind}s; ask for a {either(others)}" if others else f"{kind}s")


def _picture(plan: Plan, brief: Brief) -> Iterator[Refusal]:
    most = plan.max_resolution
    if most is not None and brief.resolution.lines > most.lines:
        yield _beyond(plan, "max_resolution", f"{brief.resolution}; ask for {most} at most")
    if brief.dynamic_range is DynamicRange.HDR and not plan.hdr:
        yield _beyond(plan, "hdr", "HDR; ask for dynamic_range sdr")
    if brief.exr and not plan.exr:
        yield _beyond(plan, "exr", "EXR; ask without exr")


def _beyond(plan: Plan, limit: str, what: str) -> Refusal:
    detail = f"The plan {plan.label} ({plan.id}) does not include {what}, or ask an admin for another plan."
    return Refusal(detail, limit, plan.id)


def _named(models: tuple[str, ...]) -> str:
    return f"use {either(models)}" if models else "no model is left"
