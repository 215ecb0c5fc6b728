"""The command line: one command for each profile, and what its exit code means.

Exit codes: 0: measured, and every verdict was right. 1: a verdict was missed, wrong or said twice. 2: an argument was
refused. 3: the run is void, since the generator was late or a process was started again; its figures mean nothing.
4: it could not be run at all. A wrong verdict outranks a void run.
"""

import asyncio
import sys

from cyclopts import App, CycloptsError

from loadtest.outcome import Outcome
from loadtest.profiles import PROFILES
from loadtest.profiles.cost import cost
from loadtest.target import LoadTestError
from services.cluster.errors import ClusterError
from services.runtime.variables import SettingsError

EXIT_INCORRECT = 1
EXIT_ARGUMENTS = 2
EXIT_VOID = 3
EXIT_FAILED = 4

app = App(
    name="python -m loadtest",
    help="Load tests of Staydown. They talk to 127.0.0.1 alone and end all that they start.",
    version_flags=(),
)
for name, profile in PROFILES.items():
    app.command(profile, name=name)
app.command(cost)


def main(arguments: list[str] | None = None) -> None:
    """Run the profile that the arguments name, and exit."""
    try:
        report = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        sys.exit(EXIT_ARGUMENTS)  # cyclopts has said what is wrong with them
    except (LoadTestError, ClusterError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(EXIT_FAILED)
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("The load test was interrupted.\n")
        sys.exit(EXIT_FAILED)
    sys.exit(0 if report is None else exit_code(report))


def exit_code(report: Outcome) -> int:
    """Return what the report comes down to."""
    if not report.truth.is_right:
        return EXIT_INCORRECT
    return EXIT_VOID if report.void else 0
