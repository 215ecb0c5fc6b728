"""A content that comes is compared with the references that are known."""

import pytest

from services.contracts.inside import ReferenceForgotten, Resemblance
from services.contracts.sample import LIKENESSES_MAX, Likeness
from services.contracts.topics import CONTENTS_COMPARED
from services.recogniser import comparing
from tests.deciding import PARTITION, digest
from tests.recogniser.facts import (
    CHUNK_BYTES,
    REGISTRY_PARTITION,
    admit,
    dismiss,
    fingerprint,
    found,
    recogniser,
    reference,
)
from tests.recogniser.reading import reading


def test_a_content_is_answered_once_also_when_nothing_is_found() -> None:
    """Somebody waits for the answer."""
    deciding = recogniser()
    assert found(admit(deciding, "song", range(10), admission=7)) == [(digest("song"), 7, [])]
    assert found(admit(deciding, "song", range(10), admission=7)) == []
    assert found(admit(deciding, "song", range(10), admission=8)) == [(digest("song"), 8, [])]


def test_a_content_resembles_the_references_that_are_there() -> None:
    """With all that the registry needs to answer, and the reader to understand."""
    deciding = recogniser()
    fingerprint(deciding, reference("master", range(10)))
    fingerprint(deciding, reference("other", range(50, 60)))
    said = admit(deciding, "tagged", [99, *range(1, 10)])
    (compared,) = said.of(CONTENTS_COMPARED)
    likeness = Likeness(0.9, CHUNK_BYTES, 10 * CHUNK_BYTES, CHUNK_BYTES, 10 * CHUNK_BYTES)
    resemblance = Resemblance("label", "hit", "master", digest("master"), likeness, REGISTRY_PARTITION)
    assert compared.found == (resemblance,)
    assert said[0].partition == PARTITION


def test_the_same_bytes_are_no_likeness() -> None:
    """The matcher knows them by their digest."""
    deciding = recogniser()
    fingerprint(deciding, reference("master", range(10), label="song"))
    assert found(admit(deciding, "song", range(10))) == [(digest("song"), 1, [])]


def test_the_best_are_found_first_and_not_too_many() -> None:
    """A content has so many places for what it resembles."""
    deciding = recogniser()
    for number in range(LIKENESSES_MAX + 5):
        fingerprint(deciding, reference(f"r{number:02}", range(5 + number % 2, 15), label=f"r{number}"))
    fingerprint(deciding, reference("best", range(1, 11)))
    ((_, _, resembled),) = found(admit(deciding, "song", range(11)))
    assert len(resembled) == LIKENESSES_MAX
    scores = [score for _, score in resembled]
    assert scores == sorted(scores, reverse=True)
    assert resembled[0] == ("best", 1.0)


def test_a_chunk_that_too_many_have_does_not_hide_what_else_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a common chunk so many references are looked at; the others are found by the rest."""
    monkeypatch.setattr(comparing, "POSTINGS_MAX", 2)
    deciding = recogniser()
    for number in range(5):
        own = range(100 * number + 1, 100 * number + 10)
        fingerprint(deciding, reference(f"r{number}", [0, *own]))
    for number in range(5):
        ((_, _, resembled),) = found(admit(deciding, f"u{number}", [0, *range(100 * number + 1, 100 * number + 9)]))
        assert [name for name, _ in resembled] == [f"r{number}"]


def test_no_more_is_read_than_can_be_found() -> None:
    """Of many references that are alike, those that have not been read are no better."""
    deciding, store = reading()
    for number in range(2 * LIKENESSES_MAX):
        fingerprint(deciding, reference(f"r{number}", range(10)))
    store.heads.clear()
    ((_, _, resembled),) = found(admit(deciding, "song", range(10)))
    assert len(resembled) == LIKENESSES_MAX
    del store.heads[digest("song")]
    assert store.heads.total() == LIKENESSES_MAX


def test_what_one_content_makes_work_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many references share its chunks: what is asked of the index, and what is read and compared."""
    monkeypatch.setattr(comparing, "FOUND_MAX", 50)
    monkeypatch.setattr(comparing, "READ_CHUNKS_MAX", 60)
    deciding, store = reading()
    for number in range(12):
        fingerprint(deciding, reference(f"r{number:02}", range(20)))
    store.keys = 0
    ((_, _, resembled),) = found(admit(deciding, "song", range(20)))
    assert [name for name, _ in resembled] == ["r00", "r01", "r02"]
    assert store.keys == 60


def test_a_reference_that_is_forgotten_is_not_found() -> None:
    """Nor is one whose bytes are now others."""
    deciding = recogniser()
    fingerprint(deciding, reference("master", range(10)))
    fingerprint(deciding, reference("remix", range(10), label="a remix"))
    deciding.on("id of master", ReferenceForgotten())
    fingerprint(deciding, reference("remix", range(50, 60), label="another remix", registration=2))
    assert found(admit(deciding, "cut", range(2, 10))) == [(digest("cut"), 1, [])]
    assert found(admit(deciding, "cut remix", range(52, 60))) == [(digest("cut remix"), 1, [("remix", 1.0)])]


def test_likeness_is_not_transitive() -> None:
    """A content that resembles a reference is no reference: what resembles it alone is not found."""
    deciding = recogniser()
    fingerprint(deciding, reference("master", range(10)))
    assert found(admit(deciding, "both songs", range(20))) == [(digest("both songs"), 1, [("master", 1.0)])]
    assert found(admit(deciding, "other song", range(10, 20))) == [(digest("other song"), 1, [])]


def test_a_content_that_has_gone_is_forgotten_and_not_by_an_older_word() -> None:
    """Nothing of it is left; and a dismissal of an earlier admission does not end a later one."""
    deciding = recogniser()
    admit(deciding, "song", range(10), admission=5)
    dismiss(deciding, "song", admission=4)
    assert deciding.entry(digest("song")) is not None
    dismiss(deciding, "song", admission=5)
    assert deciding.entry(digest("song")) is None
    assert found(fingerprint(deciding, reference("master", range(9)))) == []
