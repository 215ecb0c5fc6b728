"""Random walks: the enforcer is total, says everything once, and never says CLEAR of what was not compared."""

from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from msgspec.structs import replace

from services.contracts.decided import VerdictDecided
from services.contracts.inside import MatchFound, UploadRead
from services.contracts.reading import Failure
from services.contracts.submitted import UploadDeleted
from services.contracts.topics import COPIES_CHANGED, NOTICES_ISSUED, TAKEDOWNS_ISSUED, VERDICTS_DECIDED
from services.contracts.types import timestamp
from services.enforcer.case import FORGOTTEN_AFTER_MS, RETRIES_MAX, UNANSWERED_MS, Case
from tests.deciding import Deciding, digest
from tests.enforcer.facts import (
    HIT,
    UPLOAD,
    Status,
    Verdict,
    blocked,
    case,
    clear,
    enforcer,
    match,
    read,
    submission,
    submitted,
)

LABELS = st.sampled_from(("song", "other"))
SMALL = st.integers(0, 4)
WORKS = st.sets(st.sampled_from((HIT, "rival/hit")))
SUBMISSIONS = st.builds(submission, st.sampled_from(("file:/song", "file:/other"))) | st.builds(UploadDeleted)
READS = st.builds(read, LABELS | LABELS | st.sampled_from(list(Failure)), st.sampled_from((0, 0, 0, -1, 1)), SMALL)
MATCHES = st.builds(
    lambda works, version, label: match(*works, version=version, label=label), WORKS, st.integers(0, 3), LABELS
)
BEGINNINGS = st.sampled_from((enforcer, submitted, clear, blocked))
FACTS = st.one_of(SUBMISSIONS, READS, MATCHES, st.integers(0, 40_000), st.just(FORGOTTEN_AFTER_MS))


def fitted(deciding: Deciding, fact: object) -> object:
    """Return the fact as it could reach this case: about submissions near the present, attempts that were made."""
    now = case(deciding) or Case()
    if isinstance(fact, UploadRead):
        near = max(now.seen, 0) + fact.submission
        return structs.replace(fact, submission=max(near, 0), attempt=min(fact.attempt, now.attempt))
    if isinstance(fact, MatchFound):
        label = now.content.blake3 if now.content and fact.version else fact.digest
        return replace(fact, submission=now.submission, version=now.match_version + fact.version, digest=label)
    return fact


def walk(begin: Callable[[], Deciding], facts: list[object]) -> Deciding:
    """Decide facts, each of them twice; a number is time that passes."""
    deciding = begin()
    for fact in facts:
        if isinstance(fact, int):
            deciding.pass_time(fact)
            continue
        event = deciding.event(UPLOAD, fitted(deciding, fact))
        deciding.decide(event)
        assert deciding.decide(event) == (), f"{event.fact} was answered twice"
    return deciding


@settings(max_examples=300)
@given(BEGINNINGS, st.lists(FACTS, max_size=25))
def test_any_facts_in_any_order_are_decided_and_once(begin: Callable[[], Deciding], facts: list[object]) -> None:
    """Poison: no exception on any fact; a fact decided again at once says nothing; timers come to an end."""
    deciding = walk(begin, facts)
    deciding.pass_time(max(FORGOTTEN_AFTER_MS, UNANSWERED_MS * 2 ** (RETRIES_MAX + 2)))
    kept = case(deciding)
    assert kept is None or kept.record is not None or kept.forget_at is not None
    assert deciding.store.next_due() is None


def meaning(verdict: VerdictDecided) -> VerdictDecided:
    """Return a verdict without what differs in any case."""
    return structs.replace(verdict, revision=0, decision_id="", decided_at=timestamp(0))


@settings(max_examples=250)
@given(BEGINNINGS, st.lists(FACTS, max_size=25))
def test_what_is_said_holds_together(begin: Callable[[], Deciding], facts: list[object]) -> None:
    """G2, G3: turns alternate, notices are unique, verdicts change, CLEAR and BLOCKED are about compared bytes."""
    deciding = walk(begin, facts)
    turns: dict[str, list[Status]] = {}
    for takedown in deciding.said(TAKEDOWNS_ISSUED):
        turns.setdefault(takedown.takedown_id, []).append(takedown.status)
    for statuses in turns.values():
        assert statuses == ([Status.ISSUED, Status.REINSTATED] * len(statuses))[: len(statuses)]
    notices = deciding.said(NOTICES_ISSUED)
    assert len({one.notice_id for one in notices}) == len(notices)
    for one, other in pairwise(deciding.said(VERDICTS_DECIDED)):
        assert (one is None) + (other is None) < 2
        assert one is None or other is None or meaning(one) != meaning(other)
    for verdict in filter(None, deciding.said(VERDICTS_DECIDED)):
        compared = verdict.verdict in (Verdict.CLEAR, Verdict.BLOCKED)
        assert not compared or (verdict.content is not None and verdict.scans)
        assert (verdict.verdict is Verdict.BLOCKED) == bool(verdict.works)
    kept, last = case(deciding), next(iter(deciding.said(VERDICTS_DECIDED)[-1:]), None)
    if last is not None and last.verdict in (Verdict.CLEAR, Verdict.BLOCKED) and last.submission == kept.submission:
        assert {taken.work for taken in kept.taken if taken.is_down} == set(last.works)


@settings(max_examples=200)
@given(BEGINNINGS, st.lists(FACTS, max_size=25))
def test_the_matcher_sees_each_copy_come_and_go_once(begin: Callable[[], Deciding], facts: list[object]) -> None:
    """One writer, in order: a copy goes before another comes, and the last one that came is the case's content."""
    deciding = walk(begin, facts)
    there: set[tuple[str, int]] = set()
    for change in deciding.said(COPIES_CHANGED):
        copy = (change.digest, change.submission)
        assert (copy in there) is not change.present
        there ^= {copy}
        assert len(there) <= 1
    kept = case(deciding)
    alive = {(kept.content.blake3, kept.submission)} if kept and kept.content else set()
    assert there == alive
    assert all(one in (digest("song"), digest("other")) for one, _ in there)
