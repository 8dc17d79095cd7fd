"""Many say something of one take in the same moment, and nobody waits for somebody who waits for them."""

from plugin_backend.domain.review import Approval, Mark
from plugin_backend.services import takes
from plugin_backend.services.reviewing import approvals, reviews
from plugin_backend.services.reviewing.approvals import Answer
from plugin_backend.services.reviewing.reviews import ReviewChanges
from tests.domain.requests import asked
from tests.services.studio import Studio, at_once

MANY, TURNS = 6, 10


def test_marking_picking_and_approving_one_take_at_once_all_come_through(studio: Studio) -> None:
    caller = studio.person()
    take_id = studio.finish(studio.ask(caller, asked())).takes[0].id

    def act(number: int) -> int:
        for turn in range(TURNS):
            if number % 3 == 0:
                takes.pick(studio.house, caller, take_id, picked=turn % 2 == 0)
            elif number % 3 == 1:
                mark = Mark.PICKED if turn % 2 else Mark.NONE
                changes = ReviewChanges(mark=mark, rating=1 + turn % 5, sets_rating=True)
                reviews.change(studio.house, caller, take_id, changes)
            else:
                approvals.give(
                    studio.house, caller, take_id, Answer(status=Approval.APPROVED, label="Director")
                )
        return number

    assert sorted(at_once(MANY, act), key=str) == list(range(MANY))
