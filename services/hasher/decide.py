"""What the hasher reads, and how it puts what was found. The first read of a submission is attempt 0."""

from typing import assert_never

from services.contracts.inside import ReadRequested, ReferenceRead, ReferenceRequested, UploadRead
from services.contracts.processor import Decision, Emit, Event, View
from services.contracts.reading import Failure, Outcome, Read
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import REFERENCES_READ, UPLOADS_READ, Topic

Question = UploadSubmitted | UploadDeleted | ReadRequested | ReferenceRequested


def work(fact: Question) -> Read | None:
    """Return what to read for a fact, or None when there is nothing to read."""
    match fact:
        case UploadSubmitted():
            return Read(fact.uri, fact.content, media_type=fact.media_type, size_bytes=fact.size_bytes)
        case UploadDeleted():
            return None
        case ReadRequested():
            return Read(fact.uri, slow=fact.slow, media_type=fact.media_type, size_bytes=fact.size_bytes)
        case ReferenceRequested():
            return Read(fact.uri, slow=fact.slow, media_type=fact.media_type)
        case _:
            assert_never(fact)


def decide(_state: View, event: Event) -> Decision:
    """Answer one question. The event's fact is `Worked`: the question and what reading found."""
    question: Question = event.fact.fact
    outcome: Outcome = event.fact.outcome
    match question:
        case UploadSubmitted():
            return _answer(UPLOADS_READ, event, _upload(question.upload_id, event.offset, 0, outcome))
        case ReadRequested():
            read = _upload(question.upload_id, question.submission, question.attempt, outcome)
            return _answer(UPLOADS_READ, event, read)
        case ReferenceRequested():
            return _answer(REFERENCES_READ, event, _reference(question, outcome))
        case UploadDeleted():
            return Decision()
        case _:
            assert_never(question)


def _answer(topic: Topic, event: Event, read: UploadRead | ReferenceRead) -> Decision:
    return Decision(emit=(Emit(topic, event.key, read, event.partition),))


def _upload(upload_id: str, submission: int, attempt: int, outcome: Outcome) -> UploadRead:
    if isinstance(outcome, Failure):
        return UploadRead(upload_id, submission, attempt, failure=outcome)
    return UploadRead(upload_id, submission, attempt, content=outcome.content, sample=outcome.sample)


def _reference(asked: ReferenceRequested, outcome: Outcome) -> ReferenceRead:
    found = None if isinstance(outcome, Failure) else outcome
    return ReferenceRead(
        rightsholder_id=asked.rightsholder_id,
        work_id=asked.work_id,
        reference_id=asked.reference_id,
        registration=asked.registration,
        attempt=asked.attempt,
        content=found.content if found else None,
        sample=found.sample if found else None,
        failure=outcome if isinstance(outcome, Failure) else None,
    )
