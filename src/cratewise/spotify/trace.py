"""What is sent, for somebody who wants to see it: the call, its answer's status, how long it took, and nothing else."""

import logging

from cratewise.spotify.errors import Unreachable
from cratewise.spotify.request import Answer, Request
from cratewise.spotify.timing import SYSTEM_TIME, Timing
from cratewise.spotify.transport import Sender

logger = logging.getLogger(__name__)

_SHOWN = ("limit", "offset")  # of a query; nothing else in it is needed to follow what happens


class LoggingSender:
    """Writes each request and its answer to the log at the level DEBUG; neither bodies nor tokens."""

    def __init__(self, sender: Sender, timing: Timing = SYSTEM_TIME) -> None:
        self._sender = sender
        self._timing = timing

    def send(self, request: Request) -> Answer:
        """Sends `request`, and logs what came of it."""
        began_s = self._timing.now_s()
        outcome = "no answer"
        try:
            answer = self._sender.send(request)
            outcome = str(answer.status)
        except Unreachable as failure:
            unsure = failure.maybe_carried_out and not request.repeatable
            outcome = "no answer, perhaps carried out" if unsure else "no answer"
            raise
        finally:
            part = " ".join(f"{name}={request.params[name]}" for name in _SHOWN if name in request.params)
            took_s = self._timing.now_s() - began_s
            logger.debug("%s%s -> %s in %.2f s", request.call, f" {part}" if part else "", outcome, took_s)
        return answer
