"""What the recogniser decides about one content, or one reference.

- A content that is admitted is compared at once with the references that are known, and answered.
- A reference that comes, or comes with other bytes, is compared with the contents that are there, in a walk.
- What has been compared already says nothing the second time.
"""

from typing import assert_never

from services.contracts.inside import ContentAdmitted, ReferenceFingerprinted, ReferenceForgotten
from services.contracts.processor import HEAD, Decision, Event, View, Woken
from services.recogniser.comparing import resembled, say, walk
from services.recogniser.state import WALK, Sampled, Walk

Fact = ContentAdmitted | ReferenceFingerprinted | ReferenceForgotten | Woken


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a content, or of a reference."""
    known: Sampled | None = state.get()
    fact: Fact = event.fact
    match fact:
        case ContentAdmitted():
            return _admit(state, known, fact, event) if fact.present else _dismiss(known, fact)
        case ReferenceFingerprinted():
            is_new = known is None or known.reference != fact
            return Decision({HEAD: Sampled(reference=fact), WALK: Walk()}) if is_new else Decision()
        case ReferenceForgotten():
            return Decision({HEAD: None, WALK: None}) if known is not None else Decision()
        case Woken():
            return walk(state, event)
        case _:
            assert_never(fact)


def _admit(state: View, known: Sampled | None, came: ContentAdmitted, event: Event) -> Decision:
    if known is not None and known.admission >= came.admission:
        return Decision()
    assert came.sample is not None, "what cannot be compared is not admitted"  # noqa: S101  # an invariant of the matcher
    found = resembled(state, came.digest, came.sample)
    return Decision({HEAD: Sampled(came.admission, came.sample)}, (say(event, came.digest, came.admission, *found),))


def _dismiss(known: Sampled | None, went: ContentAdmitted) -> Decision:
    return Decision({HEAD: None} if known is not None and known.admission <= went.admission else {})
