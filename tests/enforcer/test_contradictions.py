"""Two rightsholders who contradict each other: one allows what the other blocks. Never a silent choice."""

import pytest

from services.contracts.decided import Recipient
from services.contracts.inside import Match
from services.contracts.rights import Terms
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED
from tests.deciding import Deciding
from tests.enforcer.facts import HIT, Reason, on
from tests.enforcer.rights import (
    BLOCKED,
    CLEAR,
    HELD,
    REVIEW,
    RIVAL,
    TRACK,
    Outcome,
    alike,
    compared,
    found,
    last,
    licensed,
    listed,
    outcome,
)

OTHERS = "studio/film"
CONTRADICTION = Outcome(HELD, (Reason.CONTRADICTION,), (), (RIVAL,))
LICENSED = Outcome(CLEAR, (Reason.LICENSED,))
GERMANY, FRANCE = Terms(territories=("DE",)), Terms(territories=("FR",))

REPORTED = Outcome(CLEAR, (Reason.IDENTICAL, Reason.LICENSED), (), (RIVAL,))

BOTH = Outcome(HELD, (Reason.CONTRADICTION,), (), (RIVAL, OTHERS))
BOTH_AND_ONE_MORE = Outcome(HELD, (Reason.CONTRADICTION,), (), ("a/b", RIVAL, OTHERS))


def down(*works: str, places: tuple[str, ...] = ("DE", "FR", "US")) -> Outcome:
    """Return: blocked for these works."""
    return Outcome(BLOCKED, (Reason.IDENTICAL,), places, works)


CASES: list[tuple[list[Match], Outcome]] = [
    ([listed(HIT, licensed()), listed(RIVAL)], CONTRADICTION),
    ([listed(HIT, licensed()), listed(RIVAL, REVIEW)], CONTRADICTION),
    ([listed(HIT, licensed()), listed(RIVAL, TRACK)], REPORTED),
    ([listed(HIT, Terms(accounts=("uploader",))), listed(RIVAL)], CONTRADICTION),
    ([listed(HIT, licensed()), listed("label/other")], LICENSED),
    ([listed(HIT, licensed(territories=("DE",))), listed(RIVAL, GERMANY)], CONTRADICTION),
    ([listed(HIT, licensed(territories=("FR",))), listed(RIVAL, GERMANY)], down(HIT, RIVAL, places=("DE", "US"))),
    ([listed(HIT, licensed(uploader_id="somebody")), listed(RIVAL, TRACK)], down(HIT)),
    ([listed(HIT, licensed()), listed(RIVAL, FRANCE, likeness=alike((0, 9)))], CONTRADICTION),
    ([listed(HIT, licensed(excerpt_ms_max=5)), listed(RIVAL)], down(HIT, RIVAL)),
    ([listed(HIT, licensed()), listed(RIVAL, licensed())], LICENSED),
    ([listed(HIT, licensed()), listed(RIVAL, GERMANY), listed(OTHERS, FRANCE), listed("a/b")], BOTH_AND_ONE_MORE),
    ([listed(HIT, licensed(territories=("DE",))), listed(RIVAL, GERMANY), listed(OTHERS, FRANCE)], CONTRADICTION),
    (
        [listed(HIT, licensed()), listed(RIVAL), listed(OTHERS, REVIEW)],
        BOTH,
    ),
]


@pytest.mark.parametrize(("matches", "expected"), CASES)
def test_what_one_allows_and_another_blocks_is_held(matches: list[Match], expected: Outcome) -> None:
    """In the same place, of two rightsholders, each with a match; of one rightsholder the licence wins."""
    assert outcome(compared(*matches, territories=("DE", "FR", "US"))) == expected
    assert outcome(compared(*reversed(matches), territories=("DE", "FR", "US"))) == expected


def told(deciding: Deciding) -> list[tuple[str, str]]:
    """Return (rightsholder, text) of each notice to one."""
    notices = [one for one in deciding.said(NOTICES_ISSUED) if one.recipient.kind is Recipient.Kind.RIGHTSHOLDER]
    return [(one.recipient.id, one.text) for one in notices]


def test_both_are_told_once() -> None:
    """What each has to know, and no more when it is judged again."""
    deciding = compared(listed(HIT, licensed()), listed(RIVAL))
    begin = "Upload u waits for a person's decision, because"
    to_rival = "it matches your work cover, which you do not allow there, and label allows it by rights of their own."
    to_label = "you allow it, and rival does not: it matches their work cover too."
    assert told(deciding) == [("rival", f"{begin} {to_rival}"), ("label", f"{begin} {to_label}")]
    on(deciding, found(version=2), found(listed(HIT, licensed()), listed(RIVAL), version=3))
    assert len(told(deciding)) == 2


def test_everybody_who_allows_is_told_and_some_are_named() -> None:
    """A sentence stays one."""
    allowing = [listed(f"label-{number}/hit", licensed()) for number in range(6)]
    deciding = compared(*allowing, listed(RIVAL))
    assert [name for name, _ in told(deciding)] == ["rival", *(f"label-{number}" for number in range(6))]
    assert "label-0 or label-1 or label-2 or one of 3 more allows it" in told(deciding)[0][1]


def test_a_contradiction_that_arises_brings_back_what_was_down() -> None:
    """HELD is no takedown; the sentence says why it waits."""
    deciding = compared(listed(RIVAL))
    on(deciding, found(listed(RIVAL), listed(HIT, licensed()), version=2))
    assert outcome(deciding) == CONTRADICTION
    (_, back) = deciding.said(TAKEDOWNS_ISSUED)
    assert back.statement_of_reasons.facts.endswith("has ended: a person is to decide first.")
    assert last(deciding).explanation.endswith("and one rightsholder allows it and another does not.")
