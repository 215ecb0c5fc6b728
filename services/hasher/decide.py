"""What the hasher reads, and how it puts what was found. The first read of a submission is attempt 0."""

from typing import assert_never

from services.contracts.inside import ReadRequested, ReferenceRead, ReferenceRequested, UploadRead
from services.contracts.processor import Decision, Emit, Event, View
from services.contracts.reading import Failure, Outcome, Read
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import REFERENCES_READ, UPLOADS_READ
from services.contracts.types import Content

Question = UploadSubmitted | UploadDeleted | ReadRequested | ReferenceRequested


def work(fact: Question) -> Read | None:
    """Return what to read for a fact, or None when there is nothing to read."""
    match fact:
        case UploadSubmitted():
            return Read(fact.uri, fact.content)
        case UploadDeleted():
            return None
        case ReadRequested() | ReferenceRequested():
            return Read(fact.uri, slow=fact.slow)
        case _:
            assert_never(fact)


def decide(_state: View, event: Event) -> Decision:
    """Answer one question. The event's fact is `Worked`: the question and what reading found."""
    question: Question = event.fact.fact
    content, failure = _split(event.fact.outcome)
    match question:
        case UploadSubmitted():
            read = UploadRead(question.upload_id, event.offset, 0, content, failure)
            return Decision(emit=(Emit(UPLOADS_READ, event.key, read, event.partition),))
        case ReadRequested():
            read = UploadRead(question.upload_id, question.submission, question.attempt, content, failure)
            return Decision(emit=(Emit(UPLOADS_READ, event.key, read, event.partition),))
        case ReferenceRequested():
            return Decision(
                emit=(Emit(REFERENCES_READ, event.key, _reference(question, content, failure), event.partition),)
            )
        case UploadDeleted():
            return Decision()
        case _:
            assert_never(question)


def _reference(asked: ReferenceRequested, content: Content | None, failure: Failure | None) -> ReferenceRead:
    return ReferenceRead(
        rightsholder_id=asked.rightsholder_id,
        work_id=asked.work_id,
        reference_id=asked.reference_id,
        registration=asked.registration,
        attempt=asked.attempt,
        content=content,
        failure=failure,
    )


def _split(outcome: Outcome | None) -> tuple[Content | None, Failure | None]:
    return (outcome, None) if isinstance(outcome, Content) else (None, outcome)
