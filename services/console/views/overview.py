"""The figures of the first page. Pure."""

from dataclasses import dataclass

from services.console.views.charts import Kind
from services.console.views.counting import Counter

DECIDED = (Kind("shown", "clear"), Kind("not shown", "blocked"), Kind("held or not read", "held"))
HAPPENED = (
    Kind("came down at a registration", "accent"),
    Kind("refused, as registered before", "blocked"),
    Kind("came back", "clear"),
)


@dataclass(frozen=True, slots=True)
class Standings:
    """What waits, and what is so: of all uploads by their verdict, or of the copies of one rightsholder's works."""

    held_works: int = 0
    disputed: int = 0
    clear: int = 0
    blocked: int = 0
    held: int = 0
    unscanned: int = 0
    accepted: int = 0
    taken_down: int = 0
    refused: int = 0
    down_now: int = 0


def counters(figures: Standings, *, is_own: bool) -> tuple[Counter, ...]:
    """Return what the first page counts, for everybody or for one rightsholder."""
    own = (
        Counter("taken_down", "copies taken down", f"{figures.taken_down:,}", "accent"),
        Counter("refused", "re-uploads refused", f"{figures.refused:,}", "blocked"),
        Counter("down_now", "blocked now", f"{figures.down_now:,}", "blocked"),
    )
    all_ = (
        Counter("clear", "uploads shown", f"{figures.clear:,}", "clear"),
        Counter("blocked", "uploads not shown", f"{figures.blocked:,}", "blocked"),
        Counter("held", "uploads waiting for a person", f"{figures.held:,}", "held"),
        Counter("unscanned", "uploads not read yet", f"{figures.unscanned:,}", "unscanned"),
        Counter("accepted", "registrations accepted", f"{figures.accepted:,}", "accent"),
    )
    waiting = (
        Counter("held_works", "registrations waiting", f"{figures.held_works:,}", "held"),
        Counter("disputed", "takedowns disputed", f"{figures.disputed:,}", "held"),
    )
    return (*(own if is_own else all_), *waiting)
