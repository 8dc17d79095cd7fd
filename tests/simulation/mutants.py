"""The guards the design rests on, each taken out: a simulation that does not notice proves nothing."""

from typing import Final

from tests.simulation.launch import Change, Mutant

_ATTEMPTS: Final = "plugin_backend/services/making/attempts.py"
_MOVES: Final = "plugin_backend/services/moves.py"
_STEPPING: Final = "plugin_backend/services/stepping.py"
_TAKES: Final = "worker/takes.py"
_WORK: Final = "plugin_backend/db/work.py"

SEEDS: Final = range(1, 13)
"""One of so many storms is enough to catch a mutant."""

WANTED: Final = 20
"""Generations in each."""

_TWICE: Final = "was accepted again|lost attempt that was accepted"
_ASK_ONCE: Final = Change(file=_ATTEMPTS, before="LISTINGS: Final = 14", after="LISTINGS: Final = 0")
_NO_GUARD: Final = Change(
    file=_MOVES, before="table.c.id == identifier, table.c.state == state", after="table.c.id == identifier"
)
# A cancelled delivery's row is taken from its step too, so the fence would catch what the guard does.
_NOT_SEIZED: Final = Change(
    file="plugin_backend/services/deliveries.py",
    before="    work_rows.seize(work.connection, row.id, now=work.now)\n",
    after="",
)


def _grace(seconds: int) -> Change:
    before = "GRACE: Final = timedelta(seconds=90)"
    return Change(file=_ATTEMPTS, before=before, after=before.replace("90", str(seconds)))


def _found(whereabouts: str) -> Change:
    """What becomes of the provider's answer between asking and judging it."""
    before = """    house.failpoint("take:after-find")
"""
    return Change(file=_TAKES, before=before, after=before + whereabouts)


NO_LEASE: Final = Mutant(
    name="no lease: a row is claimed whoever holds it",
    changes=(
        Change(
            file=_WORK,
            before="""            rows.c.next_at <= now,
            or_(rows.c.lease.is_(None), rows.c.lease_until < now),
        )
        .values(lease=token""",
            after="""            rows.c.next_at <= now,
        )
        .values(lease=token""",
        ),
    ),
    storm="overlap",
    shows="claimed a row while another process held it",
)

NO_FENCE: Final = Mutant(
    name="no fence: a step that was overtaken writes all the same",
    changes=(
        Change(
            file=_WORK,
            before="mine = (rows.c.subject_id == claim.subject_id) & (rows.c.lease == claim.token)",
            after="mine = rows.c.subject_id == claim.subject_id",
            times=2,
        ),
        Change(file=_STEPPING, before="raise LeaseLostError(claim.subject_id)", after="pass", times=4),
    ),
    storm="overlap",
    shows="wrote after another process had claimed its row",
)

NO_GUARD: Final = Mutant(
    name="no guard: a state is written whatever it is by now",
    changes=(_NO_GUARD, _NOT_SEIZED),
    storm="crossing",
    shows=r"went .* cancelled ->",
)

BLIND_RESUBMIT: Final = Mutant(
    name="blind resubmit: an open intent is called lost without asking",
    changes=(_found("    whereabouts, overdue = NotFound(), True\n"),),
    storm="doubt",
    shows=_TWICE,
)

TIGHT_GRACE: Final = Mutant(
    name="no mutant: a grace just over the longest a POST is under way here",
    changes=(_ASK_ONCE, _grace(62)),
    storm="doubt",
    shows="nothing",
)

AGE_AFTER_LISTING: Final = Mutant(
    name="age after listing: the intent grows old while the provider looks",
    changes=(
        *TIGHT_GRACE.changes,
        _found("""    with house.begin() as later:
        overdue = attempts.is_overdue(attempt, now=later.now)
"""),
    ),
    storm="doubt",
    shows=_TWICE,
)

AGE_ALONE: Final = Mutant(
    name="age alone: a clock set forward makes an intent old at once",
    changes=(_ASK_ONCE,),
    storm="leaps",
    shows=_TWICE,
)

GRACE_TOO_SMALL: Final = Mutant(
    name="grace too small: shorter than a POST may be under way",
    changes=(_ASK_ONCE, _grace(12)),
    storm="doubt",
    shows=_TWICE,
)

GIVEN_UP_HALF: Final = Mutant(
    name="given up by half: the hold ends, the open takes go on",
    changes=(
        Change(
            file="plugin_backend/services/endings.py",
            before="    given_up = [take for take in taken if take.state not in TAKE.terminal]",
            after="    given_up: list[TakeRow] = []",
        ),
    ),
    storm="intrusion",
    shows="takes of ended generations go on|settled amounts are not those of the charged takes",
)

GIVES_WAY_IN_DOUBT: Final = Mutant(
    name="gives way in doubt: no answer is taken for a no, and the next model is asked",
    changes=(
        Change(
            file=_TAKES,
            before="attempts.unanswered(house, claim, attempt, Said(detail=detail, request_id=request_id))",
            after='_give_way(runtime, claim, hand, Refused("provider-failed", detail), attempt=attempt)',
        ),
    ),
    storm="doubt",
    shows=_TWICE,
)

NOBODY_ASKS_AFTER: Final = Mutant(
    name="nobody asks after: what was made for a take that had ended is never delivered",
    changes=(
        Change(
            file="plugin_backend/services/reconciliation.py",
            before="a.provider <> 'animatic' AND a.slug IS NULL",
            after="a.provider = 'animatic' AND a.slug IS NULL",
        ),
    ),
    storm="intrusion",
    shows="failed, and what was made for it was never delivered",
)

WHOLE_PRICE: Final = Mutant(
    name="whole price: who cancels a long take pays for parts that were never sent",
    changes=(
        Change(
            file="plugin_backend/services/making/taking.py",
            before='sent = {"credits": _at_risk(hand)} if len(hand.parts) > 1 else {}',
            after="sent: dict[str, int] = {}",
        ),
    ),
    storm="shortening",
    shows="charged takes cost other than their POSTs",
)

UNKNOWN_FOR_EVER: Final = Mutant(
    name="unknown for ever: what was called unknown is not asked for when its reference comes after all",
    changes=(
        Change(
            file=_ATTEMPTS,
            before='.values(**values, slug=None, detail="accepted after',
            after='.values(**values, detail="accepted after',
        ),
    ),
    storm="silence",
    shows="failed, and what was made for it was never delivered",
)

MUTANTS: Final = (
    NO_LEASE,
    NO_FENCE,
    NO_GUARD,
    BLIND_RESUBMIT,
    AGE_AFTER_LISTING,
    AGE_ALONE,
    GRACE_TOO_SMALL,
    GIVEN_UP_HALF,
    GIVES_WAY_IN_DOUBT,
    NOBODY_ASKS_AFTER,
    WHOLE_PRICE,
    UNKNOWN_FOR_EVER,
)
