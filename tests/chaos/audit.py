"""What must hold after the storm: by the upstreams' own bills, the ledger and every generation's row."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from tests.chaos.clients import Clients
from tests.chaos.upstreams import Upstreams
from tests.journeys.people import Person

Query = Callable[[str], Sequence[tuple[Any, ...]]]
"""Rows of the service's database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Each a list of what should not be."""

    lost: list[str]
    """Asked for and never answered, never ended, or answered with a generation that is not there."""
    refused: list[str]
    """Asked for and turned away."""
    billed_twice: list[str]
    """More jobs on the upstreams' bills than there are takes."""
    charged_for_nothing: list[str]
    """Credits settled without a stored take, other than for a take that was cancelled when it was sent."""
    given_away: list[str]
    """Ready, stored, and not charged for."""
    unbalanced: list[str]
    """Accounts whose balance is not the sum of their entries, or that still hold credits."""
    ended_badly: list[str]
    """Holds that did not end exactly once."""
    unexplained: list[str]
    """On a bill, paid by nobody, and not among the exposures an operator is shown."""
    answered_twice: list[str]
    """One key, two generations."""

    def findings(self) -> dict[str, list[str]]:
        """What is not empty."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: found for name, found in named.items() if found}


def audited(query: Query, operator: Person, clients: Clients, upstreams: Upstreams) -> Audit:
    """Look at everything; the web door must be up, for an operator's view is part of it."""
    billed = Counter(job.prompt for job in upstreams.bill())

    def names(statement: str) -> list[str]:
        return [str(row[0]) for row in query(statement)]

    return Audit(
        lost=names("SELECT id FROM generations WHERE finished_at IS NULL")
        + clients.unanswered()
        + sorted(set(clients.accepted.values()) - set(names("SELECT id FROM generations"))),
        refused=clients.refused,
        billed_twice=[prompt for prompt, times in billed.items() if times > 1],
        charged_for_nothing=names(
            "SELECT g.id FROM generations g WHERE g.credits_settled > 0 AND NOT g.cancel_requested"
            " AND NOT EXISTS (SELECT FROM takes t WHERE t.generation_id = g.id AND t.state = 'stored')"
        ),
        given_away=names(
            "SELECT id FROM generations WHERE state = 'ready' AND credits_held > 0"
            " AND credits_settled <> credits_held AND recovered_from IS NULL"
        ),
        unbalanced=names(
            "SELECT a.id FROM accounts a LEFT JOIN ledger_entries l ON l.account_id = a.id GROUP BY a.id"
            " HAVING a.available <> coalesce(sum(l.available_delta), 0)"
            " OR a.held <> coalesce(sum(l.held_delta), 0) OR a.held <> 0"
        ),
        ended_badly=names(
            "SELECT g.id FROM generations g LEFT JOIN ledger_entries l ON l.generation_id = g.id"
            " AND l.kind = 'settle' WHERE g.credits_held > 0 GROUP BY g.id HAVING count(l.id) <> 1"
        ),
        unexplained=_unexplained(query, operator, set(billed)),
        answered_twice=clients.twice,
    )


def _unexplained(query: Query, operator: Person, billed: set[str]) -> list[str]:
    """Jobs that were billed to us, that no user paid, and that no operator would find."""
    asked = query("SELECT id, request -> 'brief' ->> 'prompt', credits_settled FROM generations")
    prompts = {row[0]: row[1] for row in asked}
    paid = {row[1] for row in asked if row[2]}
    exposed = {prompts[each["generation_id"]] for each in _exposures(operator)}
    return sorted(billed - paid - exposed)


def _exposures(operator: Person) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        chosen = {"state": "all", "limit": 100, **({"cursor": cursor} if cursor else {})}
        page = operator.get("/v1/admin/exposures", params=chosen)
        found, cursor = found + page["items"], page["next_cursor"]
    return found
