"""The end of a process whose infrastructure broke: one line that says why, and gone, before anything is committed.

What Kafka has committed is the truth and the restart is the recovery, so nothing is flushed, closed or retried here.
"""

import os
import sys
from typing import NoReturn

import structlog

EXIT_BROKEN = 75
"""EX_TEMPFAIL: a client or a broker failed, or somebody else took over; started again it goes on where it was."""

log = structlog.get_logger()


def end_process(reason: str, error: BaseException | None = None) -> NoReturn:
    """End this process at once; `reason` is a few words, `error` what was raised if anything was."""
    said = f"{type(error).__name__}: {error}" if error is not None else ""
    log.critical("broken", reason=reason, error=said, exc_info=error)
    sys.stdout.flush()
    os._exit(EXIT_BROKEN)


def leave_process() -> NoReturn:
    """End this process, whose work is done; what a library still runs does not hold it."""
    sys.stdout.flush()
    os._exit(0)
