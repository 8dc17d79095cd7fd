"""Usage on the wire: what is asked, and the rows as JSON or CSV."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields as members_of
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, post_load

from plugin_backend.api.fields import Choice, Identifier, QueryWhole, Strict, Words
from plugin_backend.api.shapes import count, maybe_text
from plugin_backend.api.tables import TableAnswer
from plugin_backend.domain.brief import Kind
from plugin_backend.domain.usage import MOST_GROUPS, UsageFilter, UsageGroup, UsageRow
from plugin_backend.services.usage import Usage

MOST_ROWS: Final = 1_000
USUAL_ROWS: Final = 200
_FIGURES: Final = tuple(member.name for member in members_of(UsageRow) if member.name != "keys")
_MIXED: Final = frozenset((UsageGroup.MODEL, UsageGroup.TIER))
"""Groups that part drafts from the masters made of them: a ratio within one would say nothing."""


class Groups(fields.Field[tuple[UsageGroup, ...]]):
    """One or two groups, with a comma between."""

    def __init__(self, **options: Any) -> None:
        names = ", ".join(UsageGroup)
        about = f"One or two of {names}, with a comma between; day if not given. A shot is a label."
        described = {"type": "string", "example": "day,model", "description": about}
        super().__init__(metadata=described, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[UsageGroup, ...]:
        names = str(value).split(",")
        known = all(name in {*UsageGroup} for name in names)
        if not known or len(set(names)) != len(names) or len(names) > MOST_GROUPS:
            raise ValidationError(f"Give one or two of {', '.join(UsageGroup)}, with a comma between.")
        return tuple(map(UsageGroup, names))


class UsageQuery(Strict):
    """What to add up by, and the UTC days from and to, both included."""

    group_by = Groups()
    start = fields.Date(
        data_key="from", metadata={"description": "The usual 31 days up to `to` when it is not given."}
    )
    end = fields.Date(data_key="to")
    project_id = Identifier()
    label = Words(least=1, most=200)
    model = Words(least=1, most=64)
    kind = Choice(Kind)
    limit = QueryWhole(
        least=1, most=MOST_ROWS, load_default=USUAL_ROWS, metadata={"description": "Of JSON; CSV has all."}
    )

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        start, end = data.get("start"), data.get("end")
        if start is not None and end is not None and end < start:
            raise ValidationError({"to": ["Give a day that is not before `from`."]})
        chosen = UsageFilter(
            workspace_id=data.get("workspace_id"),
            owner_id=data.get("user_id"),
            project_id=data.get("project_id"),
            label=data.get("label"),
            model=data.get("model"),
            kind=data.get("kind"),
            start=start,
            end=end,
        )
        groups = data.get("group_by", (UsageGroup.DAY,))
        return {"group_by": groups, "filter": chosen, "limit": data["limit"]}


class WorkspaceUsageQuery(UsageQuery):
    """The same, perhaps of one person."""

    user_id = Identifier()


class AdminUsageQuery(WorkspaceUsageQuery):
    """The same, perhaps of one workspace."""

    workspace_id = Identifier(metadata={"description": "For operators."})


class UsageItemSchema(Schema):
    """`spend_cents`: what providers bill, at list price; `exposure_cents`: what they may, and nobody paid."""

    key = maybe_text()
    keys = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True), required=True)
    generations = count()
    drafts = count()
    masters = count()
    ready = count()
    failed = count()
    cancelled = count()
    drafts_ready = count()
    masters_ready = count()
    draft_units = count()
    credits_held = count()
    credits_settled = count()
    credits_released = count()
    takes_stored = count()
    spend_cents = count()
    exposure_cents = count()
    drafts_per_master = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Finished drafts for each finished master; null by model or tier."},
    )


class UsageSchema(Schema):
    group_by = fields.String(required=True)
    start = fields.Date(required=True, data_key="from")
    end = fields.Date(required=True, allow_none=True, data_key="to")
    items = fields.List(fields.Nested(UsageItemSchema), required=True)
    total = fields.Nested(UsageItemSchema, required=True)
    truncated = fields.Boolean(
        required=True, metadata={"description": "Whether there are more groups than items; CSV has all."}
    )


def shown_usage(found: Usage, *, limit: int) -> dict[str, Any]:
    """The groups and their total, as JSON."""
    end = found.chosen.end
    return {
        "group_by": ",".join(found.groups),
        "from": str(found.chosen.start),
        "to": None if end is None else str(end),
        "items": [_shown(row, found.groups) for row in found.rows[:limit]],
        "total": {"key": None, "keys": {}, **_figures(found.total, ())},
        "truncated": len(found.rows) > limit,
    }


def usage_table(rows: Iterable[UsageRow], groups: Sequence[UsageGroup]) -> TableAnswer:
    """The same as CSV: a column for each group; `key` where there is one."""
    names = ("key",) if len(groups) == 1 else tuple(groups)
    return TableAnswer("usage", _flat(rows, groups, names))


def _flat(
    rows: Iterable[UsageRow], groups: Sequence[UsageGroup], names: Sequence[str]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {**dict(zip(names, row.keys, strict=True)), **_figures(row, groups)}


def _shown(row: UsageRow, groups: Sequence[UsageGroup]) -> dict[str, Any]:
    keys = dict(zip(groups, row.keys, strict=True))
    return {"key": row.keys[0], "keys": keys, **_figures(row, groups)}


def _figures(row: UsageRow, groups: Sequence[UsageGroup]) -> dict[str, Any]:
    figures = {name: getattr(row, name) for name in _FIGURES}
    return {**figures, "drafts_per_master": None if _MIXED & {*groups} else row.drafts_per_master}
