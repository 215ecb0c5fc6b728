"""The command line: `staydown`, or `python -m services.cli`.

Promises: an error is one sentence on stderr and a non-zero exit (2 for a wrong argument, 1 for anything else, 130 after
Ctrl-C), never a traceback; what others wrote is shown with its control characters escaped; progress shows only on a
terminal, and only on stderr, so that stdout can be read by a program.
"""

import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper
from typing import Any

from cyclopts import App, CycloptsError, Parameter

from services.cli.archive import ARCHIVE
from services.cli.cluster import demo, show_services, up
from services.cli.dead_letters import DEAD_LETTERS
from services.cli.deliveries import DELIVERIES
from services.cli.disputes import DISPUTES
from services.cli.keys import KEYS
from services.cli.notices import NOTICES
from services.cli.permissions import PERMISSIONS
from services.cli.receipts import RECEIPTS
from services.cli.report import REPORT
from services.cli.reviews import REVIEWS
from services.cli.rightsholders import RIGHTSHOLDERS
from services.cli.saved import backup, restore
from services.cli.strikes import STRIKES
from services.cli.takedowns import TAKEDOWNS
from services.cli.terminal import complain
from services.cli.topics import TOPICS
from services.cli.uploads import UPLOADS
from services.cli.verdicts import VERDICTS
from services.cli.works import WORKS
from services.client.errors import ClientError
from services.cluster.errors import ClusterError
from services.runtime.checking import TopicsError
from services.runtime.variables import SettingsError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def _version() -> str:
    try:
        return version("staydown")
    except PackageNotFoundError:
        return "not installed: this is a checkout"


def _default(value: Any) -> Any:
    """Show in the help only defaults that say something."""
    return value or None


APP = App(
    name="staydown",
    help="Takedown and staydown for upload platforms, on Apache Kafka.",
    version=_version,
    default_parameter=Parameter(negative=(), show_default=_default),
    suppress_keyboard_interrupt=False,
)
PARTS = (
    *(TOPICS, PERMISSIONS, RIGHTSHOLDERS, KEYS, WORKS, RECEIPTS, UPLOADS, VERDICTS, TAKEDOWNS, NOTICES),
    *(DISPUTES, REVIEWS, STRIKES, DELIVERIES, DEAD_LETTERS, REPORT, ARCHIVE),
)
APP.command(up)
APP.command(demo)
APP.command(show_services, name="services")
APP.command(backup)
APP.command(restore)
for part in PARTS:
    APP.command(part)


def main() -> None:
    """Run the command in the process's arguments and end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a title that the terminal cannot write is no reason to end
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what matters of it is said by our own sentence
    try:
        code = APP(arguments, exit_on_error=False, print_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError as error:
        complain(str(error))
        return EXIT_USAGE
    except (ClientError, ClusterError, SettingsError, TopicsError) as error:
        complain(str(error))
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # who read our output has enough; Python would complain again when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    return code if isinstance(code, int) else 0
