"""Whether a model can do what a request asks: field by field, with the way out, before money is held."""

from collections.abc import Iterator

from plugin_backend.domain.brief import Brief, GenerationRequest, Operation
from plugin_backend.domain.catalogue import Input, Model, either
from plugin_backend.domain.errors import FieldProblem, ProviderUnavailableError, UnsupportedByModelError
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.chaining import nearest_lengths, parts_for, parts_of, requests_of
from plugin_backend.domain.making.conditions import Facts
from plugin_backend.domain.seconds import as_number


def check_capabilities(request: GenerationRequest, model: Model) -> None:
    """Refuse what this model cannot do; `request.brief.model` is not read, so a fallback can be tried too."""
    problems = capability_problems(request, model)
    if problems:
        raise UnsupportedByModelError(model.id, problems)


def check_available(model: Model, configured_providers: frozenset[str]) -> None:
    """Refuse a model whose provider has no account here."""
    if not model.is_available(configured_providers):
        raise ProviderUnavailableError(unavailable_because(model))


def unavailable_because(model: Model) -> str:
    """Why a model that is not available is not."""
    return (
        model.retired or f"{model.id} is not configured here; an operator adds its provider {model.provider}."
    )


def capability_problems(request: GenerationRequest, model: Model) -> tuple[FieldProblem, ...]:
    """Everything this model cannot do; rules are only consulted about what it could do field by field."""
    if model.retired is not None:
        return (FieldProblem("/brief/model", model.retired),)
    problems = tuple(_field_problems(request, model))
    return problems or tuple(_rule_problems(request, model))


def facts(request: GenerationRequest) -> Facts:
    """What the catalogue's conditions may ask about a request."""
    brief = request.brief
    return {
        "kind": request.kind,
        "operation": brief.operation,
        "resolution": brief.resolution,
        "dynamic_range": brief.dynamic_range,
        "exr": brief.exr,
        "audio": brief.audio,
        "loop": brief.loop,
        "duration_seconds": brief.duration_seconds,
        "aspect_ratio": brief.aspect_ratio,
        "first_frame": brief.first_frame is not None,
        "last_frame": brief.last_frame is not None,
        "keyframes": bool(brief.inner_keyframes),
        "references": bool(brief.references),
    }


def _field_problems(request: GenerationRequest, model: Model) -> Iterator[FieldProblem]:
    yield from _order_problems(request, model)
    yield from _shot_problems(request.brief, model)
    yield from _size_problems(request, model)
    yield from _picture_problems(request.brief, model)
    yield from _input_problems(request.brief, model)


def _order_problems(request: GenerationRequest, model: Model) -> Iterator[FieldProblem]:
    if request.kind not in model.kinds:
        yield FieldProblem("/kind", f"{model.id} makes {either(model.kinds)} only.")
    if model.max_takes is not None and request.takes > model.max_takes:
        yield FieldProblem("/takes", f"{model.id} makes at most {model.max_takes} takes at once.")


def _shot_problems(brief: Brief, model: Model) -> Iterator[FieldProblem]:
    if brief.operation not in model.operations:
        yield FieldProblem("/brief/source/operation", f"{model.id} cannot {brief.operation} a picture.")
    elif not parts_for(model, brief.operation, brief.duration_seconds):
        yield FieldProblem("/brief/duration_seconds", _length_problem(brief, model))
    limit = model.prompt_characters
    if limit is not None and len(brief.prompt) > limit:
        detail = f"{model.id} reads at most {limit:,} characters; this prompt has {len(brief.prompt):,}."
        yield FieldProblem("/brief/prompt", detail)


def _length_problem(brief: Brief, model: Model) -> str:
    """What it makes instead; where it goes on from its own shots, the lengths next to what was asked."""
    verb = "makes" if brief.operation is Operation.GENERATE else f"{brief.operation}s by"
    spelt = model.durations_for(brief.operation).spelt()
    nearest = [
        str(as_number(each)) for each in nearest_lengths(model, brief.operation, brief.duration_seconds)
    ]
    instead = f"{' or '.join(nearest)} s" if nearest else "one of those"
    return f"{model.id} {verb} {spelt}, not {as_number(brief.duration_seconds)} s; ask for {instead}."


def _size_problems(request: GenerationRequest, model: Model) -> Iterator[FieldProblem]:
    resolution, sizes = request.brief.resolution, model.resolutions_for(request.kind)
    if resolution not in model.resolutions:
        yield FieldProblem("/brief/resolution", f"{model.id} makes {either(sizes)}, not {resolution}.")
    elif resolution not in sizes:
        detail = f"{model.id} drafts at {either(sizes)}; ask for one of those, or for a master."
        yield FieldProblem("/brief/resolution", detail)
    if request.brief.aspect_ratio not in model.aspect_ratios:
        detail = f"{model.id} makes {either(model.aspect_ratios)}, not {request.brief.aspect_ratio}."
        yield FieldProblem("/brief/aspect_ratio", detail)


def _picture_problems(brief: Brief, model: Model) -> Iterator[FieldProblem]:
    if brief.dynamic_range not in model.dynamic_ranges:
        detail = f"{model.id} makes {either(model.dynamic_ranges)} only; a delivery can still be widened."
        yield FieldProblem("/brief/dynamic_range", detail)
    if brief.exr and not model.exr:
        yield FieldProblem("/brief/exr", f"{model.id} makes no native EXR; leave exr out.")
    if brief.audio and not model.audio:
        yield from _audio_problems(brief, model)
    if brief.seed is not None and not model.seed:
        yield FieldProblem("/brief/seed", f"{model.id} takes no seed; leave it out.")


def _audio_problems(brief: Brief, model: Model) -> Iterator[FieldProblem]:
    """Where sound is added to a finished film by a further call, or not at all."""
    add_on = model.add_on(Addition.AUDIO)
    if add_on is None:
        yield FieldProblem("/brief/audio", f"{model.id} makes no sound; leave audio out.")
    elif not add_on.prices:
        detail = (
            f"{model.id} adds sound by a second call that nobody has published a price for, and nothing is"
            " spent unseen; leave audio out, or have an operator set its price."
        )
        yield FieldProblem("/brief/audio", detail)
    elif brief.operation is not Operation.GENERATE or len(parts_of(brief, model)) > 2:
        detail = f"{model.id} adds sound to a single new shot; ask for that, or leave audio out."
        yield FieldProblem("/brief/audio", detail)


def _input_problems(brief: Brief, model: Model) -> Iterator[FieldProblem]:
    for name, given, pointer, thing in (
        (Input.FIRST_FRAME, brief.first_frame is not None, "/brief/keyframes", "first frame"),
        (Input.LAST_FRAME, brief.last_frame is not None, "/brief/keyframes", "last frame"),
        (Input.KEYFRAMES, bool(brief.inner_keyframes), "/brief/keyframes", "keyframe between first and last"),
        (Input.LOOP, brief.loop, "/brief/loop", "loop"),
        (Input.REFERENCE, bool(brief.references), "/brief/references", "reference"),
    ):
        if given and name not in model.inputs:
            yield FieldProblem(pointer, f"{model.id} takes no {thing}; leave it out.")
    if model.references is not None:
        yield from model.references.problems(brief.references, model=model.id)


def _rule_problems(request: GenerationRequest, model: Model) -> Iterator[FieldProblem]:
    """Every part of a longer shot is held to the rules, each problem named once."""
    shown = [facts(part) for part in requests_of(request, model)]
    for rule in model.rules:
        if any(map(rule.when.holds, shown)):
            yield FieldProblem(rule.pointer, rule.detail)
