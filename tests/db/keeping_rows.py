"""Rows of what is kept and for how long, each with what its guard refuses."""

from typing import Any

from tests.db.rows import AT, DELIVERY, GENERATION, OWNED

_USE = {**OWNED, "subject_id": "take_1", "kind": "take", "bytes": 1, "updated_at": AT}
_TOTAL = {**OWNED, "kind": "take"}
_ERASURE = {"id": "ers_1", **OWNED, "asked_by": "usr_1", "step": "cancel", "created_at": AT}
_EXPORT = {"id": "exp_1", **OWNED, "state": "building", "created_at": AT}

KEEPING: list[tuple[str, Any, dict[str, Any], str]] = [
    ("storage_uses", _USE, {"bytes": -1}, "bytes"),
    ("storage_totals", _TOTAL, {"bytes": -1}, "bytes"),
    ("erasures", _ERASURE, {"step": "forget"}, "step_known"),
    ("exports", _EXPORT, {"state": "lost"}, "state_known"),
    ("generations", GENERATION, {"expected_bytes": -1}, "expected_bytes"),
    ("deliveries", DELIVERY, {"expected_bytes": -1}, "expected_bytes"),
]
