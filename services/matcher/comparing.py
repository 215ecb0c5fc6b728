"""Comparing bytes with all references: what the recogniser is told, what it answers, and who waits for that.

    a copy brings a sample ─► contents.admitted ─► contents.compared ─► resemblances.found ─► listings.changed

No copy is told anything before its bytes are compared and the registry has said of each resemblance whether that
reference is in force; the answer lists it or lists nothing, so that no two topics race. What a later reference
resembles goes the same way, and nobody waits for it.
"""

from msgspec.structs import replace

from services.contracts.inside import ContentAdmitted, ContentCompared, CopyChanged, ListingChanged, ResemblanceFound
from services.contracts.processor import HEAD, Decision, Emit, Event, View
from services.contracts.topics import CONTENTS_ADMITTED, MATCHES_FOUND, RESEMBLANCES_FOUND
from services.matcher.round import around, copies_per_step, enforced, telling
from services.matcher.state import Asked, Comparison, Copy, Digest

TOLD_AT_ONCE_MAX = 16
"""Copies told in the step that ends the waiting: nearly always all there are. More are told in a round."""


def admit(digest: Digest, came: CopyChanged, event: Event) -> tuple[Digest, tuple[Emit, ...]]:
    """Have bytes compared with the first copy that brings a sample of them."""
    if came.sample is None or digest.comparison is not None:
        return digest, ()
    admitted = ContentAdmitted(event.key, event.offset, present=True, sample=came.sample)
    head = replace(digest, comparison=Comparison(event.offset))
    return head, (Emit(CONTENTS_ADMITTED, event.key, admitted, event.partition),)


def dismiss(digest: Digest, event: Event) -> tuple[Digest, tuple[Emit, ...]]:
    """Let the recogniser forget bytes of which the last copy has gone."""
    if digest.comparison is None or digest.copies:
        return digest, ()
    dismissed = ContentAdmitted(event.key, digest.comparison.admission, present=False)
    return replace(digest, comparison=None), (Emit(CONTENTS_ADMITTED, event.key, dismissed, event.partition),)


def compared(digest: Digest, fact: ContentCompared, event: Event) -> Decision:
    """Ask the registry about each resemblance, and know who waits for that: not those of an earlier admission."""
    comparison = digest.comparison
    if comparison is None or event.offset <= comparison.heard:
        return Decision()
    after = replace(comparison, heard=event.offset)
    if fact.admission == comparison.admission:
        asked = tuple(Asked(one.rightsholder_id, one.work_id, one.reference_id) for one in fact.found)
        after = replace(after, done=True, asked=asked)
    return Decision({HEAD: replace(digest, comparison=after)}, _ask(fact))


def _ask(fact: ContentCompared) -> tuple[Emit, ...]:
    questions = (
        ResemblanceFound(
            rightsholder_id=one.rightsholder_id,
            work_id=one.work_id,
            reference_id=one.reference_id,
            reference_digest=one.reference_digest,
            digest=fact.digest,
            admission=fact.admission,
            likeness=one.likeness,
        )
        for one in fact.found
    )
    partitions = (one.rightsholder_partition for one in fact.found)
    return tuple(
        Emit(RESEMBLANCES_FOUND, question.rightsholder_id, question, partition)
        for question, partition in zip(questions, partitions, strict=True)
    )


def answered(digest: Digest, decision: Decision, change: ListingChanged) -> Decision:
    """Return the decision about a change of a listing, with the question struck out that it answers."""
    comparison = digest.comparison
    if comparison is None or change.admission != comparison.admission:
        return decision
    one = Asked(change.rightsholder_id, change.work_id, change.reference_id)
    left = replace(comparison, asked=tuple(other for other in comparison.asked if other != one))
    changed = decision.changes.get(HEAD)
    head = changed if isinstance(changed, Digest) else digest
    return Decision({**decision.changes, HEAD: replace(head, comparison=left)}, decision.emit)


def tell_waiting(state: View, digest: Digest, decision: Decision, key: str) -> Decision:
    """Return a decision about `digest`, with the copies told that waited if nothing is in doubt any more after it.

    When the last copy that waited has gone, there is nobody to tell, and what is listed is enforced.
    """
    head = decision.changes.get(HEAD)
    if digest.is_compared or not isinstance(head, Digest) or not head.is_compared:
        return decision
    tell = telling(key, head)
    if head.copies > (min(TOLD_AT_ONCE_MAX, copies_per_step(tell)) if head.listings else TOLD_AT_ONCE_MAX):
        return Decision({**decision.changes, HEAD: around(head)}, decision.emit)
    waiting: list[tuple[str, Copy]] = list(state.after("copy/", head.copies)) if head.copies else []
    changes, emit = dict(decision.changes), list(decision.emit)
    for name, copy in waiting:
        if copy.told < 0:
            upload_id = name.removeprefix("copy/")
            changes[name] = replace(copy, told=head.version)
            emit.append(Emit(MATCHES_FOUND, upload_id, tell(upload_id, copy), copy.partition))
    changes[HEAD], answers = enforced(head, key) if head.round is None else (head, ())
    return Decision(changes, (*emit, *answers))
