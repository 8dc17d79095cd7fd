"""What becomes of a claimed row when its step ends otherwise than it should: it is never lost."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.delivering.plan_version import NewerPlanError
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import stepping
from plugin_backend.services.moves import StaleStateError
from worker import failures
from worker.media.process import StoppedError
from worker.runtime import Runtime

_NEWER_WORKERS: Final = timedelta(seconds=5)
"""How long a row is left to them before it may be offered to us again."""
_DATABASE_WAITS: Final = 10
_DATABASE_PAUSE_SECONDS: Final = 0.5

_log = structlog.get_logger()


def guarded(runtime: Runtime, claim: Claim, step: Callable[[], None]) -> None:
    """Do a claimed row's step; whatever it breaks on, the row is given back, ended or left to its lease."""
    try:
        step()
    except LeaseLostError:
        _log.info("step.lease-lost", subject_id=claim.subject_id)  # somebody else has it: nothing was written
    except StaleStateError:
        stepping.hand_back(runtime.house, claim, tries=claim.tries - 1)
    except NewerPlanError as error:
        _log.info("step.newer-plan", subject_id=claim.subject_id, reason=str(error))
        stepping.hand_back(runtime.house, claim, after=_NEWER_WORKERS, tries=claim.tries - 1)
    except StoppedError:
        stepping.hand_back(runtime.house, claim, tries=claim.tries - 1)
    except OperationalError:
        _hand_back_when_it_returns(runtime, claim)
    except Exception as error:  # noqa: BLE001 - whatever a step breaks on, its row must not be lost
        failures.handle(runtime, claim, error)
    except BaseException:
        runtime.house.engine.dispose()  # a time-out may have struck inside the driver
        raise


def _hand_back_when_it_returns(runtime: Runtime, claim: Claim) -> None:
    """The database went away or could not lock. Wait a little for it; else the lease runs out by itself."""
    for _ in range(_DATABASE_WAITS):
        runtime.house.engine.dispose()
        with suppress(OperationalError):
            stepping.hand_back(runtime.house, claim, tries=claim.tries - 1)
            return
        time.sleep(_DATABASE_PAUSE_SECONDS)
    _log.warning("step.database-away")
