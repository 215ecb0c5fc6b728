"""What the hasher reads for each question, and how it puts the answer."""

import pytest

from services.contracts.inside import ReadRequested, ReferenceRead, ReferenceRequested, UploadRead
from services.contracts.processor import Decision, Emit, Event, Worked
from services.contracts.reading import Failure, Found, Read
from services.contracts.sample import Place, sample_of
from services.contracts.submitted import UploadDeleted, UploadSubmitted
from services.contracts.topics import REFERENCES_READ, UPLOADS_READ
from services.contracts.types import Content
from services.hasher.decide import Question, decide, work
from tests.hasher.nothing import NOTHING

CONTENT = Content("0" * 32, "1" * 64, 5)
SAMPLE = sample_of({7: Place(0, 100)})
FOUND = Found(CONTENT, SAMPLE)
URI = "file:///media/a.wav"
SUBMITTED = UploadSubmitted("u", "someone", URI, media_type="audio/wav", size_bytes=5, content=CONTENT)
AGAIN = ReadRequested("u", submission=7, attempt=3, uri=URI, slow=True, media_type="audio/wav", size_bytes=5)
REFERENCE = ReferenceRequested("r", "w", "ref", 2, 1, URI, slow=False, media_type="audio/wav")


@pytest.mark.parametrize(
    ("question", "read"),
    [
        (SUBMITTED, Read(URI, CONTENT, media_type="audio/wav", size_bytes=5)),
        (UploadDeleted(), None),
        (AGAIN, Read(URI, slow=True, media_type="audio/wav", size_bytes=5)),
        (REFERENCE, Read(URI, media_type="audio/wav")),
    ],
)
def test_each_question_asks_for_one_read_or_none(question: Question, read: Read | None) -> None:
    """What a sender declares goes along, also when it is read again; whether it counts is the reader's matter."""
    assert work(question) == read


@pytest.mark.parametrize(
    ("question", "emit"),
    [
        (SUBMITTED, Emit(UPLOADS_READ, "k", UploadRead("u", 42, 0, CONTENT, sample=SAMPLE), 3)),
        (AGAIN, Emit(UPLOADS_READ, "k", UploadRead("u", 7, 3, CONTENT, sample=SAMPLE), 3)),
        (REFERENCE, Emit(REFERENCES_READ, "k", ReferenceRead("r", "w", "ref", 2, 1, CONTENT, sample=SAMPLE), 3)),
    ],
)
def test_an_answer_echoes_what_was_asked(question: Question, emit: Emit) -> None:
    """A first read is about the record's own offset and is attempt 0; the answer keeps key and partition."""
    assert decide(NOTHING, Event("k", Worked(question, FOUND), 0, 3, 42)) == Decision(emit=(emit,))


@pytest.mark.parametrize("outcome", list(Failure))
def test_a_failure_is_an_answer(outcome: Failure) -> None:
    """Each of them, and then there is no content."""
    (emit,) = decide(NOTHING, Event("u", Worked(SUBMITTED, outcome), 0, 0, 1)).emit
    assert emit.fact == UploadRead("u", 1, 0, None, outcome)


def test_a_deletion_has_no_answer() -> None:
    """There is nothing to read."""
    assert decide(NOTHING, Event("u", Worked(UploadDeleted(), None), 0, 0, 1)) == Decision()
