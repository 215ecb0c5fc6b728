"""Strikes of uploaders and communities: what counts, how long, and what it comes to."""

import pytest

from services.contracts.processor import Event, Woken
from services.contracts.rules import RULES, Rules
from services.contracts.standing import Standee
from services.contracts.topics import NOTICES_ISSUED, STRIKES_CHANGED
from services.contracts.types import milliseconds
from services.ledger.strikes import standing_of
from tests.deciding import NOW, PARTITION, Deciding
from tests.ledger.facts import (
    COMMUNITY,
    GOOD,
    RESTRICTED,
    STRIKE_MS,
    UPLOADER,
    WATCHED,
    WHO,
    Kind,
    Standing,
    days,
    event_of,
    issued,
    ledger,
    on,
    reinstated,
    reversed_,
    strike_out,
    told,
)

FEW = Rules(watched_strikes=1, restricted_strikes=2, community_watched_strikes=2, strike_days=7)


@pytest.mark.parametrize(
    ("kind", "strikes", "standing"),
    [
        (UPLOADER, 0, GOOD),
        (UPLOADER, 2, GOOD),
        (UPLOADER, 3, WATCHED),
        (UPLOADER, 5, WATCHED),
        (UPLOADER, 6, RESTRICTED),
        (UPLOADER, 10_000, RESTRICTED),
        (COMMUNITY, 29, GOOD),
        (COMMUNITY, 30, WATCHED),
        (COMMUNITY, 10_000, WATCHED),
    ],
)
def test_so_many_strikes_come_to_a_standing(kind: Kind, strikes: int, standing: Standing) -> None:
    """Standing: graduated, by public thresholds; a community is never restricted."""
    assert standing_of(kind, strikes, RULES) is standing


def test_the_thresholds_are_those_of_the_event() -> None:
    """One settings table: what is set holds, for how many and for how long."""
    deciding = ledger()
    assert told(on(deciding, issued("a"), issued("b"), rules=FEW)) == [(WATCHED, 1), (RESTRICTED, 2)]
    assert told(on(deciding, issued("a", COMMUNITY), issued("b", COMMUNITY), rules=FEW)) == [(WATCHED, 2)]
    assert deciding.store.next_due() == NOW + days(7)


def test_each_change_of_a_standing_is_told_once_with_the_count() -> None:
    """Ordinary strikes tell nobody anything; the third and the sixth do."""
    deciding = ledger()
    said = strike_out(deciding, 8)
    assert told(said) == [(WATCHED, 3), (RESTRICTED, 6)]
    assert {(emit.key, emit.partition) for emit in said} == {(WHO, PARTITION)}
    assert [emit.topic for emit in said] == [STRIKES_CHANGED, NOTICES_ISSUED] * 2


@pytest.mark.parametrize("kind", [UPLOADER, COMMUNITY])
def test_a_takedown_is_one_strike_however_often_it_is_told_of(kind: Kind) -> None:
    """And it is none once it has ended, however often that is told."""
    deciding = ledger()
    on(deciding, *(issued("same", kind) for _ in range(50)))
    assert deciding.entry(WHO, f"strikes/{kind}").count == 1
    on(deciding, *(reinstated("same", kind) for _ in range(50)), reinstated("never", kind))
    assert deciding.entry(WHO, f"strikes/{kind}") is None
    assert len(deciding.store) == 0


@pytest.mark.parametrize("ends", [reinstated, lambda one: reversed_(one, UPLOADER)])
def test_a_takedown_that_has_ended_is_no_strike(ends: object) -> None:
    """None for an automated match that is disputed and released, nor for what was released or licensed."""
    deciding = ledger()
    strike_out(deciding, 6)
    assert told(on(deciding, *map(ends, ("0", "1", "2", "3")))) == [(WATCHED, 5), (GOOD, 2)]  # type: ignore[call-overload]  # either of the two
    assert told(on(deciding, issued("0"))) == [(WATCHED, 3)], "it may come down again, and then counts again"


def test_a_strike_counts_for_ninety_days_to_the_millisecond() -> None:
    """Time: the timer of each strike is its own; the standing flips when it fires."""
    deciding = ledger()
    on(deciding, issued("early"))
    deciding.pass_time(days(10))
    on(deciding, issued("late"), issued("latest"))
    assert told(deciding.pass_time(STRIKE_MS - days(10) - 1)) == []
    said = deciding.pass_time(1)
    assert told(said) == [(GOOD, 2)]
    (changed,) = said.of(STRIKES_CHANGED)
    assert milliseconds(changed.expires_at) == NOW + days(10) + STRIKE_MS
    assert told(deciding.pass_time(days(10))) == []
    assert len(deciding.store) == 0, "nothing is kept of whom nothing counts"


def test_a_change_says_when_the_oldest_strike_counts_no_more() -> None:
    """Whatever its name: the oldest is found among all."""
    deciding = ledger()
    for name in ("z", "a", "m"):
        said = on(deciding, issued(name))
        deciding.pass_time(days(1))
    (changed,) = said.of(STRIKES_CHANGED)
    assert milliseconds(changed.expires_at) == NOW + STRIKE_MS
    assert milliseconds(changed.changed_at) == NOW + days(2)
    assert changed.subject == Standee(UPLOADER, WHO)


def test_a_jump_of_time_is_told_as_what_it_comes_to() -> None:
    """A clock that jumps: what would have changed twice meanwhile is told once, in no order of its timers' own."""
    deciding = ledger()
    strike_out(deciding, 8)
    deciding.now += days(400)
    assert told(deciding.pass_time(0)) == [(GOOD, 0)]
    assert len(deciding.store) == 0


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_timers_that_are_due_may_be_woken_in_any_order(order: tuple[int, ...]) -> None:
    """The store promises no order among equals; the end is the same, and so is what is told."""
    deciding = ledger()
    strike_out(deciding, 4)
    deciding.now += STRIKE_MS
    woken = [Event(WHO, Woken(f"strike/UPLOADER/{number}"), deciding.now, PARTITION, -1) for number in order]
    assert told([emit for event in woken for emit in deciding.decide(event)]) == [(GOOD, 0)]


def test_a_strike_that_is_due_and_not_woken_yet_counts_no_more() -> None:
    """A fact may be decided before the timers of its batch: nobody is watched for what is over."""
    deciding = ledger()
    on(deciding, issued("a"), issued("b"))
    deciding.now += STRIKE_MS
    assert told(on(deciding, issued("c"))) == []
    assert told(deciding.pass_time(0)) == []
    assert told(on(deciding, issued("d"), issued("e"))) == [(WATCHED, 3)]


def test_a_community_and_an_uploader_of_one_name_are_two() -> None:
    """Kinds share the key: an upload by `fans` in the community `fans` is a strike for each, by one takedown."""
    deciding = ledger()
    on(deciding, issued("t", UPLOADER), issued("t", COMMUNITY))
    strike_out(deciding, 2, COMMUNITY)
    assert told(strike_out(deciding, 2)) == [(WATCHED, 3)]
    assert deciding.entry(WHO, "strikes/COMMUNITY").count == 3
    on(deciding, reinstated("t", COMMUNITY))
    assert deciding.entry(WHO, "strikes/UPLOADER").count == 3
    deciding.pass_time(STRIKE_MS)
    assert len(deciding.store) == 0


def test_a_strike_is_counted_without_looking_at_the_others() -> None:
    """No rule costs more as history grows: strikes are looked at one by one only where a standing changes."""
    deciding = ledger()
    strike_out(deciding, 300)
    looked: list[str] = []
    after = deciding.store.after
    deciding.store.after = lambda *asked: looked.append(asked[1]) or after(*asked)  # type: ignore[method-assign, func-returns-value]  # a watch
    on(deciding, issued("more"), reinstated("more"), issued("more"))
    assert looked == []


def decided_twice(deciding: Deciding, event: Event) -> list[tuple[Standing, int]]:
    """Return what a record says that is decided a second time."""
    deciding.decide(event)
    return told(deciding.decide(event))


def test_the_same_record_decided_twice_says_nothing_the_second_time() -> None:
    """Whether it changed the standing or not."""
    deciding = ledger()
    strike_out(deciding, 2)
    assert decided_twice(deciding, event_of(deciding, issued("third"))) == []
    assert decided_twice(deciding, event_of(deciding, reinstated("third"))) == []
