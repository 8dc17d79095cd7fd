"""What a chat completion says, whatever else its answer holds."""

from collections.abc import Mapping
from typing import Any


def content_of(body: Mapping[str, Any]) -> str | None:
    """The text of the first choice; None where there is none."""
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    content = message.get("content") if isinstance(message, Mapping) else None
    return content if isinstance(content, str) else None
