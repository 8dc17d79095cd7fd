"""What a change of somebody's limits would do, before it is done."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many draft units a day, and how much at once."""

    drafts_per_day: int
    concurrent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What somebody has used today, and has under way."""

    drafts: int
    running: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The same person before and after.

    `above` runs although the new limit is lower: it finishes, and nothing starts before the rest fits.
    `starts` waits for a place now, and would have one.
    """

    before: Limits
    after: Limits
    remaining_before: int
    remaining_after: int
    above: int
    starts: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same in words, what changes only."""
        said = []
        if self.remaining_after != self.remaining_before:
            said.append(
                f"{self.remaining_after:,} draft units are left today, not {self.remaining_before:,}."
            )
        if self.above:
            said.append(
                f"{self.above:,} more than the limit are running; they finish, nothing starts before."
            )
        if self.starts:
            said.append(f"{self.starts:,} that are waiting start at once.")
        return tuple(said) or ("Nothing changes today.",)


def effect(use: Use, *, before: Limits, after: Limits) -> Effect:
    """What the new limits mean at this moment; nothing that was used or runs is taken back."""
    places = max(0, after.concurrent - use.running)
    idle = max(0, before.concurrent - use.running)
    return Effect(
        before=before,
        after=after,
        remaining_before=max(0, before.drafts_per_day - use.drafts),
        remaining_after=max(0, after.drafts_per_day - use.drafts),
        above=max(0, use.running - after.concurrent),
        starts=min(use.waiting, max(0, places - idle)),
    )
