"""Which disputes are about what, and which of them wait for anybody."""

from functools import partial

import pytest
from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from services.archive.queries.concerning import count_disputed
from services.archive.queries.dispute_lives import STEPS_MAX, dispute_lives
from services.archive.queries.disputes import disputes
from services.archive.queries.scope import EVERYTHING, Scope
from tests.archive.asking import asked
from tests.archive.facts import Said, counter_notice, dispute, release_claim, takedown, uphold, withdrawal

LABEL, STUDIO = Scope("label"), Scope("studio")
TWO = (takedown("u-1"), takedown("u-1", "film", rightsholder="studio"))
SONG = "t-u-1-label-song"
# Facts, and how many disputed takedowns stand: of all, of the label, of the studio.
CASES: dict[str, tuple[tuple[Said, ...], tuple[int, int, int]]] = {
    "nobody objects": (TWO, (0, 0, 0)),
    "all of it": ((*TWO, dispute("u-1")), (2, 1, 1)),
    "all of it, said before": ((dispute("u-1"), *TWO), (2, 1, 1)),
    "one of two claims": ((*TWO, dispute("u-1", takedown_id=SONG)), (1, 1, 0)),
    "one claimant gives up": ((*TWO, dispute("u-1"), release_claim("u-1")), (1, 0, 1)),
    "one gives another takedown up": ((*TWO, dispute("u-1"), release_claim("u-1", takedown_id="t-x")), (2, 1, 1)),
    "one upholds after the other gave up": (
        (*TWO, dispute("u-1"), release_claim("u-1"), uphold("u-1", rightsholder="studio")),
        (1, 0, 1),
    ),
    "it is withdrawn": ((*TWO, dispute("u-1"), withdrawal("u-1")), (0, 0, 0)),
    "one came back": ((*TWO, dispute("u-1"), takedown("u-1", issued=False)), (1, 0, 1)),
    "two disputes of one takedown": ((*TWO, dispute("u-1"), dispute("u-1", "o-2")), (2, 1, 1)),
    "one of two disputes is withdrawn": (
        (*TWO, dispute("u-1"), dispute("u-1", "o-2"), withdrawal("u-1", "o-2")),
        (2, 1, 1),
    ),
    "a counter-notice is the first word": ((*TWO, counter_notice("u-1")), (2, 1, 1)),
    "a counter-notice answers about one": ((*TWO, dispute("u-1", takedown_id=SONG), counter_notice("u-1")), (1, 1, 0)),
}


@pytest.mark.parametrize("case", CASES)
def test_takedowns_are_disputed_as_long_as_anybody_waits(database: URL, case: str) -> None:
    """Each claim by itself: what one claimant gives up, another has still to answer for."""
    said, expected = CASES[case]

    async def ask(connection: AsyncConnection) -> tuple[int, ...]:
        return tuple([await count_disputed(connection, scope) for scope in (EVERYTHING, LABEL, STUDIO)])

    assert asked(database, said, ask) == expected


def test_a_dispute_that_never_ends_is_told_to_a_bounded_length(database: URL) -> None:
    """By how it began and what was said last; a claimant does not learn what another one said."""
    said = (*TWO, dispute("u-1"), *[uphold("u-1"), uphold("u-1", rightsholder="studio")] * STEPS_MAX)

    async def lives(connection: AsyncConnection, scope: Scope) -> list[str]:
        (life,) = await dispute_lives(connection, scope, await disputes(connection, scope))
        return [step.claimant for step in life.steps]

    everybodys = asked(database, said, partial(lives, scope=EVERYTHING))
    assert everybodys == ["", *["label", "studio"] * (STEPS_MAX // 2)]
    assert asked(database, said, partial(lives, scope=STUDIO)) == ["", *["studio"] * STEPS_MAX]
