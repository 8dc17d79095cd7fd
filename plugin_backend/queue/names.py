"""The queues. Each worker process listens to one of them: with two, RQ loses a job between pop and start."""

from enum import StrEnum

from plugin_backend.domain.work import Lane

JOB: str = "worker.steps.run"
"""The one function a job may call; its one argument is the id of a row, or the name of a watcher."""


class QueueName(StrEnum):
    """Short steps; pixels of any kind; pixels of drafts only."""

    STEPS = "steps"
    MEDIA = "media"
    MEDIA_DRAFTS = "media-drafts"


def queues_for(lane: Lane) -> tuple[QueueName, ...]:
    """Where a lane's hints may go, the first choice first."""
    if not lane.is_media:
        return (QueueName.STEPS,)
    return (QueueName.MEDIA_DRAFTS, QueueName.MEDIA) if lane.is_draft else (QueueName.MEDIA,)
