"""The plans that people can be on: what each grants, read and changed by operators."""

from plugin_backend.db import plans
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import NotFoundError
from plugin_backend.domain.plan_limits import Plan
from plugin_backend.services.house import House
from plugin_backend.services.reach import reach


def find(house: House, caller: Caller) -> tuple[Plan, ...]:
    """Every plan that a person can be put on, the smallest first."""
    reach(caller)
    with house.begin() as work:
        return plans.list_plans(work.connection)


def get(house: House, caller: Caller, plan_id: str) -> Plan:
    """One plan."""
    reach(caller)
    with house.begin() as work:
        found = plans.find_plan(work.connection, plan_id)
    if found is None:
        raise NotFoundError("plan")
    return found
