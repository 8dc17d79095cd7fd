"""A model's terms of use go with what it makes, as they were when it was asked for."""

from typing import Any

from sqlalchemy import text

from plugin_backend.db.generations import GenerationView
from plugin_backend.domain.callers import Caller
from plugin_backend.domain.delivering.cut_plan import parts_of
from plugin_backend.domain.delivering.delivery import DeliveryRequest
from plugin_backend.services import deliveries
from plugin_backend.services.delivering.conforming import DeliveredTake
from plugin_backend.signing import development_credential
from tests.domain.requests import SEQUENCE, asked
from tests.services.studio import Studio
from worker.provenance.claims import Statement
from worker.provenance.telling import provenance_of

CREDENTIAL = development_credential("a secret of this test alone" * 2)


def test_the_receipt_and_the_credentials_say_what_the_terms_were(studio: Studio) -> None:
    caller = studio.person()
    view = studio.finish(studio.ask(caller, asked()))
    terms = studio.house.catalogue.model("animatic").terms
    assert terms is not None

    receipt, facts = studio.receipt(caller, view.generation.id), _facts(studio, caller, view)

    assert receipt.terms == {"animatic": terms.to_json()}
    assert (facts["commercial_use"], facts["terms_as_of"]) == ("yes", terms.as_of)
    assert "terms_url" not in facts  # nobody else's page says so


def test_what_is_older_than_terms_were_kept_says_nothing_of_them(studio: Studio) -> None:
    caller = studio.person()
    view = studio.finish(studio.ask(caller, asked()))
    with studio.house.engine.begin() as connection:
        connection.execute(text("UPDATE generations SET terms = NULL"))

    assert studio.receipt(caller, view.generation.id).terms == {}
    assert "commercial_use" not in _facts(studio, caller, view)


def _facts(studio: Studio, caller: Caller, view: GenerationView) -> dict[str, Any]:
    """What the credential of a delivered file says of the take."""
    wanted = DeliveryRequest(sequence=SEQUENCE)
    row = deliveries.request(studio.house, caller, view.takes[0].id, wanted)[0].delivery
    assert row.plan is not None
    (work,) = parts_of(row.plan)
    part = DeliveredTake(delivery=row, take=view.takes[0], generation=view.generation, work=work)
    told = provenance_of(studio.house, part, CREDENTIAL)
    assert told is not None
    return Statement.from_json(told["statement"]).take.facts
