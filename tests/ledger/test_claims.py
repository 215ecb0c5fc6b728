"""Claims of rightsholders: how many were lost of how many takedowns, day by day, and what that comes to."""

import pytest

from services.contracts.rules import RULES, Rules
from services.contracts.topics import STRIKES_CHANGED
from services.contracts.types import milliseconds
from services.ledger.claims import standing_of
from services.ledger.state import CLAIMS, Claims, Day
from tests.deciding import NOW, Deciding, Said
from tests.ledger.facts import (
    DAY_MS,
    PROBATION,
    RIGHTSHOLDER,
    TRUSTED,
    WATCHED,
    WHO,
    Standing,
    days,
    event_of,
    issued,
    ledger,
    next_midnight,
    on,
    reinstated,
    reversed_,
    strike_out,
    told,
)

TODAY = NOW // DAY_MS


def lose(deciding: Deciding, count: int) -> Said:
    """Have as many claims lost."""
    return on(deciding, *(reversed_(str(number)) for number in range(count)))


def claims(deciding: Deciding) -> Claims | None:
    """Return what is kept of the rightsholder."""
    kept: Claims | None = deciding.entry(WHO, CLAIMS)
    return kept


@pytest.mark.parametrize(
    ("takedowns", "reversals", "standing"),
    [
        (0, 0, TRUSTED),
        (9, 9, TRUSTED),
        (10, 10, PROBATION),
        (100, 9, TRUSTED),
        (100, 10, PROBATION),
        (101, 10, TRUSTED),
        (1_000_000, 99_999, TRUSTED),
        (1_000_000, 100_000, PROBATION),
        (0, 10, PROBATION),
    ],
)
def test_so_many_lost_claims_come_to_a_standing(takedowns: int, reversals: int, standing: Standing) -> None:
    """Standing: at least ten, and at least ten of a hundred; the takedowns of what is lost now may be older."""
    assert standing_of(Claims(takedowns=takedowns, reversals=reversals), RULES) is standing


def test_a_rightsholder_who_loses_too_many_claims_is_on_probation_and_it_is_told_once() -> None:
    """Symmetric: those who claim are counted as those are who upload."""
    deciding = ledger()
    assert told(strike_out(deciding, 100, RIGHTSHOLDER)) == []
    assert told(lose(deciding, 12)) == [(PROBATION, 10)]


def test_probation_ends_when_enough_of_what_they_claim_stands() -> None:
    """A rate, not a count: takedowns that stand weigh against those that were lost."""
    deciding = ledger()
    strike_out(deciding, 100, RIGHTSHOLDER)
    lose(deciding, 10)
    assert told(on(deciding, issued("one more", RIGHTSHOLDER))) == [(TRUSTED, 10)]


def test_a_takedown_that_ended_otherwise_is_not_held_against_anybody() -> None:
    """A release, a licence, a settlement: no claim was lost."""
    deciding = ledger()
    strike_out(deciding, 20, RIGHTSHOLDER)
    before = claims(deciding)
    assert on(deciding, *(reinstated(str(number), RIGHTSHOLDER) for number in range(20))) == ()
    assert claims(deciding) == before


def test_days_are_buckets_and_leave_the_window_one_by_one() -> None:
    """Large keys: a day is one bucket whatever it brought; after ninety days and its own rest it counts no more."""
    deciding = ledger()
    strike_out(deciding, 40, RIGHTSHOLDER)
    deciding.pass_time(next_midnight())
    on(deciding, issued("a", RIGHTSHOLDER), reversed_("a"))
    kept = claims(deciding)
    assert kept is not None
    assert kept.days == (Day(TODAY, 40, 0), Day(TODAY + 1, 1, 1))
    assert (kept.takedowns, kept.reversals) == (41, 1)
    deciding.pass_time(days(RULES.reversal_days) - 1)
    assert claims(deciding).days == kept.days  # type: ignore[union-attr]  # it is there
    deciding.pass_time(1)
    assert claims(deciding) == Claims((Day(TODAY + 1, 1, 1),), 1, 1, TODAY + RULES.reversal_days + 1, heard=41)
    deciding.pass_time(days(1))
    assert claims(deciding) is None
    assert deciding.store.next_due() is None


def test_probation_is_over_when_the_lost_claims_leave_the_window() -> None:
    """At 00:00 UTC of the day that its record names."""
    deciding = ledger()
    (changed,) = lose(deciding, 10).of(STRIKES_CHANGED)
    over = milliseconds(changed.expires_at)
    assert over == (TODAY + RULES.reversal_days + 1) * DAY_MS
    assert told(deciding.pass_time(over - NOW - 1)) == []
    assert told(deciding.pass_time(1)) == [(TRUSTED, 0)]


def test_probation_can_begin_when_old_takedowns_leave_the_window() -> None:
    """The rate is that of the window: what was claimed long ago weighs against nothing any more."""
    deciding = ledger()
    strike_out(deciding, 200, RIGHTSHOLDER)
    deciding.pass_time(days(30))
    lose(deciding, 12)
    assert told(deciding.pass_time(days(60))) == []
    assert told(deciding.pass_time(days(1))) == [(PROBATION, 12)]


def test_the_days_are_bounded_by_the_window() -> None:
    """Large keys: at most the days of the window and today, in as many years as you like."""
    deciding = ledger()
    rules = Rules(reversal_days=5)
    for _ in range(40):
        on(deciding, issued("t", RIGHTSHOLDER), reversed_("t"), rules=rules)
        deciding.now += days(1)
        kept = claims(deciding)
        assert kept is not None
        assert len(kept.days) <= rules.reversal_days + 1
        assert kept.takedowns == sum(day.takedowns for day in kept.days)
        assert kept.reversals == sum(day.reversals for day in kept.days)


@pytest.mark.parametrize("jump", [90, 91, 1_000])
def test_a_jump_of_time_moves_the_window_at_once(jump: int) -> None:
    """A clock that jumps: whoever comes first, a fact or the timer, sees the window of now."""
    deciding = ledger()
    lose(deciding, 10)
    deciding.now += days(jump)
    over = [] if jump == RULES.reversal_days else [(TRUSTED, 0)]
    assert told(deciding.pass_time(0)) == over
    other = ledger()
    lose(other, 10)
    other.now += days(jump)
    assert [standing for standing, _ in told(on(other, issued("t", RIGHTSHOLDER)))] == [one for one, _ in over]


def test_the_same_record_decided_twice_counts_once() -> None:
    """A bucket does not remember names, so it remembers where it read last."""
    deciding = ledger()
    lose(deciding, 9)
    event = event_of(deciding, reversed_("tenth"))
    assert told(deciding.decide(event)) == [(PROBATION, 10)]
    before = claims(deciding)
    assert deciding.decide(event) == ()
    assert claims(deciding) == before


def test_a_rightsholder_and_an_uploader_of_one_name_are_two() -> None:
    """Kinds share the key, and nothing else."""
    deciding = ledger()
    strike_out(deciding, 2)
    assert told(lose(deciding, 10)) == [(PROBATION, 10)]
    assert told(on(deciding, issued("third"))) == [(WATCHED, 3)]
    assert deciding.entry(WHO, "strikes/UPLOADER").count == 3
