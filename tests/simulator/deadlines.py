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
from tests.simulator.log import Log, facts
from tests.simulator.model import verdicts_by_upload
from tests.simulator.verdicts import Facts

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
