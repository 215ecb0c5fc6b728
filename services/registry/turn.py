"""One work's turn: what is known when a fact about it is met, and what that has led to so far.

Every rule takes a turn and returns one, so that rules follow one another without passing on what each of them changed.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from services.contracts.measured import Measured, Tallied, Tally
from services.contracts.processor import EMPTY, HEAD, Decision, Emit, Event, View
from services.registry.state import Rightsholder, Work


class Turn(Struct, frozen=True):
    """`head` and `work` are as they have become; `emit` and `changes` are written besides, `measured` is counted."""

    state: View
    event: Event
    head: Rightsholder
    work_id: str
    work: Work
    emit: tuple[Emit, ...] = ()
    changes: Mapping[str, object | None] = EMPTY
    measured: tuple[Measured, ...] = ()

    def with_work(self, **changes: object) -> "Turn":
        """Return the turn with some fields of the work changed."""
        return replace(self, work=replace(self.work, **changes))

    def with_head(self, **changes: object) -> "Turn":
        """Return the turn with some fields of the rightsholder changed."""
        return replace(self, head=replace(self.head, **changes))

    def saying(self, *emit: Emit) -> "Turn":
        """Return the turn with more to say."""
        return replace(self, emit=(*self.emit, *emit)) if emit else self

    def counting(self, *measured: Measured) -> "Turn":
        """Return the turn with more to count."""
        return replace(self, measured=(*self.measured, *measured)) if measured else self

    def changing(self, changes: Mapping[str, object | None]) -> "Turn":
        """Return the turn with more entries changed."""
        return replace(self, changes={**self.changes, **changes}) if changes else self


def begin(state: View, event: Event, work_id: str) -> Turn:
    """Return the turn of a work, whether it is there or not."""
    work: Work = state.get(f"work/{work_id}") or Work()
    return Turn(state, event, state.get() or Rightsholder(), work_id, work)


def end(before: Turn, after: Turn) -> Decision:
    """Return what a turn has led to. Of a work of which nothing is registered no rights are kept."""
    changes, work = dict(after.changes), after.work
    if work.current is None and work.pending is None and (work.licences or work.excluded):
        work = replace(work, licences=(), excluded=())
    if work != before.work:
        changes[f"work/{after.work_id}"] = None if work == Work() else work
    if after.head != before.head:
        changes[HEAD] = after.head
    more_held = after.head.held - before.head.held
    tallied = (Tallied(Tally.HELD, more_held),) if more_held else ()
    return Decision(changes, after.emit, (*after.measured, *tallied))
