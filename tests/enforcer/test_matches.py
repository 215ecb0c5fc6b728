"""What follows from the listings in force on an upload's bytes: verdicts, takedowns, reinstatements."""

import pytest

from services.contracts.decided import TakedownIssued, VerdictDecided, WorkRef
from services.contracts.inside import Match, MatchFound
from services.contracts.topics import TAKEDOWNS_ISSUED, VERDICTS_DECIDED
from services.contracts.types import timestamp
from tests.deciding import NOW, Deciding, Said, content, digest
from tests.enforcer.facts import (
    HIT,
    UPLOAD,
    Reason,
    Status,
    Verdict,
    blocked,
    clear,
    match,
    on,
    read,
    submission,
    submitted,
    takedowns,
    verdicts,
)

RIVAL = "rival/hit"
CLEAR, BLOCKED = (Verdict.CLEAR, Reason.NO_MATCH), (Verdict.BLOCKED, Reason.IDENTICAL)
DOWN, BACK = Status.ISSUED, Status.REINSTATED
NOTICE, STAYDOWN = TakedownIssued.Basis.NOTICE, TakedownIssued.Basis.STAYDOWN


def one_verdict(said: Said) -> VerdictDecided:
    """Return the one verdict that was said."""
    (verdict,) = said.of(VERDICTS_DECIDED)
    assert isinstance(verdict, VerdictDecided)
    return verdict


def test_what_nobody_lists_is_clear() -> None:
    """CLEAR is said only about bytes that were read and compared: it names them."""
    deciding = submitted(submitted_at=timestamp(NOW - 5))
    on(deciding, read("song"))
    verdict = one_verdict(on(deciding, match(version=0)))
    assert (verdict.verdict, verdict.reasons, verdict.complete) == (*CLEAR[:1], CLEAR[1:], True)
    assert (verdict.content, verdict.submission, verdict.revision) == (content("song"), 1, 1)
    assert verdict.scans == (VerdictDecided.Scan.BYTES,)
    assert (
        verdict.explanation
        == "This upload can be shown: its file neither is nor resembles a registered reference of any work."
    )
    assert verdict.submitted_at == timestamp(NOW - 5)


def test_what_somebody_lists_is_blocked_with_all_the_evidence() -> None:
    """G6: every work and every reference, in one order whatever order the matcher's were in."""
    deciding = submitted()
    matches = tuple(Match(*ids) for ids in (("rival", "hit", "m"), ("label", "hit", "r"), ("label", "hit", "m")))
    verdict = one_verdict(on(deciding, read("song"), MatchFound(UPLOAD, 1, digest("song"), 1, matches)))
    assert (verdict.verdict, verdict.reasons, verdict.complete) == (*BLOCKED[:1], BLOCKED[1:], True)
    assert verdict.works == (WorkRef("label", "hit"), WorkRef("rival", "hit"))
    assert verdict.work_ids == ("hit", "hit")
    assert [(one.rightsholder_id, one.reference_id) for one in verdict.evidence] == [
        ("label", "m"),
        ("label", "r"),
        ("rival", "m"),
    ]
    assert {(one.scan, one.score) for one in verdict.evidence} == {(VerdictDecided.Scan.BYTES, 1.0)}
    assert verdict.explanation == (
        "“Song” is not shown, because its file is identical to a registered reference of "
        "“hit” of label, “hit” of rival."
    )


def test_an_explanation_stays_readable_however_many_works_match() -> None:
    """One sentence that its reader understands, and a record that stays small: the works are listed beside it."""
    works = [f"label/w{number:02}" for number in range(64)]
    verdict = one_verdict(on(submitted(), read("song"), match(*works)))
    assert len(verdict.works) == 64
    assert verdict.explanation == (
        "“Song” is not shown, because its file is identical to a registered reference of "
        "“w00” of label, “w01” of label, “w02” of label and 61 more."
    )


@pytest.mark.parametrize(
    "stale",
    [
        match(HIT, version=0),
        match(HIT, version=-1),
        match(HIT, version=7, submission=0),
        match(HIT, version=7, submission=2),
        match(HIT, version=7, label="other"),
    ],
)
def test_a_match_of_another_version_submission_or_digest_is_dropped(stale: MatchFound) -> None:
    """Versions: matches are full state for (upload, submission, digest) at the digest's version; older ones drop."""
    assert on(clear(), stale) == ()


@pytest.mark.parametrize("history", [[], [read("other")]])
def test_a_match_without_the_upload_s_own_facts_is_dropped(history: list[object]) -> None:
    """A match answers a copy that this service has announced; without one there is nothing that it is about."""
    deciding = submitted()
    on(deciding, *history)
    assert on(deciding, match(HIT)) == ()


def test_versions_begin_anew_with_other_bytes() -> None:
    """A digest has a version of its own: a high one of the old bytes does not hide the first of the new."""
    deciding = submitted()
    on(deciding, read("song"), match(HIT, version=40), submission(), read("other", 2), read("other", attempt=1))
    assert verdicts(on(deciding, match(version=0, label="other"))) == [CLEAR]


HISTORIES: list[tuple[list[tuple[str, ...]], list[list[tuple[str, Status]]]]] = [
    ([()], [[]]),
    ([(HIT,)], [[(HIT, DOWN)]]),
    ([(HIT,), (HIT,)], [[(HIT, DOWN)], []]),
    ([(HIT,), ()], [[(HIT, DOWN)], [(HIT, BACK)]]),
    ([(HIT,), (), ()], [[(HIT, DOWN)], [(HIT, BACK)], []]),
    ([(HIT,), (), (HIT,), ()], [[(HIT, DOWN)], [(HIT, BACK)], [(HIT, DOWN)], [(HIT, BACK)]]),
    ([(HIT,), (HIT, RIVAL), (RIVAL,)], [[(HIT, DOWN)], [(RIVAL, DOWN)], [(HIT, BACK)]]),
    ([(HIT,), (RIVAL,), (HIT,)], [[(HIT, DOWN)], [(RIVAL, DOWN), (HIT, BACK)], [(HIT, DOWN), (RIVAL, BACK)]]),
]


@pytest.mark.parametrize(("states", "expected"), HISTORIES)
def test_takedown_and_reinstatement_alternate(
    states: list[tuple[str, ...]], expected: list[list[tuple[str, Status]]]
) -> None:
    """G3: per submission and work down, back, down, never the same twice running, under one takedown_id."""
    deciding = submitted()
    on(deciding, read("song"))
    turns = [on(deciding, match(*works, version=version)) for version, works in enumerate(states)]
    assert [takedowns(said) for said in turns] == expected
    ids = {(one.work_id, one.rightsholder_id): one.takedown_id for one in deciding.said(TAKEDOWNS_ISSUED)}
    assert len({one.takedown_id for one in deciding.said(TAKEDOWNS_ISSUED)}) == len(ids) == len(set(ids.values()))


def test_a_verdict_is_said_only_when_it_changes() -> None:
    """`revision` counts changes of what is said: a new version with the same works is none."""
    deciding = blocked()
    assert on(deciding, match(HIT, version=2), match(HIT, version=3)) == ()
    assert one_verdict(on(deciding, match(HIT, RIVAL, version=4))).revision == 2
    assert one_verdict(on(deciding, match(RIVAL, version=5))).revision == 3


def test_a_new_reference_of_a_work_that_matches_is_new_evidence_and_no_takedown() -> None:
    """Evidence is part of what is said; the takedown is of the work."""
    deciding = blocked()
    matches = (Match("label", "hit", "master"), Match("label", "hit", "remix"))
    said = on(deciding, MatchFound(UPLOAD, 1, digest("song"), 2, matches))
    assert (len(one_verdict(said).evidence), takedowns(said)) == (2, [])


def test_decision_ids_are_all_different() -> None:
    """An id stands for one decision: upload, submission and revision."""
    deciding = blocked()
    on(deciding, match(version=2), match(HIT, version=3), submission("file:/other"), read("song", 2))
    on(deciding, match(HIT, version=3, submission=2))
    ids = [one.decision_id for one in deciding.said(VERDICTS_DECIDED)]
    assert len(set(ids)) == len(ids) == 4


@pytest.mark.parametrize(
    ("ended", "reason", "because"),
    [
        ("WITHDRAWN", Reason.RELEASED, "the rightsholder has released the work that it was taken down for"),
        ("MISTAKE", Reason.RELEASED, "the rightsholder has released the work that it was taken down for"),
        ("EXPIRED", Reason.RELEASED, "the rightsholder has released the work that it was taken down for"),
        ("SETTLED", Reason.SETTLED, "the rightsholder has settled, and their block of it has ended"),
        ("REPLACED", Reason.NO_MATCH, "its file neither is nor resembles a registered reference of any work"),
        (None, Reason.NO_MATCH, "its file neither is nor resembles a registered reference of any work"),
    ],
)
def test_a_reinstatement_says_why(ended: str | None, reason: Reason, because: str) -> None:
    """Reinstated: CLEAR with no works and the reason; a reference that was replaced has not been released."""
    deciding = blocked()
    said = on(deciding, match(version=2, ended=((HIT, ended),) if ended else ()))
    verdict = one_verdict(said)
    assert (verdict.verdict, verdict.reasons, verdict.works, verdict.evidence) == (Verdict.CLEAR, (reason,), (), ())
    assert verdict.explanation == f"This upload can be shown: {because}."
    (takedown,) = said.of(TAKEDOWNS_ISSUED)
    assert takedown.status is BACK


def test_several_reasons_are_all_given() -> None:
    """Two works that ended differently: both reasons, in one order."""
    deciding = blocked(HIT, RIVAL)
    on(deciding, match(RIVAL, version=2, ended=((HIT, "SETTLED"),)))
    verdict = one_verdict(on(deciding, match(version=3, ended=((HIT, "SETTLED"), (RIVAL, "WITHDRAWN")))))
    assert verdict.reasons == (Reason.RELEASED, Reason.SETTLED)
    assert "released the work" in verdict.explanation
    assert "has settled" in verdict.explanation


def test_a_work_that_is_back_down_has_no_reason_to_be_shown() -> None:
    """What went down again takes its old reason with it: the next reinstatement gives the new one."""
    deciding = blocked()
    on(deciding, match(version=2, ended=((HIT, "SETTLED"),)), match(HIT, version=3))
    assert one_verdict(on(deciding, match(version=4, ended=((HIT, "MISTAKE"),)))).reasons == (Reason.RELEASED,)


def bases(deciding: Deciding) -> list[TakedownIssued.Basis]:
    """Return the basis of each takedown so far."""
    return [one.basis for one in deciding.said(TAKEDOWNS_ISSUED)]


def test_the_basis_says_who_was_there_first() -> None:
    """STAYDOWN: the listing was there when the upload came. NOTICE: the upload was; it keeps its basis when back."""
    assert bases(blocked()) == [STAYDOWN]
    deciding = clear()
    on(deciding, match(HIT), match(version=2))
    assert bases(deciding) == [NOTICE, NOTICE]
