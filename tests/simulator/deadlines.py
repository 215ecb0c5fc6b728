"""The deadlines of disputes: what the law says they are, that nothing is released before them, nor forgotten after."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

import holidays

from services.contracts.decided import NoticeIssued, Recipient, TakedownIssued
from services.contracts.inside import ContentRuled
from services.contracts.objections import DisputeSubmitted
from services.contracts.rules import Rules
from services.contracts.topics import (
    CONTENTS_RULED,
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    TAKEDOWNS_ISSUED,
)
from services.contracts.types import milliseconds
from services.enforcer.case import Objections
from tests.simulator.log import Log, facts
from tests.simulator.model import verdicts_by_upload
from tests.simulator.verdicts import Facts

Kind = Recipient.Kind
ENDINGS = (" is over", " was withdrawn", " has ended")
"""How the subjects of letters end that say to a claimant that a dispute has ended; the first, to both sides."""

DAY = timedelta(days=1)
MOMENT = timedelta(milliseconds=1)
"""A deadline is told by its last moment."""


class Deadline(NamedTuple):
    """Until when a claimant has to answer, as it was told to them, and when."""

    upload_id: str
    dispute_id: str
    rightsholder_id: str
    takedown_id: str
    told: datetime
    until: datetime
    step: float


def deadlines_of(log: Log) -> list[Deadline]:
    """Return every deadline that a claimant was told in a dispute."""
    return [
        Deadline(
            one.about.upload_id,
            one.about.dispute_id,
            one.recipient.id,
            one.about.takedown_id,
            one.issued_at,
            one.respond_until,
            written.step,
        )
        for written, one in facts(log, NOTICES_ISSUED, NoticeIssued)
        if one.about.dispute_id
        if one.respond_until is not None and one.recipient.kind is Recipient.Kind.RIGHTSHOLDER
    ]


def check_deadlines(known: Facts) -> None:
    """Check when each deadline is, and that whoever let one pass has lost the claim by the end."""
    for one in deadlines_of(known.log):
        ends = (silent_until(one.told, known.log.rules), countered_until(one.told, known.log.rules))
        lawful = tuple(end - MOMENT for end in ends)
        assert one.until in lawful, f"{one}: expected one of {lawful}"
        if milliseconds(one.until) < known.log.now and not _is_excused(one, known):
            assert _was_released(one, known), f"{one} went by without effect"


def check_endings(known: Facts) -> None:
    """Check that whoever was asked to answer a dispute is either in it still, or was told that it has ended.

    So was the uploader, unless they ended it, or the upload came back.
    """
    letters = [(at, one) for at, one in facts(known.log, NOTICES_ISSUED, NoticeIssued) if one.about.dispute_id]
    claimants = {one.takedown_id: one.rightsholder_id for _, one in facts(known.log, TAKEDOWNS_ISSUED, TakedownIssued)}
    open_ = {
        (upload_id, dispute.dispute_id, claimants[one.takedown_id])
        for upload_id, _, entry in known.log.entries()
        if isinstance(entry, Objections)
        for dispute in entry.disputes
        for one in dispute.contested
    }
    for asked in deadlines_of(known.log):
        if (asked.upload_id, asked.dispute_id, asked.rightsholder_id) in open_:
            continue
        about = (asked.upload_id, asked.dispute_id)
        later = [one for at, one in letters if at.step >= asked.step and _about(one) == about]
        mine = [one for one in later if one.recipient == Recipient(Kind.RIGHTSHOLDER, asked.rightsholder_id)]
        assert any(one.subject.endswith(ENDINGS) for one in mine), f"{asked}, and its end was not told: {mine}"
        theirs = [one for one in later if one.recipient.kind is Kind.UPLOADER and one.subject.endswith("is over")]
        ended = any(one.subject.endswith(ENDINGS[1:]) for one in mine)
        assert theirs or ended, f"{asked}, and its end was not told to the uploader: {later}"


def _about(one: NoticeIssued) -> tuple[str, str]:
    return one.about.upload_id, one.about.dispute_id


def silent_until(begin: datetime, rules: Rules) -> datetime:
    """Return the end, in UTC, of the last day that a claimant has to uphold."""
    return _midnight(begin) + (rules.claimant_days + 1) * DAY


def countered_until(begin: datetime, rules: Rules) -> datetime:
    """Return the end of the last business day of those that follow the day of a counter-notice."""
    day, left = _midnight(begin), rules.counter_business_days
    while left:
        day += DAY
        is_off = day.weekday() >= 5 or day.date() in _holidays(rules.holidays, day.year)
        left -= not is_off
    return day + DAY


@cache
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year)


def _midnight(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _is_excused(one: Deadline, known: Facts) -> bool:
    """Tell whether anything else that was said or happened may have kept a deadline from its effect."""
    for _, step in facts(known.log, DISPUTES_SUBMITTED, DisputeSubmitted):
        is_mine = (step.upload_id, step.dispute_id) == (one.upload_id, one.dispute_id)
        if is_mine and step.dispute is None:
            return True
    said = [verdict for written, verdict in verdicts_by_upload(known.log)[one.upload_id] if written.step <= one.step]
    if not said or known.alive[one.upload_id].first != said[-1].submission:
        return True
    for written, turn in facts(known.log, TAKEDOWNS_ISSUED, TakedownIssued):
        is_mine = turn.upload_id == one.upload_id and turn.rightsholder_id == one.rightsholder_id
        if is_mine and turn.status is TakedownIssued.Status.REINSTATED and written.step >= one.step:
            return True
    return False


def _was_released(one: Deadline, known: Facts) -> bool:
    digests = {v.content.blake3 for _, v in verdicts_by_upload(known.log)[one.upload_id] if v.content is not None}
    return any(
        ruled.digest in digests and ruled.rightsholder_id == one.rightsholder_id and written.step >= one.step
        for written, ruled in facts(known.log, CONTENTS_RULED, ContentRuled)
    )
