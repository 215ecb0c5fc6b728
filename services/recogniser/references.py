"""References: one that comes, or comes with other bytes, is compared in a walk with the contents that are there."""

from msgspec.structs import replace

from services.contracts.inside import ReferenceFingerprinted
from services.contracts.parts import counts_of, divided
from services.contracts.processor import HEAD, Decision, Emit, Event, View
from services.contracts.sample import SHARED_MIN
from services.recogniser.answering import counting, later
from services.recogniser.comparing import met_by_reference
from services.recogniser.state import WALK, Sampled, Walk
from services.recogniser.tallying import SOMETHING, tell


def know(known: Sampled | None, came: ReferenceFingerprinted, event: Event) -> Decision:
    """Keep a reference, or what this part has of it, and begin its walk."""
    head = _kept(came, event)
    if head is None:
        return forget(known)
    return Decision() if head == known else Decision({HEAD: head, WALK: Walk()})


def _kept(came: ReferenceFingerprinted, event: Event) -> Sampled | None:
    if event.parts == 1:
        return Sampled(reference=came)
    share = divided(came.sample, event.parts).get(event.partition % event.parts)
    if share is None:
        return None
    return Sampled(reference=replace(came, sample=share), counts=counts_of(came.sample))


def forget(known: Sampled | None) -> Decision:
    """Forget a reference, if it is known."""
    return Decision() if known is None else Decision({HEAD: None, WALK: None})


def walk(state: View, event: Event) -> Decision:
    """Compare a reference with the next contents that share enough chunks with it."""
    at: Walk = state.get(WALK)
    head: Sampled = state.get()
    is_whole = event.parts == 1
    met, after = met_by_reference(state, head, at.after, SHARED_MIN if is_whole else SOMETHING)
    emit: list[Emit] = []
    for digest, content, one in met:
        if is_whole:
            assert content.content is not None, "what references are compared with"  # noqa: S101  # an invariant
            emit += later(event, digest, (one,), counting(content.content))
        else:
            emit.append(tell(event, content, digest, (one,)))
    return Decision({WALK: None if after is None else Walk(after)}, emit)
