"""G2, G3, G6: what came down and came back: by turns, with a reason, told once to each who is concerned."""

from collections import Counter, defaultdict
from datetime import timedelta

from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued, VerdictDecided
from services.contracts.inside import ListingChanged, MatchFound
from services.contracts.standing import Standee, StrikeIncurred
from services.contracts.topics import (
    LISTINGS_CHANGED,
    MATCHES_FOUND,
    MATCHES_REVISED,
    NOTICES_ISSUED,
    STRIKES_INCURRED,
    TAKEDOWNS_ISSUED,
)
from services.enforcer.takedowns import CAME_BACK_BECAUSE
from services.enforcer.verdicts import identify
from tests.simulator.judging import judge
from tests.simulator.log import facts
from tests.simulator.model import verdicts_by_upload
from tests.simulator.rights import Work
from tests.simulator.verdicts import Facts

Verdict = VerdictDecided.Verdict
Status = TakedownIssued.Status
Kind = Recipient.Kind
Turns = dict[str, list[TakedownIssued]]

OBJECT_WITHIN = timedelta(days=180)
"""Six months at the least (DSA Article 20(1)); the shortest six months of a year have 181 days."""


def turns_of(known: Facts) -> Turns:
    """Return what came down and came back, by takedown."""
    turns: Turns = defaultdict(list)
    for _, takedown in facts(known.log, TAKEDOWNS_ISSUED, TakedownIssued):
        turns[takedown.takedown_id].append(takedown)
    return dict(turns)


def check_takedowns(known: Facts) -> None:
    """Check that takedown and reinstatement alternate, and that each has a match on listed bytes behind it."""
    turns = turns_of(known)
    for turned in turns.values():
        expected = [Status.ISSUED, Status.REINSTATED] * len(turned)
        assert [one.status for one in turned] == expected[: len(turned)], turned
        for takedown in turned:
            _check_statement(takedown)
    assert turns.keys() <= _matched(known), "a takedown without a match on listed bytes"
    _check_said_with_a_verdict(known)
    _check_down_is_blocked(known, turns)
    _check_notices(known, turns)
    _check_strikes(known, turns)


def _check_statement(takedown: TakedownIssued) -> None:
    statement = takedown.statement_of_reasons
    assert statement.automated_detection
    assert statement.facts, takedown
    assert statement.redress, takedown
    if takedown.status is Status.ISSUED:
        assert takedown.rightsholder_id in statement.ground, takedown
        assert takedown.upload_id in statement.facts, takedown
        assert takedown.work_id in statement.facts, takedown
        assert statement.redress_until - takedown.decided_at >= OBJECT_WITHIN, takedown


def _matched(known: Facts) -> set[str]:
    """Return the ids of the takedowns that a match on bytes, listed for that work, allows."""
    listed = {
        (one.rightsholder_id, one.work_id, one.digest)
        for _, one in facts(known.log, LISTINGS_CHANGED, ListingChanged)
        if one.listed
    }
    found = set()
    for topic in (MATCHES_FOUND, MATCHES_REVISED):
        for _, match in facts(known.log, topic, MatchFound):
            for one in match.matches:
                assert (one.rightsholder_id, one.work_id, match.digest) in listed, f"{match} on bytes nobody listed"
                found.add(_takedown_id(match.upload_id, match.submission, (one.rightsholder_id, one.work_id)))
    return found


def _takedown_id(upload_id: str, submission: int, work: Work) -> str:
    return identify("takedown", upload_id, submission, *work)


def _check_said_with_a_verdict(known: Facts) -> None:
    """Check that nothing comes down but by a verdict BLOCKED of then, which names the work: what is HELD does not."""
    verdicts = verdicts_by_upload(known.log)
    for _, takedown in facts(known.log, TAKEDOWNS_ISSUED, TakedownIssued):
        if takedown.status is Status.ISSUED:
            work = (takedown.rightsholder_id, takedown.work_id)
            of_then = [one for _, one in verdicts[takedown.upload_id] if one.decided_at <= takedown.decided_at]
            latest = [one for one in of_then if one.decided_at in (of_then[-1].decided_at, takedown.decided_at)]
            assert any(_says(one, work, takedown.territories) for one in latest), f"{takedown} by {of_then[-1]}"


def _says(verdict: VerdictDecided, work: Work, where: tuple[str, ...]) -> bool:
    """Tell whether a verdict blocks for a work, there at the least."""
    named = {(one.rightsholder_id, one.work_id) for one in verdict.works}
    everywhere = not verdict.blocked_territories
    covers = everywhere or (bool(where) and set(where) <= set(verdict.blocked_territories))
    return verdict.verdict is Verdict.BLOCKED and work in named and covers


def _check_down_is_blocked(known: Facts, turns: Turns) -> None:
    """Check that what is down for a living submission is what blocks it, and nothing else."""
    down = {name: turned[-1] for name, turned in turns.items() if turned[-1].status is Status.ISSUED}
    for upload_id, verdicts in verdicts_by_upload(known.log).items():
        last, record = verdicts[-1][1], known.alive[upload_id].record
        if record is None or last.verdict is Verdict.UNSCANNED:
            continue
        assert last.content is not None
        digest = last.content.blake3
        works = {work: one for work, one in known.in_force.items() if digest in one.digests or one.alike(digest)}
        judged = judge(works, record, known.rulings.of(upload_id, digest), known.log.now)
        if judged.verdict is not last.verdict:
            judged = judged._replace(where={})  # held for a standing, or approved before a deletion
        blocked = {_takedown_id(upload_id, last.submission, work) for work in judged.where}
        mine = {name for name, one in down.items() if _is_about(one, upload_id, last.submission)}
        assert mine == blocked, f"{last}: down are {mine}, expected {blocked}"


def _is_about(takedown: TakedownIssued, upload_id: str, submission: int) -> bool:
    work = (takedown.rightsholder_id, takedown.work_id)
    return takedown.takedown_id == _takedown_id(upload_id, submission, work)


def _check_notices(known: Facts, turns: Turns) -> None:
    """Check that each turn is told once to the uploader and once to the managers of the community, if there is one."""
    notices = facts(known.log, NOTICES_ISSUED, NoticeIssued)
    twice = [name for name, times in Counter(one.notice_id for _, one in notices).items() if times > 1]
    assert not twice, f"twice: {[one for _, one in notices if one.notice_id in twice]}"
    told = Counter(
        (one.about.takedown_id, one.recipient.kind)
        for _, one in notices
        if one.about.takedown_id and not one.about.dispute_id
    )
    for name, turned in turns.items():
        assert told[name, Kind.UPLOADER] == len(turned), f"{turned}: {told[name, Kind.UPLOADER]} notices"
        in_community = sum(bool(one.community_id) for one in turned)
        assert told[name, Kind.COMMUNITY] == in_community, f"{turned}: {told[name, Kind.COMMUNITY]} notices"
    for _, one in notices:
        assert one.text, one
        assert one.subject, one


def _check_strikes(known: Facts, turns: Turns) -> None:
    """Check that each turn is told to the ledger once for the uploader, the community and the rightsholder.

    A rightsholder is told of the first, and of one that ends since their claim is lost: nothing else counts for them.
    """
    told: dict[tuple[str, Standee], list[bool]] = defaultdict(list)
    for _, one in facts(known.log, STRIKES_INCURRED, StrikeIncurred):
        told[one.takedown_id, one.subject].append(one.stands)
    due: dict[tuple[str, Standee], list[bool]] = defaultdict(list)
    for name, turned in turns.items():
        for number, turn in enumerate(turned):
            for subject in subjects_of(turn):
                if not number or _is_lost(turn) or subject.kind is not Standee.Kind.RIGHTSHOLDER:
                    due[name, subject].append(turn.status is Status.ISSUED)
    assert told == due, f"told {dict(told)}, due {dict(due)}"


def _is_lost(turn: TakedownIssued) -> bool:
    return CAME_BACK_BECAUSE[VerdictDecided.Reason.DISPUTE_WON] in turn.statement_of_reasons.facts


def subjects_of(takedown: TakedownIssued) -> list[Standee]:
    """Return whose standing a takedown concerns."""
    found = [
        Standee(Standee.Kind.UPLOADER, takedown.uploader_id),
        Standee(Standee.Kind.RIGHTSHOLDER, takedown.rightsholder_id),
    ]
    if takedown.community_id:
        found.append(Standee(Standee.Kind.COMMUNITY, takedown.community_id))
    return found
