"""Uploaders who are named within what rightsholders submit."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from sqlalchemy import URL, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.archive.erasing import erase
from services.archive.tables import RIGHTSHOLDER_STEPS, WORK_SUBMISSIONS
from services.contracts import topics
from services.contracts.submitted import Enroll, Licensee, RightsholderSubmitted, WorkSubmitted
from services.contracts.submitted import License as Licence
from tests.archive.facts import Said, recorded, registration
from tests.archive.rows import an_archive, write_all

ANN = "ann_100%"
"""With what means anything to a database that looks for it."""


def licence(to: Licensee, *, everything: bool = False) -> Said:
    """Return a licence of a work, or of everything."""
    given = Licence("l-1", to)
    of_work = WorkSubmitted("label", "s-9", "song", license=given)
    of_all = WorkSubmitted("label", "s-9", license_catalogue=given)
    return topics.WORKS_SUBMITTED, "label", of_all if everything else of_work


FACTS = recorded(
    registration("song", title=f"About {ANN}"),
    licence(Licensee(uploader_id=ANN)),
    licence(Licensee(uploader_id="bob"), everything=True),
    licence(Licensee(uploader_id=ANN), everything=True),
    licence(Licensee(community_id=ANN)),
    (
        topics.RIGHTSHOLDERS_SUBMITTED,
        "label",
        RightsholderSubmitted("label", "e-1", enroll=Enroll("A Label", accounts=("bob", ANN, "cid"))),
    ),
)


@pytest.mark.parametrize("cut", [0, 3, len(FACTS)])
def test_who_is_erased_is_named_in_no_licence_and_no_list_of_accounts(database: URL, cut: int) -> None:
    """Whether it was read before or comes after; others stay named, and so does a community of that name."""

    async def run() -> None:
        async with an_archive(database) as engine:
            await write_all(engine, FACTS[:cut])
            pseudonym = await erase(engine, ANN, "olga")
            await write_all(engine, FACTS[cut:])
            assert await _licensees(engine) == [pseudonym, "bob", pseudonym, ""]
            assert await _accounts(engine) == [["bob", "cid"]]

    asyncio.run(run())


def test_an_error_of_the_database_says_nothing_of_whom_it_was_asked_about(database: URL) -> None:
    """Errors end in logs, and a question holds ids."""

    async def run() -> str:
        async with an_archive(database) as engine, engine.connect() as connection:
            with pytest.raises(SQLAlchemyError) as caught:
                await connection.execute(text("SELECT 1 FROM nowhere WHERE id = :id"), {"id": ANN})
            return str(caught.value)

    assert ANN not in asyncio.run(run())


async def _licensees(engine: AsyncEngine) -> Sequence[str]:
    async with engine.connect() as connection:
        asked = select(WORK_SUBMISSIONS.c.record).where(WORK_SUBMISSIONS.c.action != "register")
        records = await connection.scalars(asked.order_by(WORK_SUBMISSIONS.c.record_offset))
        facts = [json.loads(each) for each in records]
    found = [fact.get("license") or fact["license_catalogue"] for fact in facts]
    return [each["licensee"].get("uploader_id", "") for each in found]


async def _accounts(engine: AsyncEngine) -> Sequence[Sequence[str]]:
    async with engine.connect() as connection:
        records = await connection.scalars(select(RIGHTSHOLDER_STEPS.c.record))
        return [json.loads(each)["enroll"]["accounts"] for each in records]
