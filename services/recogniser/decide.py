"""What the recogniser decides about one content, or one reference.

- A content that is admitted is compared at once with the references that are known, and answered.
- A reference that comes, or comes with other bytes, is compared with the contents that are there, in a walk.
- What has been compared already says nothing the second time.

Where the index is divided, both happen in each part, and what the parts say is added up (`tallying.py`).
"""

from typing import assert_never

from services.contracts.inside import (
    ContentAdmitted,
    ContentDivided,
    ContentMet,
    ReferenceFingerprinted,
    ReferenceForgotten,
)
from services.contracts.processor import HEAD, Decision, Event, View, Woken
from services.contracts.sample import SHARED_MIN
from services.recogniser import references, tallying
from services.recogniser.answering import answer, counting
from services.recogniser.comparing import met_by_content
from services.recogniser.state import WALK, Sampled

Fact = ContentAdmitted | ContentDivided | ContentMet | ReferenceFingerprinted | ReferenceForgotten | Woken


def decide(state: View, event: Event) -> Decision:
    """Decide one event of a content, or of a reference."""
    known: Sampled | None = state.get()
    fact: Fact = event.fact
    match fact:
        case ContentAdmitted():
            return _content(state, known, fact, event)
        case ContentDivided():
            return tallying.hold(state, known, fact, event)
        case ContentMet():
            return tallying.hear(state, fact, event)
        case ReferenceFingerprinted():
            return references.know(known, fact, event)
        case ReferenceForgotten():
            return references.forget(known)
        case Woken(name=name):
            return references.walk(state, event) if name == WALK else tallying.say_heard(state, event)
        case _:
            assert_never(fact)


def _content(state: View, known: Sampled | None, fact: ContentAdmitted, event: Event) -> Decision:
    if event.parts > 1:
        return tallying.admit(state, fact, event) if fact.present else tallying.dismiss(state, fact, event)
    return _admit(state, known, fact, event) if fact.present else _dismiss(known, fact)


def _admit(state: View, known: Sampled | None, came: ContentAdmitted, event: Event) -> Decision:
    if known is not None and known.admission >= came.admission:
        return Decision()
    assert came.sample is not None, "what cannot be compared is not admitted"  # noqa: S101  # an invariant of the matcher
    met = met_by_content(state, came.digest, came.sample, SHARED_MIN)
    answered = answer(event, came.digest, came.admission, met, counting(came.sample))
    return Decision({HEAD: Sampled(came.admission, came.sample)}, (answered,))


def _dismiss(known: Sampled | None, went: ContentAdmitted) -> Decision:
    return Decision({HEAD: None} if known is not None and known.admission <= went.admission else {})
