"""The settings of the director: optional models that plan or look, at any OpenAI-compatible endpoint."""

from dataclasses import dataclass, field
from typing import Any, Final

from plugin_backend.settings.environment import EnvironmentReader

_EXAMPLE: Final = "https://api.example.com/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAccount:
    """One language model as it is set up here."""

    base_url: str
    key: str | None = field(repr=False)
    model: str


@dataclass(frozen=True, kw_only=True)
class DirectorSettings:
    """The part of the settings that says who helps the director."""

    planner_url: str | None = None
    planner_key: str | None = field(default=None, repr=False)
    planner_model: str | None = None

    visual_judge_url: str | None = None
    visual_judge_key: str | None = field(default=None, repr=False)
    visual_judge_model: str | None = None

    def visual_judge_account(self) -> ModelAccount | None:
        """The visual judge, where one is set up; without it takes are measured and nothing else."""
        if self.visual_judge_url is None or self.visual_judge_model is None:
            return None
        return ModelAccount(
            base_url=self.visual_judge_url, key=self.visual_judge_key, model=self.visual_judge_model
        )

    def planner_account(self) -> ModelAccount | None:
        """The planner, where one is set up; without it every plan comes from the vocabulary."""
        if self.planner_url is None or self.planner_model is None:
            return None
        return ModelAccount(base_url=self.planner_url, key=self.planner_key, model=self.planner_model)


def read_director_settings(read: EnvironmentReader) -> dict[str, Any]:
    """All of them, checked."""
    planner, judge = ("PLANNER_URL", "PLANNER_MODEL"), ("VISUAL_JUDGE_URL", "VISUAL_JUDGE_MODEL")
    for name, other in (planner, planner[::-1], judge, judge[::-1]):
        if read.optional(name) and not read.optional(other):
            read.problem(name, f"is of no use alone; set {other} too")
    return {
        "planner_url": read.address("PLANNER_URL", _EXAMPLE),
        "planner_key": read.optional("PLANNER_KEY"),
        "planner_model": read.optional("PLANNER_MODEL"),
        "visual_judge_url": read.address("VISUAL_JUDGE_URL", _EXAMPLE),
        "visual_judge_key": read.optional("VISUAL_JUDGE_KEY"),
        "visual_judge_model": read.optional("VISUAL_JUDGE_MODEL"),
    }
