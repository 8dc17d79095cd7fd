"""What a page of ours may run and reach: its own styles and scripts, by their hashes, and nothing else."""

import base64
import hashlib
from typing import Final

_NONE: Final = "'none'"


def policy_of(page: str, *, forms: str = _NONE) -> str:
    """The Content-Security-Policy of a finished page; `forms` is where its forms may go."""
    parts = {"script": "script-src", "style": "style-src"}
    allowed = [f"{rule} {_hashes(page, tag) or _NONE}" for tag, rule in parts.items()]
    rest = f"default-src 'none'; connect-src 'self'; img-src data:; base-uri 'none'; form-action {forms}"
    return "; ".join([rest, "frame-ancestors 'none'", *allowed])


def _hashes(page: str, tag: str) -> str:
    found = []
    for part in page.split(f"<{tag}>")[1:]:
        content = part.partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        found.append(f"'sha256-{digest}'")
    return " ".join(found)
