"""Other bytes that resemble a work's references: listed for it while those are in force, and no longer.

- Every resemblance is answered by one change of a listing: it is put if that very reference is in force, and otherwise
  nothing is listed. So the matcher knows when it has all answers, and no second topic races with this one.
- What was put is remembered, and swept when the work's references change or it is released: what no longer rests on
  a reference in force is removed, in bounded steps, and the work's next action begins when all that is answered.
  What still does stays as it is, so that a replacement lets nothing come back in between.
- A listing that was refused since too many list those bytes is remembered all the same: a second try may have been
  granted meanwhile, and a removal of what is not there does no harm.
"""

import xxhash
from msgspec.structs import replace

from services.contracts.inside import ListingChanged, ResemblanceFound
from services.contracts.processor import Emit, Event
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.state import Registration, Resembling, Sweep
from services.registry.turn import Turn
from services.registry.works import advance

LIKENESSES_PER_STEP = 200
"""What one step of a sweep looks at: a few milliseconds."""


def resembles(turn: Turn, found: ResemblanceFound) -> Turn:
    """Answer one resemblance."""
    one = Resembling(found.reference_id, found.digest, found.reference_digest)
    current = turn.work.current
    if current is None or not _holds(one, current):
        nothing = _change(one, found.work_id, turn.event, admission=found.admission)
        return turn.saying(Emit(LISTINGS_CHANGED, found.digest, nothing))
    name = f"{_under(found.work_id)}{found.digest}/{found.reference_id}"
    put = replace(
        _change(replace(one, version=current.number), found.work_id, turn.event, admission=found.admission),
        submission_id=current.submission_id,
        change=ListingChanged.Change.LISTED,
        likeness=found.likeness,
    )
    turn = turn.with_work(likenesses=turn.work.likenesses + (turn.state.get(name) is None))
    turn = turn.changing({name: replace(one, version=current.number)})
    return turn.saying(Emit(LISTINGS_CHANGED, found.digest, put))


def sweep(turn: Turn) -> Turn:
    """Take the next step of a sweep: remove what rests on no reference in force."""
    work, at = turn.work, turn.work.sweep
    assert at is not None, "only a work that is being swept is woken for it"  # noqa: S101  # an invariant
    under = _under(turn.work_id)
    met = [one for one in turn.state.after(at.cursor or under, LIKENESSES_PER_STEP) if one[0].startswith(under)]
    gone = {name: one for name, one in met if work.current is None or not _holds(one, work.current)}
    reason = work.releasing.reason.value if work.releasing and work.releasing.reason else "REPLACED"
    removals = (_change(one, turn.work_id, turn.event, reason=reason) for one in gone.values())
    swept = Sweep(
        cursor=met[-1][0] if met else at.cursor,
        is_through=len(met) < LIKENESSES_PER_STEP,
        unanswered=at.unanswered + len(gone),
    )
    turn = turn.with_work(sweep=swept, likenesses=work.likenesses - len(gone)).changing(dict.fromkeys(gone))
    return advance(turn.saying(*(Emit(LISTINGS_CHANGED, one.digest, one) for one in removals)))


def removed(turn: Turn) -> Turn:
    """Count the answer to a removal."""
    at = turn.work.sweep
    if at is None or not at.unanswered:
        return turn
    return advance(turn.with_work(sweep=replace(at, unanswered=at.unanswered - 1)))


def _holds(one: Resembling, current: Registration) -> bool:
    """Tell whether the reference that was found, with the bytes that were compared, is in force."""
    ids = (one.reference_id, one.reference_digest)
    return any((other.reference_id, other.digest) == ids and other.sampled for other in current.references)


def _change(one: Resembling, work_id: str, event: Event, *, reason: str = "", admission: int = -1) -> ListingChanged:
    """Return the removal of what was put, or, of what never was, nothing."""
    return ListingChanged(
        digest=one.digest,
        rightsholder_id=event.key,
        work_id=work_id,
        reference_id=one.reference_id,
        version=one.version,
        submission_id="",
        change=ListingChanged.Change.ENDED if one.version >= 0 else ListingChanged.Change.NOTHING,
        reason=reason,
        rightsholder_partition=event.partition,
        similar=True,
        admission=admission,
    )


def _under(work_id: str) -> str:
    """Return how the names begin of all that resembles a work; a work_id may hold anything."""
    return f"like/{xxhash.xxh3_128_hexdigest(work_id.encode())}/"
