"""How like its draft a master came out: kept with the promotion that made it."""

from sqlalchemy import Float, cast, func, or_, update

from plugin_backend.db.rows import TakeRow
from plugin_backend.db.tables import generations
from plugin_backend.services.house import House
from plugin_backend.services.making.hands import TakeInHand
from plugin_backend.services.moves import touch_generation


def draft_of(hand: TakeInHand) -> TakeRow | None:
    """The draft a take is the master of, where its proxy is still there."""
    if hand.generation.promotion is None:
        return None
    kin = hand.kin.get(hand.generation.promotion["draft_take_id"])
    if kin is None or kin.take.media_deleted_at is not None or not (kin.take.files or {}).get("proxy"):
        return None
    return kin.take


def keep(house: House, generation_id: str, *, similarity: float) -> None:
    """Note it on the generation; of several takes the most alike counts."""
    known = cast(generations.c.promotion["similarity"].astext, Float)
    with house.begin() as work:
        noted = work.connection.execute(
            update(generations)
            .where(generations.c.id == generation_id, generations.c.promotion.is_not(None))
            .where(or_(known.is_(None), known < similarity))
            .values(
                promotion=func.jsonb_set(
                    generations.c.promotion, ["similarity"], func.to_jsonb(cast(similarity, Float))
                )
            )
        )
        if noted.rowcount:
            touch_generation(work, generation_id)
