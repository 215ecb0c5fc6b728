"""Bytes that can be compared: nobody is told before it is known what they resemble."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from services.contracts.inside import ContentCompared, CopyChanged, ListingChanged, Resemblance
from services.contracts.sample import LIKENESSES_MAX, Likeness, Place, Sample, sample_of
from services.contracts.topics import (
    CONTENTS_ADMITTED,
    LISTINGS_APPLIED,
    MATCHES_FOUND,
    MATCHES_REVISED,
    RESEMBLANCES_FOUND,
)
from services.matcher import comparing
from services.matcher.state import LISTINGS_MAX
from tests.deciding import PARTITION, Deciding, Said, digest
from tests.matcher.facts import DIGEST, Answer, Change, answered, answers, came, gone, matcher, on, put, told, went

LIKENESS = Likeness(0.9, 0, 900, 100, 1_000)
SAMPLE = sample_of({chunk: Place(chunk, 1) for chunk in range(5)})


def sampled(upload_id: str = "a", submission: int = 1, sample: Sample = SAMPLE) -> CopyChanged:
    """Return: an upload's submission has these bytes, of which this is a sample."""
    return replace(came(upload_id, submission), sample=sample)


def resemblance(reference_id: str = "master") -> Resemblance:
    """Return: these bytes resemble a reference of the label's."""
    return Resemblance("label", "hit", reference_id, digest("original"), LIKENESS, rightsholder_partition=1)


def compared(admission: int, *references: str) -> ContentCompared:
    """Return the recogniser's answer."""
    return ContentCompared(DIGEST, admission, tuple(map(resemblance, references)))


def likes(admission: int = -1, version: int = 1, reference_id: str = "master") -> ListingChanged:
    """Return the registry's answer: that reference is in force, so what resembles it is listed."""
    return replace(
        put(version=version, reference_id=reference_id), similar=True, admission=admission, likeness=LIKENESS
    )


def nothing(admission: int = -1, reference_id: str = "master") -> ListingChanged:
    """Return the registry's answer: that reference is not in force."""
    listed = put(version=-1, reference_id=reference_id)
    return replace(listed, change=Change.NOTHING, similar=True, admission=admission)


def waiting() -> tuple[Deciding, int]:
    """Return a matcher with one copy that waits, and its admission."""
    deciding = matcher()
    (admitted,) = on(deciding, sampled()).of(CONTENTS_ADMITTED)
    return deciding, admitted.admission


def test_a_copy_without_a_sample_waits_for_nothing() -> None:
    """What is too short to be compared but by its digest costs no record more."""
    said = on(matcher(), came("a"))
    assert [emit.topic for emit in said] == [MATCHES_FOUND]


def test_the_first_copy_with_a_sample_has_its_bytes_compared_and_the_next_do_not() -> None:
    """One content, one comparison; nobody is told meanwhile."""
    deciding = matcher()
    said = on(deciding, sampled("a"), sampled("b"), sampled("c"))
    (admitted,) = said.of(CONTENTS_ADMITTED)
    assert (admitted.present, admitted.sample) == (True, SAMPLE)
    assert len(said) == 1
    assert said[0].partition == PARTITION
    said = on(deciding, compared(admitted.admission))
    assert told(said) == [("a", 0, []), ("b", 0, []), ("c", 0, [])]
    assert {emit.topic for emit in said} == {MATCHES_FOUND}
    assert told(on(deciding, sampled("d"))) == [("d", 0, [])]


def test_a_copy_with_the_first_sample_is_compared_although_others_had_none() -> None:
    """Their senders' word was taken; who was told stays told, and learns what is found."""
    deciding = matcher()
    on(deciding, came("a"))
    said = on(deciding, sampled("b"))
    assert told(said) == []
    (admitted,) = said.of(CONTENTS_ADMITTED)
    on(deciding, compared(admitted.admission, "master"))
    assert told(on(deciding, likes(admitted.admission))) == [("b", 1, ["label/hit"])]
    assert told(deciding.pass_time(0)) == [("a", 1, ["label/hit"])]


@pytest.mark.parametrize(("answer", "works"), [(likes, ["label/hit"]), (nothing, [])])
def test_a_copy_waits_for_the_registry_s_answer(answer: Callable[[int], ListingChanged], works: list[str]) -> None:
    """Whatever it is; and what is in force is then part of the first that the copy is told."""
    deciding, admission = waiting()
    said = on(deciding, compared(admission, "master"))
    assert told(said) == []
    (question,) = said.of(RESEMBLANCES_FOUND)
    assert (question.rightsholder_id, question.reference_digest) == ("label", digest("original"))
    assert (question.digest, question.admission, question.likeness) == (DIGEST, admission, LIKENESS)
    assert said[0].partition == 1
    said = on(deciding, answer(admission))
    assert [one for _, _, one in told(said)] == [works]
    assert {emit.topic for emit in said} >= {MATCHES_FOUND}
    assert told(deciding.pass_time(0)) == []


def test_a_copy_waits_for_all_answers() -> None:
    """Of two references one is in force, one not; the order does not matter."""
    deciding, admission = waiting()
    on(deciding, compared(admission, "master", "remix"))
    assert told(on(deciding, likes(admission, reference_id="remix"))) == []
    assert told(on(deciding, nothing())) == [], "which answers what a later reference resembles"
    assert [works for _, _, works in told(on(deciding, nothing(admission)))] == [["label/hit"]]


def test_an_identical_listing_does_not_end_the_waiting() -> None:
    """It changes the version; the copy is told both at once, and the listing is enforced after that."""
    deciding, admission = waiting()
    said = on(deciding, put("rival/hit"))
    assert told(said) == []
    assert answers(said) == [("rival/hit", 1, Answer.APPLIED, 1)]
    assert deciding.store.next_due() is None
    on(deciding, compared(admission, "master"))
    said = on(deciding, likes(admission))
    assert told(said) == [("a", 2, ["rival/hit", "label/hit"])]
    assert answered(deciding.pass_time(0), Answer.ENFORCED) == [("rival/hit", 1), ("label/hit", 1)]


def test_a_replacement_is_not_enforced_while_copies_wait() -> None:
    """Who was there has not been told of it."""
    deciding = matcher()
    on(deciding, put(version=1))
    (admitted,) = on(deciding, sampled()).of(CONTENTS_ADMITTED)
    assert answered(on(deciding, put(version=2)), Answer.ENFORCED) == []
    said = on(deciding, compared(admitted.admission))
    assert [works for _, _, works in told(said)] == [["label/hit"]]
    assert answered(said, Answer.ENFORCED) == [("label/hit", 2)]


def test_a_replacement_is_enforced_when_the_last_copy_that_waited_has_gone() -> None:
    """There is nobody left who would have to be told."""
    deciding = matcher()
    on(deciding, put(version=1), sampled())
    assert answered(on(deciding, put(version=2)), Answer.ENFORCED) == []
    assert answered(on(deciding, went("a")), Answer.ENFORCED) == [("label/hit", 2)]


def test_bytes_of_which_the_last_copy_has_gone_are_forgotten_and_compared_anew() -> None:
    """An answer about the time before tells nobody anything."""
    deciding, first = waiting()
    (dismissed,) = on(deciding, went("a")).of(CONTENTS_ADMITTED)
    assert (dismissed.admission, dismissed.present, dismissed.sample) == (first, False, None)
    (admitted,) = on(deciding, sampled("b")).of(CONTENTS_ADMITTED)
    assert admitted.admission > first
    assert told(on(deciding, compared(first))) == []
    assert told(on(deciding, compared(admitted.admission))) == [("b", 0, [])]


def test_what_a_later_reference_resembles_is_asked_and_nobody_waits_for_it() -> None:
    """Copies that were there learn of it in a round; one that comes meanwhile is told at once."""
    deciding, admission = waiting()
    on(deciding, compared(admission))
    assert len(on(deciding, compared(-1, "master")).of(RESEMBLANCES_FOUND)) == 1
    assert told(on(deciding, sampled("b"))) == [("b", 0, [])]
    on(deciding, likes())
    said = deciding.pass_time(0)
    assert told(said) == [("a", 1, ["label/hit"]), ("b", 1, ["label/hit"])]
    (match,) = said.of(MATCHES_REVISED)[0].matches
    assert match.likeness == LIKENESS


def test_an_answer_is_asked_about_once() -> None:
    """The same record decided twice says nothing the second time; and nothing is asked about what is not there."""
    deciding, admission = waiting()
    event = deciding.event(DIGEST, compared(admission, "master"))
    assert len(deciding.decide(event)) == 1
    assert deciding.decide(event) == ()
    on(deciding, went("a"))
    assert on(deciding, compared(-1, "master")) == ()


def test_many_who_wait_are_told_in_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that ends the waiting is bounded; the first that each is told comes as found, not as revised."""
    monkeypatch.setattr(comparing, "TOLD_AT_ONCE_MAX", 2)
    deciding, admission = waiting()
    on(deciding, sampled("b"), sampled("c"))
    assert told(on(deciding, compared(admission))) == []
    said = deciding.pass_time(0)
    assert told(said) == [("a", 0, []), ("b", 0, []), ("c", 0, [])]
    assert len(said.of(MATCHES_FOUND)) == len(said)


def test_a_likeness_is_no_conflict() -> None:
    """CONFLICTED is about identical bytes, on either side."""
    deciding = matcher()
    on(deciding, put("rival/hit"))
    assert answered(on(deciding, likes()), Answer.CONFLICTED) == []
    assert answered(on(deciding, put("third/hit")), Answer.CONFLICTED) == [("third/hit", 1), ("rival/hit", 1)]


def test_likenesses_do_not_take_the_places_of_identical_bytes() -> None:
    """They have their share of a digest's listings; beyond it they are refused, and the answer says which kind."""
    deciding = matcher()
    for number in range(LIKENESSES_MAX):
        on(deciding, likes(reference_id=f"r{number}"))
    (refused,) = on(deciding, likes(reference_id="more")).of(LISTINGS_APPLIED)
    assert (refused.answer, refused.similar) == (Answer.REFUSED, True)
    for number in range(LISTINGS_MAX - LIKENESSES_MAX):
        assert answered(on(deciding, put(reference_id=f"i{number}")), Answer.APPLIED)
    assert answered(on(deciding, put(reference_id="last")), Answer.REFUSED)


def test_a_reference_s_own_bytes_take_the_place_of_a_likeness() -> None:
    """A later registration names these very bytes: copies learn it, and the old likeness's removal changes nothing."""
    deciding = matcher()
    on(deciding, came("a"), likes(version=1))
    deciding.pass_time(0)
    on(deciding, put(version=2))
    said = deciding.pass_time(0)
    assert [match.likeness for match in said.of(MATCHES_REVISED)[0].matches] == [None]
    (answer,) = on(deciding, replace(gone(version=1), similar=True)).of(LISTINGS_APPLIED)
    assert (answer.answer, answer.similar) == (Answer.REMOVED, True)
    assert len(deciding.entry(DIGEST).listings) == 1


def test_a_likeness_that_is_known_to_be_greater_is_told_to_copies_and_is_no_new_registration() -> None:
    """As when another part of the index has met both too; bytes of the reference's own stay what they are."""
    deciding = matcher()
    on(deciding, came("a"), likes())
    deciding.pass_time(0)
    greater = replace(LIKENESS, score=1.0)
    said = Said((*on(deciding, replace(likes(), likeness=greater)), *deciding.pass_time(0)))
    assert [match.likeness for match in said.of(MATCHES_REVISED)[0].matches] == [greater]
    assert answered(said, Answer.ENFORCED) == []
    on(deciding, put(version=2), replace(likes(version=2), likeness=LIKENESS))
    assert [listing.likeness for listing in deciding.entry(DIGEST).listings] == [None]


def test_an_answer_that_lists_nothing_removes_nothing_and_is_not_answered() -> None:
    """Not even what the same reference lists."""
    deciding = matcher()
    on(deciding, put())
    assert on(deciding, nothing()) == Said()
    assert len(deciding.entry(DIGEST).listings) == 1
