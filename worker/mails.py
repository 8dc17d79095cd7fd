"""The step of a letter: hand it to the mail server, or try again later."""

import structlog

from plugin_backend.domain.work import Claim
from plugin_backend.services import mail, stepping
from worker.postman import LaterError, RefusedError
from worker.runtime import Runtime

_log = structlog.get_logger()


def advance(runtime: Runtime, claim: Claim) -> None:
    """Send one letter; what is logged names its row, never whom it is to."""
    hand = mail.look(runtime.house, claim)
    if hand is None:
        return
    if runtime.postman is None:
        mail.later(runtime.house, claim, note="No mail is set up in this worker (SMTP_URL).")
        return
    try:
        with runtime.postman.at_the_door() as door:
            stepping.renew(runtime.house, claim)
            door.hand_over(hand.letter, mail_id=hand.mail_id)
    except RefusedError as error:
        _log.warning("mail.refused", mail_id=hand.mail_id, reason=str(error))
        mail.given_up(runtime.house, claim, note=str(error))
    except LaterError as error:
        _log.warning("mail.later", mail_id=hand.mail_id, tries=claim.tries, reason=str(error))
        mail.later(runtime.house, claim, note=str(error))
    else:
        runtime.house.failpoint("mail:sent")
        mail.sent(runtime.house, claim)
