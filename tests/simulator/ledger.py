"""How people stand in the end: what the ledger has told follows from the takedowns, and was told once each time.

When a strike was counted is known but for what the ledger lagged; where that decides, nothing is checked.
"""

from collections import Counter, defaultdict
from itertools import pairwise

from services.contracts.decided import NoticeIssued
from services.contracts.rules import Rules
from services.contracts.standing import Standee, StrikeIncurred, StrikesChanged
from services.contracts.topics import NOTICES_ISSUED, STRIKES_CHANGED, STRIKES_INCURRED
from tests.simulator.log import Log, Written, facts
from tests.simulator.verdicts import Facts

Kind = Standee.Kind
Standing = StrikesChanged.Standing
DAY_MS = 24 * 3600 * 1000
Told = dict[Standee, list[tuple[Written, StrikeIncurred]]]


def check_standing(known: Facts) -> None:
    """Check the last standing of everybody, that it changes with each telling, and that each is told of it."""
    told: dict[Standee, list[StrikesChanged]] = defaultdict(list)
    for _, change in facts(known.log, STRIKES_CHANGED, StrikesChanged):
        told[change.subject].append(change)
    for subject, changes in told.items():
        for one, other in pairwise(changes):
            assert one.standing is not other.standing, f"{subject} is told {one} and {other}"
    _check_told(known.log, told)
    for subject, incurred in _incurred(known.log).items():
        last = told[subject][-1].standing if subject in told else None
        expected = _expected(subject, incurred, known)
        assert not expected or last in expected, f"{subject} stands as {last}: expected {expected} by {incurred}"


def _incurred(log: Log) -> Told:
    found: Told = defaultdict(list)
    for written, one in facts(log, STRIKES_INCURRED, StrikeIncurred):
        found[one.subject].append((written, one))
    return found


def _check_told(log: Log, told: dict[Standee, list[StrikesChanged]]) -> None:
    notices = Counter(
        (one.recipient.kind.value, one.recipient.id)
        for _, one in facts(log, NOTICES_ISSUED, NoticeIssued)
        if not one.about.upload_id and not one.about.work_id and one.recipient.kind.value != "PLATFORM"
    )
    for subject, changes in told.items():
        got = notices.pop((subject.kind.value, subject.id), 0)
        assert got == len(changes), f"{subject}: {got} notices of {changes}"
    assert not notices, f"notices of nothing: {notices}"


def _expected(subject: Standee, incurred: list[tuple[Written, StrikeIncurred]], known: Facts) -> set[Standing | None]:
    """Return the standings that are possible in the end."""
    if subject.kind is Kind.RIGHTSHOLDER:
        return _of_rightsholder(incurred, known.log)
    least, most = _strikes(incurred, known.log)
    found: set[Standing | None] = set()
    for count in range(least, most + 1):
        standing = _by_strikes(subject, count, known.log.rules)
        found |= {Standing.GOOD, None} if standing is Standing.GOOD else {standing}
    return found


def _strikes(incurred: list[tuple[Written, StrikeIncurred]], log: Log) -> tuple[int, int]:
    """Return how many takedowns count at the least, and at the most."""
    last = {one.takedown_id: (written.time, one.stands) for written, one in incurred}
    lifetime = log.rules.strike_days * DAY_MS
    standing = [time for time, stands in last.values() if stands]
    lag = max((written.time for written, _ in facts(log, STRIKES_INCURRED, StrikeIncurred)), default=0)
    least = sum(log.now < time + lifetime for time in standing)
    most = sum(log.now < max(time, lag) + lifetime + DAY_MS for time in standing)
    return least, most


def _by_strikes(subject: Standee, count: int, rules: Rules) -> Standing:
    if subject.kind is Kind.COMMUNITY:
        return Standing.WATCHED if count >= rules.community_watched_strikes else Standing.GOOD
    if count >= rules.restricted_strikes:
        return Standing.RESTRICTED
    return Standing.WATCHED if count >= rules.watched_strikes else Standing.GOOD


def _of_rightsholder(incurred: list[tuple[Written, StrikeIncurred]], log: Log) -> set[Standing | None]:
    """Return how a rightsholder may stand, if nothing has left the window yet, or everything has."""
    rules, times = log.rules, [written.time for written, _ in incurred]
    if log.now - max(times) > (rules.reversal_days + 40) * DAY_MS:
        return {Standing.TRUSTED, None}
    if log.now - min(times) > (rules.reversal_days - 1) * DAY_MS:
        return set()
    takedowns = sum(one.stands for _, one in incurred)
    reversals = sum(one.reversed for _, one in incurred)
    is_too_high = reversals >= rules.reversals_min and 100 * reversals >= rules.reversal_percent * takedowns
    return {Standing.PROBATION} if is_too_high else {Standing.TRUSTED, None}
