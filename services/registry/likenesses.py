"""Other bytes that resemble a work's references: listed for it while those are in force, and no longer.

- Every resemblance is answered by one change of a listing: it is put if that very reference is in force, and otherwise
  nothing is listed. So the matcher knows when it has all answers, and no second topic races with this one. A
  newcomer's registration that nobody has approved lists no more likenesses than it may find copies.
- What was put is remembered, and swept when the work's references or rights change or it is released: what no longer
  rests on a reference in force is removed, what has older terms is put again, in bounded steps, and the work's next
  action begins when all that is answered. What still rests on one stays, so that nothing comes back in between.
- A listing that was refused since too many list those bytes is remembered all the same: a second try may have been
  granted meanwhile, and a removal of what is not there does no harm.
"""

import xxhash
from msgspec.structs import replace

from services.contracts.inside import ListingApplied, ListingChanged, ResemblanceFound
from services.contracts.processor import Emit
from services.contracts.rights import Terms
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.probation import is_limited
from services.registry.registrations import Registration
from services.registry.rights import terms_of
from services.registry.state import Resembling, Sweep
from services.registry.turn import Turn
from services.registry.works import advance

LIKENESSES_PER_STEP = 200
"""What one step of a sweep looks at: a few milliseconds."""

PUT_AGAIN = (ListingApplied.Answer.APPLIED, ListingApplied.Answer.REFUSED, ListingApplied.Answer.PROTECTED)


def resembles(turn: Turn, found: ResemblanceFound) -> Turn:
    """Answer one resemblance."""
    one = Resembling(found.reference_id, found.digest, found.reference_digest, likeness=found.likeness)
    name = _name(turn.work_id, one.digest, one.reference_id)
    known: Resembling | None = turn.state.get(name)
    current = turn.work.current
    if current is None or not _may_be_listed(turn, one, current, known):
        return turn.saying(_nothing(turn, one, found.admission))
    awaited = known is not None and known.awaited
    one = replace(one, version=current.number, terms_version=turn.head.number, awaited=awaited)
    said = _put(turn, one, current, terms_of(turn.head, turn.work, current), found.admission)
    turn = turn.with_work(likenesses=turn.work.likenesses + (known is None))
    return turn.changing({name: one}).saying(said)


def _may_be_listed(turn: Turn, one: Resembling, current: Registration, known: Resembling | None) -> bool:
    """Tell whether a likeness rests on what is in force, and is not one more than a newcomer may find."""
    if current.number <= turn.head.settled or not _holds(one, current):
        return False
    if known is not None or not (current.limited and is_limited(turn)):
        return True
    return current.copies + turn.work.likenesses < turn.event.rules.probation_copies_max


def sweep(turn: Turn) -> Turn:
    """Take the next step of a sweep: remove what rests on no reference in force, put again what has older terms."""
    work, at = turn.work, turn.work.sweep
    assert at is not None, "only a work that is being swept is woken for it"  # noqa: S101  # an invariant
    under = _under(turn.work_id)
    met = [one for one in turn.state.after(at.cursor or under, LIKENESSES_PER_STEP) if one[0].startswith(under)]
    gone = {name: one for name, one in met if work.current is None or not _holds(one, work.current)}
    old = {name: one for name, one in met if name not in gone and one.terms_version < at.terms_version}
    swept = replace(
        at,
        cursor=met[-1][0] if met else at.cursor,
        is_through=len(met) < LIKENESSES_PER_STEP,
        unanswered=at.unanswered + len(gone) + len(old),
    )
    turn = _put_again(_remove(turn, gone, at.reason), old, at)
    return advance(turn.with_work(sweep=swept))


def _remove(turn: Turn, gone: dict[str, Resembling], reason: str) -> Turn:
    said = (
        _change(turn, one, change=ListingChanged.Change.ENDED, version=one.version, reason=reason)
        for one in gone.values()
    )
    turn = turn.with_work(likenesses=turn.work.likenesses - len(gone))
    return turn.changing(dict.fromkeys(gone)).saying(*map(_emit, said))


def _put_again(turn: Turn, old: dict[str, Resembling], at: Sweep) -> Turn:
    current = turn.work.current
    if current is None or not old:
        return turn
    terms = terms_of(turn.head, turn.work, current)
    again = {name: replace(one, terms_version=at.terms_version, awaited=True) for name, one in old.items()}
    return turn.changing(again).saying(*(_put(turn, one, current, terms) for one in again.values()))


def answered(turn: Turn, answer: ListingApplied) -> Turn:
    """Count the answer to a removal, or to what was put again; whatever else is answered says nothing new."""
    at = turn.work.sweep
    if at is None or not at.unanswered:
        return turn
    if answer.answer in PUT_AGAIN:
        name = _name(turn.work_id, answer.digest, answer.reference_id)
        one: Resembling | None = turn.state.get(name)
        if one is None or not one.awaited or one.terms_version != answer.terms_version:
            return turn
        turn = turn.changing({name: replace(one, awaited=False)})
    elif answer.answer is not ListingApplied.Answer.REMOVED:
        return turn
    return advance(turn.with_work(sweep=replace(at, unanswered=at.unanswered - 1)))


def _holds(one: Resembling, current: Registration) -> bool:
    """Tell whether the reference that was found, with the bytes that were compared, is in force."""
    ids = (one.reference_id, one.reference_digest)
    return any((other.reference_id, other.digest) == ids and other.sampled for other in current.references)


def _put(turn: Turn, one: Resembling, current: Registration, terms: Terms, admission: int = -1) -> Emit:
    listed = _change(turn, one, change=ListingChanged.Change.LISTED, version=one.version, admission=admission)
    return _emit(
        replace(
            listed,
            submission_id=current.submission_id,
            likeness=one.likeness,
            terms=terms,
            terms_version=one.terms_version,
        )
    )


def _nothing(turn: Turn, one: Resembling, admission: int) -> Emit:
    return _emit(_change(turn, one, change=ListingChanged.Change.NOTHING, version=-1, admission=admission))


def _change(
    turn: Turn,
    one: Resembling,
    *,
    change: ListingChanged.Change,
    version: int,
    reason: str = "",
    admission: int = -1,
) -> ListingChanged:
    return ListingChanged(
        digest=one.digest,
        rightsholder_id=turn.event.key,
        work_id=turn.work_id,
        reference_id=one.reference_id,
        version=version,
        submission_id="",
        change=change,
        reason=reason,
        rightsholder_partition=turn.event.partition,
        similar=True,
        admission=admission,
    )


def _emit(change: ListingChanged) -> Emit:
    return Emit(LISTINGS_CHANGED, change.digest, change)


def _name(work_id: str, digest: str, reference_id: str) -> str:
    return f"{_under(work_id)}{digest}/{reference_id}"


def _under(work_id: str) -> str:
    """Return how the names begin of all that resembles a work; a work_id may hold anything."""
    return f"like/{xxhash.xxh3_128_hexdigest(work_id.encode())}/"
