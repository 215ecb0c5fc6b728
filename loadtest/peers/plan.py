"""What a run with peers can be told, checked before anything is started."""

from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Parameter
from cyclopts.validators import Number

from loadtest.options import FILES_BYTES_MAX

# Processes are held still while the backlog is written: so many take three seconds, far below the sessions' minute.
UPLOADS_MAX = 200_000
# Peers read a file at once.
SIZE_MAX = 64 * 1024 * 1024


def check_plan(_kind: Any, plan: "Plan | None") -> None:
    """Refuse more than this machine can be asked to hold."""
    if plan is None:
        return
    if len(set(plan.size)) != len(plan.size):
        raise ValueError("A size is named twice.")
    if (total := plan.uploads * sum(plan.size)) > FILES_BYTES_MAX:
        raise ValueError(f"The files would take {total:,} bytes; {FILES_BYTES_MAX:,} are allowed.")


@Parameter(name="*", validator=check_plan)
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much everybody is given to do, and how often."""

    uploads: Annotated[
        int, Parameter(validator=Number(gte=1, lte=UPLOADS_MAX), help="Uploads that wait, in each pass.")
    ] = 20_000
    size: Annotated[
        tuple[int, ...],
        Parameter(negative=(), validator=Number(gte=16, lte=SIZE_MAX), help="Bytes of a file; may be repeated."),
    ] = (4096, 65536)
    listed: Annotated[
        float, Parameter(validator=Number(gte=0, lte=1), help="The share of uploads whose content is listed.")
    ] = 0.05
    rounds: Annotated[int, Parameter(validator=Number(gte=1, lte=100), help="Rounds that count.")] = 3
    warm_ups: Annotated[
        int, Parameter(validator=Number(gte=0, lte=10), help="Rounds before them, for the broker's Java; not counted.")
    ] = 1
