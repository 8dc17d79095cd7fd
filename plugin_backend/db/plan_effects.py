"""What changing a plan would do to the people on it, counted before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.money.plan_limits import Plan

_PEOPLE: Final = text(
    """
    SELECT count(*) AS people,
        count(u.draft_limit_override) AS draft_overrides,
        count(*) FILTER (WHERE u.draft_limit_override IS NULL AND d.used > :drafts) AS drafts_used_beyond,
        count(u.max_concurrent_override) AS concurrency_overrides,
        count(*) FILTER (WHERE u.max_concurrent_override IS NULL AND u.running > :concurrent)
            AS running_beyond,
        count(*) FILTER (WHERE u.unfinished > :unfinished) AS unfinished_beyond,
        coalesce(sum(greatest(:credits - coalesce(g.upto, 0), 0))
            FILTER (WHERE u.disabled_at IS NULL AND :credits > 0), 0) AS credits_this_month,
        count(*) FILTER (WHERE u.disabled_at IS NULL) * CAST(:credits_before AS bigint)
            AS credits_a_month_before,
        count(*) FILTER (WHERE u.disabled_at IS NULL) * CAST(:credits AS bigint) AS credits_a_month
    FROM users u
    JOIN accounts a ON a.owner_kind = 'user' AND a.owner_id = u.id
    LEFT JOIN draft_days d ON d.owner_id = u.id AND d.day = :day
    LEFT JOIN LATERAL (
        SELECT max(upto) AS upto FROM plan_grants WHERE account_id = a.id AND period = :period
    ) g ON true
    WHERE u.plan_id = :plan_id OR u.id = :user_id
    """
)
_WORK: Final = text(
    """
    SELECT count(*) FROM generations g JOIN users u ON u.id = g.owner_id
    WHERE (u.plan_id = :plan_id OR u.id = :user_id) AND g.finished_at IS NULL AND NOT (
        g.kind = ANY(CAST(:tiers AS text[]))
        AND (CAST(:models AS text[]) IS NULL OR g.model = ANY(CAST(:models AS text[])))
        AND g.request -> 'brief' ->> 'resolution' = ANY(CAST(:resolutions AS text[]))
        AND (:hdr OR g.request -> 'brief' ->> 'dynamic_range' = 'sdr')
        AND (:exr OR g.request -> 'brief' ->> 'exr' = 'false')
    )
    """
)
_MEDIA: Final = text(
    """
    SELECT count(*) FROM (
        SELECT FROM generations g JOIN users u ON u.id = g.owner_id
        WHERE (u.plan_id = :plan_id OR u.id = :user_id) AND g.state = 'ready' AND g.deleted_at IS NULL
          AND g.kind = :kind AND g.finished_at < :kept_since
          AND g.finished_at >= coalesce(CAST(:kept_before AS timestamptz), '-infinity')
        LIMIT :most
    ) AS found
    """
)
_MOST_MEDIA: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Counts of people, except where another thing is named."""

    people: int
    draft_overrides: int
    """Whose own limit stands, whatever the plan says."""
    drafts_used_beyond: int
    """Who has used more today than the new limit: nothing is taken back, nothing is left."""
    concurrency_overrides: int
    running_beyond: int
    """Who has more under way than may run at once: it goes on, the next waits."""
    unfinished_beyond: int
    credits_this_month: int
    """Credits that are granted for this month by the change, or are still to come."""
    credits_a_month_before: int
    credits_a_month: int
    """Credits that are granted to all of them together in each month to come."""
    work_beyond: int
    """Unfinished generations that the new limits would refuse: they go on."""
    media_beyond: int
    """Finished generations that the plan kept and would keep no longer; of more than 10,000, so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Whom a change is about: everybody on a plan, or one person."""

    plan_id: str | None = None
    user_id: str | None = None


def effect_of(
    connection: Connection,
    affected: Affected,
    *,
    before: Plan,
    after: Plan,
    period: str,
    day: date,
    now: datetime,
) -> Effect:
    """Count what is different for them under another plan, or another version of theirs."""
    whom = {"plan_id": affected.plan_id, "user_id": affected.user_id}
    credits = {"credits": after.credits_per_month, "credits_before": before.credits_per_month}
    people = connection.execute(
        _PEOPLE,
        {
            **whom,
            **credits,
            "drafts": after.drafts_per_day,
            "concurrent": after.max_concurrent,
            "unfinished": after.max_unfinished,
            "period": period,
            "day": day,
        },
    ).one()
    work = connection.execute(_WORK, {**whom, **_limits(after)}).scalar_one()
    kept = zip((Kind.DRAFT, Kind.MASTER), _retention(before), _retention(after), strict=True)
    media = sum(_media(connection, whom, kind, was=was, days=days, now=now) for kind, was, days in kept)
    counted = {name: int(value) for name, value in zip(people._fields, people, strict=True)}
    return Effect(**counted, work_beyond=work, media_beyond=media)


def _limits(plan: Plan) -> dict[str, Any]:
    most = plan.max_resolution
    return {
        "tiers": [tier.value for tier in plan.tiers],
        "models": None if plan.models is None else list(plan.models),
        "resolutions": [each.value for each in Resolution if most is None or each.lines <= most.lines],
        "hdr": plan.hdr,
        "exr": plan.exr,
    }


def _retention(plan: Plan) -> tuple[int | None, int | None]:
    return plan.draft_retention_days, plan.master_retention_days


def _media(
    connection: Connection,
    whom: Mapping[str, Any],
    kind: Kind,
    *,
    was: int | None,
    days: int | None,
    now: datetime,
) -> int:
    """Counted only where something is kept for a shorter time: it may be most of what there is."""
    if days is None or (was is not None and days >= was):
        return 0
    values: dict[str, Any] = {
        "kind": kind.value,
        "most": _MOST_MEDIA,
        "kept_since": now - timedelta(days=days),
    }
    values["kept_before"] = None if was is None else now - timedelta(days=was)
    found: int = connection.execute(_MEDIA, {**whom, **values}).scalar_one()
    return found
