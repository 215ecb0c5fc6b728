"""What resembles a work's references: told to the recogniser, listed while they are in force, and swept."""

import pytest
from msgspec.structs import replace

from services.contracts.inside import (
    ListingApplied,
    ListingChanged,
    ReferenceFingerprinted,
    ReferenceRead,
    ResemblanceFound,
)
from services.contracts.reading import Failure
from services.contracts.sample import Likeness, Place, sample_of
from services.contracts.topics import LISTINGS_CHANGED, REFERENCES_FINGERPRINTED
from services.registry import likenesses
from tests.deciding import PARTITION, Deciding, Said, digest
from tests.registry.facts import (
    LABEL,
    Answer,
    Status,
    answer,
    by_digest,
    by_file,
    listings,
    on,
    read,
    receipts,
    registers,
    registry,
    releases,
    work,
)

LIKENESS = Likeness(0.9, 0, 900, 100, 1_000)
SAMPLE = sample_of({chunk: Place(chunk, 1) for chunk in range(5)})


def sampled(label: str, found: str = "", number: int = 1) -> ReferenceRead:
    """Return: reading a reference found these bytes, which can be compared."""
    return replace(read(label, found or label, number), sample=SAMPLE)


def in_force_by_file(*labels: str) -> Deciding:
    """Return a registry in which the label's work is in force, by registration 1, on files that it has read."""
    deciding = registry()
    on(deciding, registers("s1", *map(by_file, labels)), *map(sampled, labels))
    on(deciding, *(answer(Answer.APPLIED, label) for label in labels))
    return deciding


def resembles(label: str, like: str, admission: int = -1, reference_digest: str = "") -> ResemblanceFound:
    """Return: some bytes resemble a reference of the label's work."""
    original = digest(reference_digest or label)
    return ResemblanceFound(LABEL, "hit", label, original, digest(like), admission, LIKENESS)


def removed(label: str, like: str, number: int = 1) -> ListingApplied:
    """Return: what resembles a reference is listed no longer."""
    return ListingApplied(LABEL, "hit", label, digest(like), number, Answer.REMOVED, similar=True)


def fingerprints(said: Said) -> list[tuple[str, bool]]:
    """Return (fingerprint_id, whether it is in force) of each that is told."""
    return [(emit.key, emit.fact is not None) for emit in said if emit.topic is REFERENCES_FINGERPRINTED]


def likes(said: Said) -> list[tuple[str, str, int]]:
    """Return ("+", "-" or "" where nothing is listed, digest, version) of each change for a likeness."""
    changes: list[ListingChanged] = said.of(LISTINGS_CHANGED)
    return [
        ("+" if one.listed else "-" if one.version >= 0 else "", one.digest, one.version)
        for one in changes
        if one.similar
    ]


def test_a_file_s_sample_is_told_once_the_work_is_in_force_and_not_kept() -> None:
    """Not before: a registration that is refused must find nothing."""
    deciding = registry()
    said = on(deciding, registers("s1", by_file("a"), by_digest("b")), sampled("a"))
    assert fingerprints(said) == []
    assert deciding.entry(LABEL, "sample/1/0") == SAMPLE
    said = on(deciding, answer(Answer.APPLIED, "a"), answer(Answer.APPLIED, "b"))
    (told,) = said.of(REFERENCES_FINGERPRINTED)
    assert isinstance(told, ReferenceFingerprinted)
    assert (told.reference_id, told.digest, told.registration, told.sample) == ("a", digest("a"), 1, SAMPLE)
    assert [one.partition for one in said if one.topic is REFERENCES_FINGERPRINTED] == [PARTITION]
    assert deciding.entry(LABEL, "sample/1/0") is None


@pytest.mark.parametrize("ending", [read("b", Failure.NOT_ALLOWED), releases("s2")], ids=["refused", "superseded"])
def test_the_sample_of_what_is_given_up_is_forgotten(ending: object) -> None:
    """A registration that never comes in force leaves nothing."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a"), by_file("b")), sampled("a"))
    assert fingerprints(on(deciding, ending)) == []
    assert deciding.entry(LABEL, "sample/1/0") is None


def test_the_sample_of_what_is_refused_for_its_listings_is_forgotten() -> None:
    """And not told."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")), sampled("a"))
    assert fingerprints(on(deciding, answer(Answer.REFUSED, "a"))) == []
    assert deciding.entry(LABEL, "sample/1/0") is None


def test_a_release_tells_that_the_references_are_in_force_no_longer() -> None:
    """Each that was told, under the same name."""
    deciding = in_force_by_file("a", "b")
    told = [name for name, _ in fingerprints(Said(deciding.log))]
    assert fingerprints(on(deciding, releases("s2"))) == [(name, False) for name in told]


def test_a_replacement_tells_what_changes() -> None:
    """What keeps its bytes is not told again; new bytes are; what is no more a file that was read is over."""
    deciding = in_force_by_file("a", "b", "c")
    names = {one.reference_id: one.fingerprint_id for one in deciding.said(REFERENCES_FINGERPRINTED)}
    on(deciding, registers("s2", by_file("a"), by_file("b"), by_digest("c")))
    on(deciding, sampled("a", number=2), sampled("b", "other", number=2))
    applied = replace(answer(Answer.APPLIED, "b", 2), digest=digest("other"))
    said = on(deciding, answer(Answer.APPLIED, "a", 2), applied, answer(Answer.APPLIED, "c", 2))
    assert fingerprints(said) == [(names["b"], True), (names["c"], False)]


def test_a_resemblance_to_a_reference_in_force_is_listed() -> None:
    """By its registration, with the evidence, and as the answer to that question; again, if it is asked again."""
    deciding = in_force_by_file("a")
    for _ in range(2):
        said = on(deciding, resembles("a", "cut", admission=9))
        (put,) = said.of(LISTINGS_CHANGED)
        assert (put.digest, put.version, put.submission_id, put.listed) == (digest("cut"), 1, "s1", True)
        assert (put.similar, put.admission, put.likeness) == (True, 9, LIKENESS)
        kept = work(deciding)
        assert kept is not None
        assert kept.likenesses == 1


@pytest.mark.parametrize(
    "question",
    [resembles("a", "cut", 9, "older"), resembles("b", "cut", 9), replace(resembles("a", "cut", 9), work_id="other")],
    ids=["other bytes", "given by digest", "no such work"],
)
def test_a_resemblance_to_what_is_not_in_force_is_answered_and_lists_nothing(question: ResemblanceFound) -> None:
    """Somebody waits for the answer."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a"), by_digest("b")), sampled("a"))
    on(deciding, answer(Answer.APPLIED, "a"), answer(Answer.APPLIED, "b"))
    (change,) = on(deciding, question).of(LISTINGS_CHANGED)
    assert (change.listed, change.version, change.similar, change.admission) == (False, -1, True, 9)


def test_answers_about_likenesses_are_not_taken_for_those_about_references() -> None:
    """Nothing is ACCEPTED, ENFORCED or CONFLICTED by them, and what is refused is remembered to be removed."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")), sampled("a"))
    for which in Answer:
        assert on(deciding, replace(answer(which, "a"), similar=True)) == ()
    assert receipts(on(deciding, answer(Answer.APPLIED, "a"))) == [("s1", Status.ACCEPTED)]
    assert on(deciding, replace(answer(Answer.ENFORCED, "a"), similar=True)) == ()
    assert receipts(on(deciding, answer(Answer.ENFORCED, "a"))) == [("s1", Status.ENFORCED)]


def test_a_release_removes_what_is_alike_and_waits_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bounded steps; RELEASED is said, and the next action begun, when every removal is answered."""
    monkeypatch.setattr(likenesses, "LIKENESSES_PER_STEP", 2)
    deciding = in_force_by_file("a")
    on(deciding, *(resembles("a", f"cut {number}") for number in range(5)))
    said = on(deciding, releases("s2"), registers("s3", by_digest("z")))
    assert likes(said) == []
    assert len(likes(deciding.wake())) == 2
    said = deciding.pass_time(0)
    assert len(likes(said)) == 3
    assert on(deciding, answer(Answer.REMOVED, "a")) == ()
    assert on(deciding, *(removed("a", f"cut {number}") for number in range(4))) == ()
    said = on(deciding, removed("a", "cut 4"))
    assert receipts(said) == [("s2", Status.RELEASED)]
    assert listings(said) == [("+", "z", 3)]
    assert list(deciding.store.after(LABEL, "like/", 9)) == []


def test_a_release_of_what_nothing_resembles_waits_for_nothing_more() -> None:
    """An ordinary work costs no step."""
    deciding = in_force_by_file("a")
    on(deciding, releases("s2"))
    assert receipts(on(deciding, answer(Answer.REMOVED, "a"))) == [("s2", Status.RELEASED)]


def test_a_replacement_keeps_what_rests_on_the_same_bytes_and_removes_the_rest() -> None:
    """Nothing comes back in between; and the next action waits for the removals."""
    deciding = in_force_by_file("a", "b")
    on(deciding, resembles("a", "cut a"), resembles("b", "cut b"))
    on(deciding, registers("s2", by_file("a")), sampled("a", number=2))
    on(deciding, answer(Answer.APPLIED, "a", 2), answer(Answer.REMOVED, "b"))
    assert likes(deciding.pass_time(0)) == [("-", digest("cut b"), 1)]
    assert likes(on(deciding, releases("s3"))) == []
    on(deciding, removed("b", "cut b"))
    assert likes(deciding.pass_time(0)) == [("-", digest("cut a"), 1)]


def test_other_works_are_not_swept() -> None:
    """Not even one whose name is like it."""
    deciding = in_force_by_file("a")
    on(deciding, registers("s2", by_file("a"), work_id="hit/2"), replace(sampled("a", number=2), work_id="hit/2"))
    on(deciding, replace(answer(Answer.APPLIED, "a", 2), work_id="hit/2"))
    on(deciding, resembles("a", "cut"), replace(resembles("a", "cut"), work_id="hit/2"))
    on(deciding, releases("s3"))
    (removal,) = (one for one in deciding.pass_time(0).of(LISTINGS_CHANGED) if one.similar)
    assert removal.work_id == "hit"
    other = work(deciding, "hit/2")
    assert other is not None
    assert other.likenesses == 1
