"""Whatever is spent says for which project and which shot: usage can be added up by both."""

from dataclasses import replace

from plugin_backend.db.books import LedgerRow
from plugin_backend.domain.brief import Kind, Resolution
from plugin_backend.domain.callers import Caller
from plugin_backend.services import credits, endings, projects, takes
from plugin_backend.services.takes import MasterRequest
from tests.domain.requests import asked
from tests.services.boards import NEXT, SHOT, board, drafted, made
from tests.services.studio import Studio, with_brief

BROKEN = 200


def _entries(studio: Studio, caller: Caller) -> tuple[LedgerRow, ...]:
    return credits.my_ledger(studio.house, caller, before=None, limit=50)


def test_a_retry_and_a_master_carry_the_labels_of_what_they_come_from(studio: Studio) -> None:
    studio.upstream.broken_seeds.add(BROKEN)
    caller = studio.person(credits_granted=100)
    project = projects.create(studio.house, caller, name="Reel")
    filed = replace(asked(), project_id=project.id, label="SH010")
    draft = studio.finish(studio.ask(caller, filed))
    master = takes.master(studio.house, caller, draft.takes[0].id, MasterRequest()).views[0]
    wanted = with_brief(asked(kind=Kind.MASTER, resolution=Resolution.P1080), seed=BROKEN)
    failed = studio.finish(studio.ask(caller, replace(wanted, project_id=project.id, label="SH020")))
    again = endings.retry(studio.house, caller, failed.generation.id).views[0]

    rows = [studio.see(view.generation.id).generation for view in (draft, master, failed, again)]

    assert [(row.project_id, row.label) for row in rows] == [
        (project.id, label) for label in ("SH010", "SH010", "SH020", "SH020")
    ]
    spent = [each for each in _entries(studio, caller) if each.generation_id is not None]
    assert sorted(each.kind for each in spent) == ["hold"] * 3 + ["settle"] * 2
    assert {each.project_id for each in spent} == {project.id}
    assert {each.label for each in spent} == {"SH010", "SH020"}
    assert {each.owner_id for each in spent} == {caller.user_id}


def test_the_shots_of_a_storyboard_are_filed_as_it_is(studio: Studio) -> None:
    caller = studio.person()
    project = projects.create(studio.house, caller, name="Reel")
    shots = (replace(SHOT, label="SH010"), replace(NEXT, label="SH020"))
    view = board(studio, caller, *shots, project_id=project.id)

    made(studio, caller, drafted(studio, caller, view))

    begun = studio.rows("SELECT project_id, label FROM generations")
    waiting = studio.rows(
        "SELECT waiting->'request'->>'project_id', waiting->'request'->>'label'"
        " FROM storyboard_shots WHERE waiting IS NOT NULL"
    )
    assert (begun, waiting) == ([(project.id, "SH010")], [(project.id, "SH020")])
