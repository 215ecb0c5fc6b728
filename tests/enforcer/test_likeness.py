"""An upload that resembles a reference: what is said about it, and what comes down."""

from typing import Any

from msgspec import structs
from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, VerdictDecided
from services.contracts.inside import MatchFound
from services.contracts.sample import Likeness, Place, sample_of
from services.contracts.topics import COPIES_CHANGED, TAKEDOWNS_ISSUED, VERDICTS_DECIDED
from tests.deciding import Said
from tests.enforcer.facts import HIT, Reason, Status, case, enforcer, match, on, read, submission, submitted, takedowns

LIKENESS = Likeness(0.975, 0, 900, 100, 1_000)
SAMPLE = sample_of({chunk: Place(chunk, 1) for chunk in range(5)})


def alike(*works: str, identical: tuple[str, ...] = (), version: int = 1, **more: Any) -> MatchFound:
    """Return the works that the bytes resemble, and those that list them."""
    found = match(*works, version=version, **more)
    similar = tuple(replace(one, likeness=LIKENESS) for one in found.matches)
    return replace(found, matches=(*similar, *match(*identical).matches))


def verdict(said: Said) -> VerdictDecided:
    """Return the one verdict."""
    (one,) = said.of(VERDICTS_DECIDED)
    assert isinstance(one, VerdictDecided)
    return one


def takedown(said: Said) -> TakedownIssued:
    """Return the one takedown."""
    (one,) = said.of(TAKEDOWNS_ISSUED)
    assert isinstance(one, TakedownIssued)
    return one


def test_the_sample_goes_with_the_copy_that_comes_and_is_not_kept() -> None:
    """It can be large, and the case is written with every change."""
    deciding = submitted()
    (came,) = on(deciding, structs.replace(read("song"), sample=SAMPLE)).of(COPIES_CHANGED)
    assert (came.present, came.sample) == (True, SAMPLE)
    (went,) = on(deciding, replace(submission(uri="file:/other"))).of(COPIES_CHANGED)
    assert (went.present, went.sample) == (False, None)
    assert "sample" not in repr(structs.replace(case(deciding), early=()))


def test_an_early_read_keeps_its_sample() -> None:
    """It is what is passed on when the submission comes."""
    deciding = enforcer()
    on(deciding, structs.replace(read("song"), sample=SAMPLE))
    (came,) = on(deciding, submission()).of(COPIES_CHANGED)
    assert came.sample == SAMPLE


def test_what_resembles_a_reference_is_refused_with_the_share_and_the_places() -> None:
    """In the verdict's evidence and sentence."""
    deciding = submitted()
    said = verdict(on(deciding, read("song"), alike(HIT)))
    assert (said.verdict, said.reasons) == (VerdictDecided.Verdict.BLOCKED, (Reason.SIMILAR,))
    (evidence,) = said.evidence
    assert (evidence.scan, evidence.score) == (VerdictDecided.Scan.BYTES, 0.975)
    assert (evidence.upload_start_bytes, evidence.upload_end_bytes) == (0, 900)
    assert (evidence.reference_start_bytes, evidence.reference_end_bytes) == (100, 1_000)
    assert said.explanation == (
        "“Song” is not shown, because its file shares about 97 % of the shorter one's data with a registered "
        "reference of “hit” of label."
    )


def test_the_takedown_says_where_they_are_alike() -> None:
    """Facts that the uploader can check and object to."""
    deciding = submitted()
    down = takedown(on(deciding, read("song"), alike(HIT)))
    assert (down.status, down.basis) == (Status.ISSUED, TakedownIssued.Basis.STAYDOWN)
    facts = down.statement_of_reasons.facts
    assert "shares about 97 % of the shorter one's data with a reference that label registered of the work hit" in facts
    assert "begins at byte 0 of the upload and byte 100 of the reference" in facts
    assert "ends at byte 900 of the upload and byte 1000 of the reference" in facts


def test_both_reasons_are_given_where_both_kinds_of_works_match() -> None:
    """And each work is named with its own."""
    deciding = submitted()
    said = verdict(on(deciding, read("song"), alike("rival/cut", identical=(HIT,))))
    assert said.reasons == (Reason.IDENTICAL, Reason.SIMILAR)
    assert said.work_ids == ("hit", "cut")
    assert said.explanation == (
        "“Song” is not shown, because its file is identical to a registered reference of “hit” of label and shares "
        "about 97 % of the shorter one's data with a registered reference of “cut” of rival."
    )


def test_a_work_that_matches_both_ways_is_identical() -> None:
    """The stronger reason counts; the evidence has both."""
    deciding = submitted()
    said = on(deciding, read("song"), alike(HIT, identical=(HIT,)))
    assert verdict(said).reasons == (Reason.IDENTICAL,)
    assert sorted(one.score for one in verdict(said).evidence) == [0.975, 1.0]
    assert "the bytes are identical" in takedown(said).statement_of_reasons.facts


def test_what_was_alike_and_is_then_the_same_stays_down() -> None:
    """The verdict says so anew; nothing comes back, nothing goes down twice."""
    deciding = submitted()
    on(deciding, read("song"), alike(HIT))
    said = on(deciding, match(HIT, version=2))
    assert verdict(said).reasons == (Reason.IDENTICAL,)
    assert takedowns(said) == []


def test_what_resembles_nothing_any_more_comes_back() -> None:
    """Released, as for identical bytes."""
    deciding = submitted()
    on(deciding, read("song"), alike(HIT))
    said = on(deciding, match(version=2, ended=((HIT, "WITHDRAWN"),)))
    assert verdict(said).reasons == (Reason.RELEASED,)
    assert takedowns(said) == [(HIT, Status.REINSTATED)]
