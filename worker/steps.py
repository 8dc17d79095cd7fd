"""The one job: look at one row, do its next step. Running it twice, late or never does no harm."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from plugin_backend.domain.ids import Prefix, prefix_of
from plugin_backend.domain.work import Claim, LeaseLostError
from plugin_backend.services import stepping
from plugin_backend.services.moves import StaleStateError
from worker import assets, chunks, deliveries, failures, generations, takes
from worker.media.process import StoppedError
from worker.runtime import Runtime

_DATABASE_WAITS: Final = 10
_DATABASE_PAUSE_SECONDS: Final = 0.5

_log = structlog.get_logger()


class _Installed:
    """The runtime of this process, for the job that RQ calls by name."""

    runtime: Runtime | None = None


def install(runtime: Runtime) -> None:
    """Give the job its runtime; called once, before the first job."""
    _Installed.runtime = runtime


def run(subject_id: str) -> None:
    """What RQ calls."""
    assert _Installed.runtime is not None, "a job came before its runtime"
    advance(_Installed.runtime, subject_id)


def advance(runtime: Runtime, subject_id: str) -> bool:
    """Claim a row and do its next step; False when there was nothing to do."""
    claim = stepping.claim(runtime.house, subject_id, lanes=runtime.lanes)
    if claim is None:
        return False
    with structlog.contextvars.bound_contextvars(subject_id=subject_id):
        _guarded(runtime, claim)
    return True


def _guarded(runtime: Runtime, claim: Claim) -> None:
    try:
        runtime.house.failpoint("step:claimed")
        _STEPS[prefix_of(claim.subject_id)](runtime, claim)
    except LeaseLostError:
        _log.info("step.lease-lost")  # somebody else has it: nothing was written
    except StaleStateError:
        stepping.hand_back(runtime.house, claim, tries=claim.tries - 1)
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


_STEPS: Final[Mapping[Prefix, Callable[[Runtime, Claim], None]]] = {
    Prefix.GENERATION: generations.advance,
    Prefix.TAKE: takes.advance,
    Prefix.CHUNK: chunks.advance,
    Prefix.DELIVERY: deliveries.advance,
    Prefix.ASSET: assets.advance,
}
