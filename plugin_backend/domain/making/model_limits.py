"""A model's limits in words: what it can do at once, and what this service sends its provider."""

from collections.abc import Iterator

from plugin_backend.domain.brief import Operation
from plugin_backend.domain.catalogue import Model, either
from plugin_backend.domain.making.chaining import MAX_PARTS
from plugin_backend.domain.making.providers import ProviderLimits
from plugin_backend.domain.seconds import as_number


def limits_in_words(model: Model, account: ProviderLimits | None) -> tuple[str, ...]:
    """One sentence each; `account` is the operator's own for its provider, where there is one."""
    return () if model.retired is not None else tuple(_sentences(model, account))


def _sentences(model: Model, account: ProviderLimits | None) -> Iterator[str]:
    yield _length(model)
    yield f"Drafts at {either(model.draft_resolutions)}; masters at {either(model.resolutions)}."
    yield f"Pictures of {either(model.aspect_ratios)}."
    if model.prompt_characters is not None:
        yield f"Prompts of up to {model.prompt_characters:,} characters."
    if model.references is not None:
        yield f"Up to {model.references.spelt()}."
    yield from model.limits
    if account is not None:
        yield (
            f"Here at most {account.concurrency} takes of {model.provider} are under way together,"
            f" and {account.requests_per_minute} are sent in a minute."
        )


def _length(model: Model) -> str:
    """The longest first part and as many extensions as are made."""
    once = model.durations_for(Operation.GENERATE)
    if Operation.EXTEND not in model.operations:
        return f"One shot of {once.spelt()}."
    further = max(model.durations_for(Operation.EXTEND).listed)
    longest = once.maximum + (MAX_PARTS - 1) * further
    return f"One shot of {once.spelt()}; up to {as_number(longest)} s as extensions of it."
