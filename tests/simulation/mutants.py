"""The guards the design rests on, each taken out: a simulation that does not notice proves nothing."""

from typing import Final

from tests.simulation.launch import Change, Mutant

_WORK = "plugin_backend/db/work.py"
_STEPPING = "plugin_backend/services/stepping.py"
_TAKES = "worker/takes.py"

_ASK_ONCE = Change(
    file="plugin_backend/services/attempts.py", before="LISTINGS: Final = 14", after="LISTINGS: Final = 0"
)

_TIGHT_GRACE = Change(
    file="plugin_backend/services/attempts.py",
    before="GRACE: Final = timedelta(seconds=90)",
    after="GRACE: Final = timedelta(seconds=62)",
)

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
        Change(
            file=_STEPPING,
            before="raise LeaseLostError(claim.subject_id)",
            after="pass",
            times=2,
        ),
    ),
)

NO_GUARD: Final = Mutant(
    name="no guard: a state is written whatever it is by now",
    changes=(
        Change(
            file="plugin_backend/services/moves.py",
            before=".where(table.c.id == identifier, table.c.state == state)",
            after=".where(table.c.id == identifier)",
        ),
    ),
)

BLIND_RESUBMIT: Final = Mutant(
    name="blind resubmit: an open intent is called lost without asking",
    changes=(
        Change(
            file=_TAKES,
            before="whereabouts = provider.find(attempt.token)",
            after="whereabouts, overdue = NotFound(), True",
        ),
    ),
)

TIGHT_GRACE: Final = Mutant(
    name="no mutant: a grace just over the longest a POST is under way here",
    changes=(_ASK_ONCE, _TIGHT_GRACE),
    weather=("--doubtful",),
    generations=60,
)

AGE_AFTER_LISTING: Final = Mutant(
    name="age after listing: the intent grows old while the provider looks",
    weather=("--doubtful",),
    generations=60,
    changes=(
        _ASK_ONCE,
        _TIGHT_GRACE,
        Change(
            file=_TAKES,
            before="""            if overdue:
                attempts.lost(house""",
            after="""            with house.begin() as later:
                overdue = attempts.is_overdue(attempt, now=later.now)
            if overdue:
                attempts.lost(house""",
        ),
    ),
)

AGE_ALONE: Final = Mutant(
    name="age alone: a clock set forward makes an intent old at once",
    changes=(_ASK_ONCE,),
    weather=(),
)

GRACE_TOO_SMALL: Final = Mutant(
    name="grace too small: shorter than a POST may be under way",
    changes=(
        Change(
            file="plugin_backend/services/attempts.py",
            before="GRACE: Final = timedelta(seconds=90)",
            after="GRACE: Final = timedelta(seconds=12)",
        ),
        _ASK_ONCE,
    ),
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
)
