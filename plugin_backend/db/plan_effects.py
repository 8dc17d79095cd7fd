"""What changing a plan would do to the people on it, counted before it is done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from plugin_backend.domain.brief import Resolution
from plugin_backend.domain.plan_limits import Plan

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
    SELECT count(*) FROM generations g JOIN users u ON u.id = g.owner_id
    WHERE (u.plan_id = :plan_id OR u.id = :user_id) AND g.state = 'ready' AND g.deleted_at IS NULL
      AND g.finished_at < CASE g.kind WHEN 'draft' THEN CAST(:drafts_until AS timestamptz)
                                      ELSE CAST(:masters_until AS timestamptz) END
    """
)


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
    """Finished generations that are older than the plan would keep them."""


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
    media = connection.execute(_MEDIA, {**whom, **_kept_until(after, now)}).scalar_one()
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


def _kept_until(plan: Plan, now: datetime) -> dict[str, datetime | None]:
    return {
        "drafts_until": _ago(plan.draft_retention_days, now),
        "masters_until": _ago(plan.master_retention_days, now),
    }


def _ago(days: int | None, now: datetime) -> datetime | None:
    return None if days is None else now - timedelta(days=days)
