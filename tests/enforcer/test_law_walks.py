"""Random walks through the law: terms, windows, reviews, disputes and standing in any order, and time that jumps."""

from collections.abc import Callable

from hypothesis import event as seen
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.decided import TakedownIssued, WorkRef
from services.contracts.inside import MatchFound, UploadRead
from services.contracts.objections import ReviewSubmitted, UploadReviewed
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import (
    CONTENTS_RULED,
    NOTICES_ISSUED,
    STRIKES_INCURRED,
    TAKEDOWNS_ISSUED,
    VERDICTS_DECIDED,
)
from services.enforcer.case import DISPUTES_MAX, FORGOTTEN_AFTER_MS, UNANSWERED_MS, Case, Objections
from services.enforcer.takedowns import CAME_BACK_BECAUSE
from services.enforcer.verdicts import Reason
from tests.deciding import Deciding
from tests.enforcer.facts import HIT, UPLOAD, Status, Verdict, case, read, submission, submitted
from tests.enforcer.objecting import DAY_MS, SECOND, counter, court, dispute, release, uphold, withdraw
from tests.enforcer.rights import REVIEW, RIVAL, found, listed
from tests.enforcer.test_judging import ENDED, LIKENESSES, TERMS
from tests.enforcer.test_standing import Standing, stands

WORKS = (HIT, RIVAL, "label/other", SECOND)
CLAIMANTS = st.sampled_from(("label", "rival", "studio", "nobody"))
NAMES = st.sampled_from(("d", "e"))
MATCHES = st.lists(
    st.builds(listed, st.sampled_from(WORKS), TERMS, likeness=LIKENESSES), max_size=3, unique_by=lambda one: one.work_id
)
PLAIN_MATCHES = st.lists(st.sampled_from(WORKS), max_size=3, unique=True).map(lambda works: [*map(listed, works)])
FOUND = st.builds(
    lambda matches, ended: found(*matches, ended=tuple(ended)), MATCHES | PLAIN_MATCHES, st.lists(ENDED, max_size=2)
)
SUBMISSIONS = st.builds(
    lambda uri, where: submission(uri, territories=where),
    st.sampled_from(("file:/song", "file:/other")),
    st.sampled_from(((), (), ("DE", "FR"))),
)
STEPS = st.one_of(
    st.builds(dispute, NAMES),
    st.builds(lambda name, consent: counter(name, consent=consent), NAMES, st.booleans() | st.just(True)),
    st.builds(withdraw, NAMES),
    st.builds(uphold, CLAIMANTS, NAMES),
    st.builds(release, CLAIMANTS, NAMES),
    st.builds(court, CLAIMANTS, NAMES),
)
REVIEWS = st.builds(
    lambda answer, present: ReviewSubmitted("r", "reviewer", answer, UploadReviewed(UPLOAD, present)),
    st.sampled_from(list(ReviewSubmitted.Answer)),
    st.sampled_from(("present", "present", "another")),
)
STANDINGS = st.builds(
    stands,
    st.sampled_from((Standee.Kind.UPLOADER, Standee.Kind.COMMUNITY)),
    st.sampled_from(("uploader", "fans")),
    st.sampled_from((Standing.GOOD, Standing.WATCHED, Standing.RESTRICTED)),
)
READS = st.builds(read, st.sampled_from(("song", "song", "other")))
TIMES = st.sampled_from((0, 1, 1_000, DAY_MS, 20 * DAY_MS, 40 * DAY_MS))
BEGINNINGS: tuple[list[object], ...] = (
    [],
    [found(listed())],
    [found(listed(HIT, REVIEW))],
    [found(listed(), listed(SECOND)), dispute()],
    [found(listed(), listed("label/other"), listed(SECOND)), counter()],
)
FACTS = st.one_of(FOUND, FOUND, FOUND, SUBMISSIONS, READS, STEPS, STEPS, REVIEWS, STANDINGS, TIMES)


def fitted(deciding: Deciding, fact: object) -> object:
    """Return the fact as it could reach this case."""
    now = case(deciding) or Case()
    if isinstance(fact, UploadRead):
        return replace(fact, submission=max(now.submission, 0), attempt=now.attempt)
    if isinstance(fact, MatchFound) and now.content:
        at = {"submission": now.submission, "version": now.match_version + 1, "digest": now.content.blake3}
        return replace(fact, **at)
    if isinstance(fact, ReviewSubmitted) and fact.upload and fact.upload.decision_id == "present":
        verdicts = [one for one in deciding.said(VERDICTS_DECIDED) if one is not None]
        return replace(fact, upload=UploadReviewed(UPLOAD, verdicts[-1].decision_id if verdicts else "none"))
    return fact


def walk(facts: list[object], after_each: Callable[[Deciding], None]) -> Deciding:
    """Decide facts, each of them twice; a number is time that passes."""
    deciding = submitted()
    for fact in (read("song"), *facts):
        if isinstance(fact, int):
            deciding.pass_time(fact)
            continue
        key = fact.subject.id if isinstance(fact, StrikesChanged) else UPLOAD
        event = deciding.event(key, fitted(deciding, fact))
        deciding.decide(event)
        assert deciding.decide(event) == (), f"{event.fact} was answered twice"
        after_each(deciding)
    return deciding


def check_down_is_said(deciding: Deciding) -> None:
    """Check that what is down for bytes that are compared is what the verdict blocks, and nothing else."""
    kept, verdicts = case(deciding), deciding.said(VERDICTS_DECIDED)
    if not kept or kept.record is None or kept.match_version < 0 or not verdicts or verdicts[-1] is None:
        return
    last = verdicts[-1]
    assert last.submission == kept.submission
    blocked = set(last.works) if last.verdict is Verdict.BLOCKED else set()
    assert {taken.work for taken in kept.taken if taken.is_down} == blocked
    assert (last.verdict is Verdict.BLOCKED) == bool(blocked)
    assert last.verdict is not Verdict.CLEAR or not kept.held


def check_disputes(deciding: Deciding) -> None:
    """Check that what is in dispute is down, in one dispute alone, and that there are no more than may be."""
    objections: Objections | None = deciding.entry(UPLOAD, "objections")
    if objections is None:
        return
    contested = [one.takedown_id for each in objections.disputes for one in each.contested]
    assert len(contested) == len(set(contested))
    assert len(objections.disputes) <= DISPUTES_MAX
    turns = {one.takedown_id: one.status for one in deciding.said(TAKEDOWNS_ISSUED)}
    assert all(turns[one] is Status.ISSUED for one in contested)


def check(deciding: Deciding) -> None:
    """Check what must hold after every fact."""
    check_down_is_said(deciding)
    check_disputes(deciding)
    kept = case(deciding)
    assert (deciding.entry(UPLOAD, "match") is not None) == (kept is not None and kept.matched)


LOST = CAME_BACK_BECAUSE[Reason.DISPUTE_WON]


def _whom(takedowns: list[TakedownIssued], one: TakedownIssued) -> int:
    """Return how many hear of a turn: the rightsholder of the first, and of one by a claim that was lost."""
    first = next(other for other in takedowns if other.takedown_id == one.takedown_id)
    return 3 if one is first or LOST in one.statement_of_reasons.facts else 2


@settings(max_examples=400)
@given(st.sampled_from(BEGINNINGS), st.lists(FACTS, min_size=8, max_size=30))
def test_the_law_holds_together(begin: list[object], facts: list[object]) -> None:
    """G3: turns alternate, a strike for each and everybody, no notice twice; what is down is what is said."""
    deciding = walk([*begin, *facts], check)
    takedowns = deciding.said(TAKEDOWNS_ISSUED)
    turns: dict[str, list[Status]] = {}
    for takedown in takedowns:
        turns.setdefault(takedown.takedown_id, []).append(takedown.status)
    for statuses in turns.values():
        assert statuses == ([Status.ISSUED, Status.REINSTATED] * len(statuses))[: len(statuses)]
    strikes = [(one.takedown_id, one.stands) for one in deciding.said(STRIKES_INCURRED)]
    assert strikes == [
        (one.takedown_id, one.status is Status.ISSUED) for one in takedowns for _ in range(_whom(takedowns, one))
    ]
    notices = deciding.said(NOTICES_ISSUED)
    assert len({one.notice_id for one in notices}) == len(notices)
    assert all(one.text.endswith((".", "”")) and one.recipient.id for one in notices)
    seen(f"takedowns: {bool(takedowns)}, rulings: {bool(deciding.said(CONTENTS_RULED))}")


@settings(max_examples=200)
@given(st.sampled_from(BEGINNINGS), st.lists(FACTS, min_size=8, max_size=30))
def test_a_lost_claim_never_blocks_these_bytes_again(begin: list[object], facts: list[object]) -> None:
    """Whatever the matcher says later, before it has heard of it."""
    deciding = walk([*begin, *facts], check)
    lost = {(one.digest, WorkRef(one.rightsholder_id, one.work_id)) for one in deciding.said(CONTENTS_RULED)}
    last = next(iter(deciding.said(VERDICTS_DECIDED)[-1:]), None)
    if last is not None and last.verdict in (Verdict.BLOCKED, Verdict.HELD) and last.content is not None:
        assert not {(last.content.blake3, work) for work in last.works} & lost


@settings(max_examples=150)
@given(st.sampled_from(BEGINNINGS), st.lists(FACTS | st.just(UploadDeleted()), min_size=5, max_size=20))
def test_every_timer_comes_to_an_end(begin: list[object], facts: list[object]) -> None:
    """Of a deleted upload nothing is left; of another no timer, once every window and deadline has passed."""
    deciding = walk([*begin, *facts, UploadDeleted()], lambda _: None)
    deciding.pass_time(max(100 * DAY_MS, FORGOTTEN_AFTER_MS, UNANSWERED_MS * 2**12))
    assert case(deciding) is None
    assert deciding.entry(UPLOAD, "objections") is None
    assert deciding.entry(UPLOAD, "match") is None
    assert deciding.store.next_due() is None
