"""Territories: a verdict names where it blocks, and an upload that is visible only elsewhere is CLEAR."""

import pytest

from services.contracts.rights import Terms
from services.contracts.territories import COUNTRIES
from services.contracts.topics import NOTICES_ISSUED, TAKEDOWNS_ISSUED
from tests.enforcer.facts import HIT, Reason, on
from tests.enforcer.rights import BLOCKED, CLEAR, RIVAL, Outcome, compared, found, last, listed, outcome

Where = tuple[str, ...]
IDENTICAL = (Reason.IDENTICAL,)
OUTSIDE = Outcome(CLEAR, (Reason.OUTSIDE_TERRITORY,))

ONE: list[tuple[Where, Where, Outcome]] = [
    ((), (), Outcome(BLOCKED, IDENTICAL, (), (HIT,))),
    (("DE",), (), Outcome(BLOCKED, IDENTICAL, ("DE",), (HIT,))),
    ((), ("DE",), Outcome(BLOCKED, IDENTICAL, ("DE",), (HIT,))),
    (("FR", "DE"), ("DE", "US", "FR"), Outcome(BLOCKED, IDENTICAL, ("DE", "FR"), (HIT,))),
    (("DE",), ("FR",), OUTSIDE),
    (("XK",), (), Outcome(BLOCKED, IDENTICAL, ("XK",), (HIT,))),
    (("XK",), ("XK", "DE"), Outcome(BLOCKED, IDENTICAL, ("XK",), (HIT,))),
    (("DE",), ("XK",), OUTSIDE),
    (("DE", "DE"), ("DE", "DE"), Outcome(BLOCKED, IDENTICAL, ("DE",), (HIT,))),
]


@pytest.mark.parametrize(("policy", "upload", "expected"), ONE)
def test_it_is_blocked_where_policy_and_upload_meet(policy: Where, upload: Where, expected: Outcome) -> None:
    """In order, each once; naming none is everywhere; a code that no standard knows is a place all the same."""
    deciding = compared(listed(HIT, Terms(territories=policy)), territories=upload)
    assert outcome(deciding) == expected
    assert [one.territories for one in deciding.said(TAKEDOWNS_ISSUED)] == [
        expected.territories for _ in expected.works
    ]


def test_blocks_of_several_works_add_up() -> None:
    """Each takedown names its own places, the verdict all of them."""
    works = (listed(HIT, Terms(territories=("DE",))), listed(RIVAL, Terms(territories=("FR", "US"))))
    deciding = compared(*works, territories=("DE", "FR"))
    assert outcome(deciding) == Outcome(BLOCKED, IDENTICAL, ("DE", "FR"), (HIT, RIVAL))
    assert [one.territories for one in deciding.said(TAKEDOWNS_ISSUED)] == [("DE",), ("FR",)]


def test_a_policy_that_names_every_country_is_everywhere() -> None:
    """And is told so: the list would say nothing more."""
    assert outcome(compared(listed(HIT, Terms(territories=tuple(COUNTRIES))))).territories == ()


def test_an_explanation_and_a_notice_say_where() -> None:
    """In one sentence, however many places there are."""
    deciding = compared(listed(HIT, Terms(territories=("DE", "FR"))))
    assert last(deciding).explanation.startswith("“Song” is not shown in DE, FR, because its file is identical")
    notice = deciding.said(NOTICES_ISSUED)[0]
    assert notice.text.startswith("Your upload (u) was taken down in DE, FR. ")
    assert "label blocks copies of it in DE, FR." in notice.text
    many = compared(listed(HIT, Terms(territories=tuple(sorted(COUNTRIES)[:20]))))
    assert "AD, AE, AF, AG, AI, AL, AM, AO and 12 more, because" in last(many).explanation


def test_a_block_that_moves_elsewhere_is_a_new_verdict_and_no_new_takedown() -> None:
    """The takedown is of the work; the verdict says where it is not to be shown now."""
    deciding = compared(listed(HIT, Terms(territories=("DE",))))
    said = on(deciding, found(listed(HIT, Terms(territories=("FR",))), version=2))
    assert outcome(said) == Outcome(BLOCKED, IDENTICAL, ("FR",), (HIT,))
    assert said.of(TAKEDOWNS_ISSUED) == []
