"""What callers may ask for, read beside who they are: no query of its own on the path of a request."""

from typing import Final

ALLOWANCE: Final = "to_jsonb(pl) - 'shipped' AS plan, to_jsonb(po) AS policy"
ALLOWED_FROM: Final = (
    "JOIN plans pl ON pl.id = u.plan_id LEFT JOIN workspace_policies po ON po.workspace_id = u.workspace_id"
)
"""For statements that call people `u`."""
