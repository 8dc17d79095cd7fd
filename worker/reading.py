"""Having a brief read by a language model, where one is set up: once, before its generation is planned."""

from dataclasses import dataclass

from plugin_backend.domain.direction.shot import ShotPlan
from plugin_backend.domain.work import Claim
from plugin_backend.services.director import readings
from plugin_backend.services.house import House
from plugin_backend.settings.director import ModelAccount
from worker.director.planner import Asking, open_planner, plan_with_model


@dataclass(frozen=True, slots=True)
class Reader:
    """A language model that reads briefs."""

    http: Asking
    model: str

    def read(self, prompt: str, planned: ShotPlan) -> tuple[ShotPlan, str]:
        """Its plan, or ours where it is of no use; and a sentence for the trace."""
        return plan_with_model(self.http, prompt, planned, model=self.model)


def open_reader(account: ModelAccount | None) -> Reader | None:
    """The reader of these settings; None where the vocabulary reads every brief."""
    return None if account is None else Reader(open_planner(account), account.model)


def read_first(house: House, reader: Reader | None, claim: Claim) -> None:
    """Have a generation's brief read, unless it was; no transaction is open meanwhile."""
    brief = None if reader is None else readings.unread(house, claim.subject_id)
    if reader is None or brief is None:
        return
    plan, said = reader.read(brief.prompt, brief.planned)
    house.failpoint("generation:read")
    readings.keep(house, claim, plan, said=said)
