"""What must hold after the storm: by the upstreams' own bills, the ledger and every generation's row."""

from collections import Counter
from dataclasses import dataclass, fields

from tests.chaos.clients import Clients
from tests.chaos.upstreams import Upstreams
from tests.journeys.stack import Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Each a list of what should not be."""

    lost: list[str]
    """Asked for and never ended."""
    billed_twice: list[str]
    """More jobs on the upstreams' bills than there are takes."""
    charged_for_nothing: list[str]
    """Credits settled without a stored take."""
    given_away: list[str]
    """Ready, stored, and not charged for."""
    unbalanced: list[str]
    """Accounts whose balance is not the sum of their entries, or that still hold credits."""
    ended_badly: list[str]
    """Holds that did not end exactly once."""
    unexplained: list[str]
    """On a bill, paid by nobody, and not among the exposures."""
    answered_twice: list[str]
    """One key, two generations."""

    def findings(self) -> dict[str, list[str]]:
        """What is not empty."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: found for name, found in named.items() if found}


def audited(stack: Stack, clients: Clients, upstreams: Upstreams) -> Audit:
    """Look at everything."""
    bill = upstreams.bill()
    billed = Counter(job.prompt for job in bill)
    return Audit(
        lost=_names(stack, "SELECT id FROM generations WHERE finished_at IS NULL") + clients.refused,
        billed_twice=[prompt for prompt, times in billed.items() if times > 1],
        charged_for_nothing=_names(
            stack,
            "SELECT g.id FROM generations g WHERE g.credits_settled > 0 AND NOT EXISTS"
            " (SELECT FROM takes t WHERE t.generation_id = g.id AND t.state = 'stored')",
        ),
        given_away=_names(
            stack,
            "SELECT id FROM generations WHERE state = 'ready' AND credits_held > 0"
            " AND credits_settled <> credits_held AND recovered_from IS NULL",
        ),
        unbalanced=_names(
            stack,
            "SELECT a.id FROM accounts a LEFT JOIN ledger_entries l ON l.account_id = a.id GROUP BY a.id"
            " HAVING a.available <> coalesce(sum(l.available_delta), 0)"
            " OR a.held <> coalesce(sum(l.held_delta), 0) OR a.held <> 0",
        ),
        ended_badly=_names(
            stack,
            "SELECT g.id FROM generations g LEFT JOIN ledger_entries l ON l.generation_id = g.id"
            " AND l.kind = 'settle' WHERE g.credits_held > 0 GROUP BY g.id HAVING count(l.id) <> 1",
        ),
        unexplained=_unexplained(stack, {job.prompt for job in bill}),
        answered_twice=clients.twice,
    )


def _unexplained(stack: Stack, billed: set[str]) -> list[str]:
    """Jobs that were billed to us, that no user paid, and that no operator would find."""
    paid = stack.query("SELECT request -> 'brief' ->> 'prompt' FROM generations WHERE credits_settled > 0")
    exposed = stack.query(
        "SELECT g.request -> 'brief' ->> 'prompt' FROM attempts a JOIN takes t ON t.id = a.take_id"
        " JOIN generations g ON g.id = t.generation_id WHERE a.billed IS DISTINCT FROM false"
    )
    return sorted(billed - {row[0] for row in (*paid, *exposed)})


def _names(stack: Stack, statement: str) -> list[str]:
    return [str(row[0]) for row in stack.query(statement)]
