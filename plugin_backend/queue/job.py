"""A job that can do one thing: look at one row. Whatever else lies in Redis is refused, never run."""

import re
from typing import Any, Final

from rq.exceptions import NoSuchJobError
from rq.job import Job

from plugin_backend.domain.work import WATCH
from plugin_backend.queue.names import JOB

_SUBJECT: Final = re.compile(rf"[a-z]{{3,4}}_[0-9a-z]{{1,40}}|{WATCH}[a-z][0-9a-z-]{{0,39}}")


class RefusedJobError(Exception):
    """Redis held something that is not one of our jobs."""


class StepJob(Job):
    """Calls `worker.steps.run` with one id; anything else fails without being imported."""

    def restore(self, raw_data: Any) -> Any:
        """Read a job from Redis without what else RQ would import, call or connect to on its behalf."""
        try:
            super().restore(raw_data)
        except NoSuchJobError:
            raise
        except Exception as error:  # whatever a hash holds, the worker that reads it must live
            raise NoSuchJobError("not a job of ours") from error
        self._success_callback_name = self._failure_callback_name = self._stopped_callback_name = None
        self.webhooks = []
        self.retries_left = self.repeats_left = None

    def perform(self) -> Any:
        if not is_allowed(self.func_name, self.args, self.kwargs):
            raise RefusedJobError("not a step of ours")
        return super().perform()


def is_allowed(name: str | None, args: Any, kwargs: Any) -> bool:
    """Whether a job names our one function and one well-formed id, of a row or of a watcher."""
    return (
        name == JOB
        and not kwargs
        and len(args) == 1
        and isinstance(args[0], str)
        and _SUBJECT.fullmatch(args[0]) is not None
    )
