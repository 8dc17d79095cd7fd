"""Usage on the wire: the same for a person and for an administrator."""

from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from plugin_backend.api.fields import Choice, Identifier, Strict
from plugin_backend.api.shapes import count, maybe_text
from plugin_backend.api.tables import TableAnswer, wants_csv
from plugin_backend.db.books import UsageFilter, UsageGroup, UsageRow


class UsageQuery(Strict):
    """What to add up by, and the UTC days from and to, both included."""

    group_by = Choice(UsageGroup, load_default=UsageGroup.DAY)
    start = fields.Date(data_key="from")
    end = fields.Date(data_key="to")

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        start, end = data.get("start"), data.get("end")
        if start is not None and end is not None and end < start:
            raise ValidationError({"to": ["Give a day that is not before `from`."]})
        chosen = UsageFilter(
            workspace_id=None,
            owner_id=data.get("user_id"),
            start=None if start is None else _midnight(start),
            end=None if end is None else _midnight(end + timedelta(days=1)),
        )
        return {"group_by": data["group_by"], "filter": chosen}


class AdminUsageQuery(UsageQuery):
    """The same, perhaps of one person."""

    user_id = Identifier()


class UsageItemSchema(Schema):
    key = maybe_text()
    generations = count()
    drafts = count()
    masters = count()
    ready = count()
    failed = count()
    cancelled = count()
    draft_units = count()
    credits_settled = count()
    credits_held = count()


class UsageSchema(Schema):
    group_by = fields.String(required=True)
    items = fields.List(fields.Nested(UsageItemSchema), required=True)
    total = fields.Nested(UsageItemSchema, required=True)


def shown_usage(rows: tuple[UsageRow, ...], *, group: UsageGroup) -> dict[str, Any] | TableAnswer:
    """The groups and their total, as JSON or CSV."""
    items = [asdict(row) for row in rows]
    if wants_csv():
        return TableAnswer("usage", items)
    names = [name for name in UsageItemSchema().fields if name != "key"]
    total: dict[str, Any] = {"key": None}
    for name in names:
        total[name] = int(sum(item[name] for item in items))
    return {"group_by": group, "items": items, "total": total}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
