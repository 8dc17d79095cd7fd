"""The version of a stored conform plan: while a service is renewed, workers of two versions read the rows."""

from collections.abc import Mapping
from typing import Any, Final

TAKE_VERSION: Final = 1
"""Of the plans of single takes, which the first version of this service knows."""

PLAN_VERSION: Final = 2
"""The latest known here.

Raised whenever a plan may say what an earlier version would not do, or would get wrong.
"""


class NewerPlanError(Exception):
    """The plan was made by a later version of this service: its own workers are to carry it out."""


def check_version(stored: Mapping[str, Any]) -> None:
    """NewerPlanError where this version may not know what a plan says; the first wrote no number."""
    version = stored.get("version", 1)
    if version > PLAN_VERSION:
        raise NewerPlanError(f"The plan is of version {version}; the latest known here is {PLAN_VERSION}.")
