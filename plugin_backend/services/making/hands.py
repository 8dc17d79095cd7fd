"""A claimed take with all that its step decides by, read in one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin_backend.db.assets import checked_assets
from plugin_backend.db.direction import DirectionRow, directions_of_takes
from plugin_backend.db.generations import find_taken
from plugin_backend.db.rows import AssetRow, GenerationRow, TakeRow
from plugin_backend.db.unit_of_work import UnitOfWork
from plugin_backend.domain.brief import GenerationRequest, Kind
from plugin_backend.domain.catalogue import ANIMATIC
from plugin_backend.domain.lifecycle import TAKE, TakeState
from plugin_backend.domain.making.additions import Addition
from plugin_backend.domain.making.chaining import Part
from plugin_backend.domain.work import Claim, Lane
from plugin_backend.services import stepping
from plugin_backend.services.house import House
from plugin_backend.services.making import attempts
from plugin_backend.services.making.kin import Kin, kin_of
from plugin_backend.services.making.posts import posts_of, prices_of, request_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInHand:
    """A claimed take with all that its step decides by, read in one moment."""

    take: TakeRow
    generation: GenerationRow
    request: GenerationRequest
    """What was asked for, of the model that makes this take."""
    parts: tuple[Part, ...]
    """The POSTs it takes, in order."""
    prices: tuple[int, ...]
    """What each of them may cost us; together the price of the take."""
    standing: attempts.Standing
    inputs: Mapping[str, AssetRow]
    kin: Mapping[str, Kin]
    """The takes it is made from, by id."""
    told: DirectionRow | None
    """What its try was told; None of a take from before the director."""
    now: datetime

    @property
    def model(self) -> str:
        """The model that makes it: the generation's, until a fallback takes over."""
        return self.take.model or self.generation.model

    @property
    def provider(self) -> str:
        """Whose model that is."""
        return self.take.provider or self.generation.provider

    @property
    def credits(self) -> int:
        """What it costs when it is stored."""
        return sum(self.prices)

    @property
    def lacks(self) -> Addition | None:
        """What is still to be added to a film that is finished; None before that, and when all is made."""
        made = self.standing.part
        if self.take.state is not TakeState.SUBMITTED or not 0 < made < len(self.parts):
            return None
        return self.parts[made].addition

    @property
    def is_remote(self) -> bool:
        """Whether somebody else makes it: then what was made must be fetched."""
        return self.provider != ANIMATIC

    @property
    def is_late(self) -> bool:
        """Whether what it waits for has had its time."""
        return self.take.deadline is not None and self.now >= self.take.deadline

    @property
    def media_lane(self) -> Lane:
        """Where this take's pixels are worked on."""
        return Lane.MEDIA_DRAFT if self.generation.kind is Kind.DRAFT else Lane.MEDIA_MASTER

    @property
    def step_lane(self) -> Lane:
        """Where this take's own steps run."""
        return Lane.of_take(is_draft=self.generation.kind is Kind.DRAFT, is_remote=self.is_remote)


def look(house: House, claim: Claim) -> TakeInHand | None:
    """Read a claimed take; None (and the row closed) when it has ended."""
    with house.begin() as work:
        hand = _in_hand(house, work, [claim.subject_id]).get(claim.subject_id)
        if hand is None:
            stepping.done(work, claim)
        return hand


def look_at_all(house: House, claims: Sequence[Claim]) -> Mapping[str, TakeInHand]:
    """Read claimed takes together; those that have ended are left out."""
    with house.begin() as work:
        return _in_hand(house, work, [claim.subject_id for claim in claims])


def _in_hand(house: House, work: UnitOfWork, take_ids: Sequence[str]) -> Mapping[str, TakeInHand]:
    made = attempts.attempts_by_take(work.connection, take_ids)
    hands: dict[str, TakeInHand] = {}
    taken = find_taken(work.connection, take_ids)
    told = directions_of_takes(work.connection, [take for take, _ in taken.values()])
    for take, generation in taken.values():
        if take.state in TAKE.terminal:
            continue
        request = request_of(generation, take)
        credits = generation.credits_per_take if take.credits is None else take.credits
        hands[take.id] = TakeInHand(
            take=take,
            generation=generation,
            request=request,
            parts=posts_of(house, request),
            prices=prices_of(house, request, credits),
            standing=attempts.standing(made[take.id], model=request.brief.model),
            inputs=checked_assets(work.connection, request.brief.asset_ids()),
            kin=kin_of(work.connection, generation, request),
            told=told.get(take.id),
            now=work.now,
        )
    return hands
