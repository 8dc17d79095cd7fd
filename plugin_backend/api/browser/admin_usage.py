"""/admin/usage: what was asked for, made and paid, drawn and in tables."""

from datetime import date, timedelta
from typing import Final

from flask import Blueprint, Response, request

from plugin_backend.api.asked import house
from plugin_backend.api.browser.administrators import admin_page, for_administrators
from plugin_backend.api.browser.charts import Chart, by_day, largest_first
from plugin_backend.api.browser.rendering import refusing_in_pages
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.errors import FieldProblem, ValidationFailedError
from plugin_backend.domain.usage import USUAL_DAYS, UsageFilter, UsageGroup
from plugin_backend.services import usage
from plugin_backend.services.usage import Usage

admin_usage = refusing_in_pages(Blueprint("admin_usage", __name__))

_ROWS: Final = 200
_MOST_DAYS: Final = 366
_LAYERS: Final = 2_000


@admin_usage.get("/admin/usage")
@for_administrators
def show_usage(caller: Caller) -> Response:
    """Bars for each day by model, and the groups that were asked for."""
    named = request.args.get("group_by", "")
    group = UsageGroup(named) if named in {*UsageGroup} else UsageGroup.DAY
    errors: dict[str, str] = {}
    try:
        chosen = _chosen()
    except ValidationFailedError as error:
        chosen, errors = UsageFilter(), {"from": error.problems[0].detail}
    within = usage.within_reach(caller, chosen)
    layers = usage.add_up(house(), (UsageGroup.DAY, UsageGroup.MODEL), within, limit=_LAYERS)
    grouped = usage.add_up(house(), (group,), within, limit=_ROWS)
    values = {
        "charts": _charts(layers),
        "found": grouped,
        "rows": grouped.rows[:_ROWS],
        "is_more": len(grouped.rows) > _ROWS,
        "group": group,
        "groups": [*UsageGroup],
        "chosen": chosen,
        "errors": errors,
        "typed": request.args,
    }
    return admin_page("usage", caller, status=422 if errors else 200, **values)


def _chosen() -> UsageFilter:
    start, end = _day("from"), _day("to")
    if start is not None and end is not None and not start <= end <= start + timedelta(days=_MOST_DAYS):
        detail = f"Give a day that is not after the last one, {_MOST_DAYS} days before it at most."
        raise ValidationFailedError([FieldProblem("/from", detail)])
    workspace = request.args.get("workspace_id", "").strip()[:128].replace("\0", "")
    return UsageFilter(workspace_id=workspace or None, start=start, end=end)


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise ValidationFailedError([FieldProblem(f"/{name}", "Give a day such as 2026-11-21.")]) from error


def _charts(found: Usage) -> tuple[Chart, ...]:
    days = _days(found)
    counts: dict[str, dict[str, int]] = {}
    paid: dict[str, dict[str, int]] = {}
    for row in found.rows:
        day, model = row.keys[0] or "", row.keys[1] or ""
        counts.setdefault(model, {})[day] = row.generations
        paid.setdefault(model, {})[day] = row.credits_settled
    order = largest_first(counts)
    return (
        by_day("Generations by day and model", days, counts, unit="generations", order=order),
        by_day("Credits paid, by the day of asking", days, paid, unit="credits", order=order),
    )


def _days(found: Usage) -> list[str]:
    """Every day from the first to the last, those without anything too."""
    seen = sorted(row.keys[0] or "" for row in found.rows)
    start = found.chosen.start
    assert start is not None, "the service fills it in"
    last = found.chosen.end or (date.fromisoformat(seen[-1]) if seen else start)
    last = max(last, start + timedelta(days=USUAL_DAYS - 1)) if found.chosen.end is None else last
    return [str(start + timedelta(days=each)) for each in range((last - start).days + 1)]
