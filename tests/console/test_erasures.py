"""Erasing by request, from the console."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from services.archive.tables import ERASURES, SUBMISSIONS
from services.console.people import Role
from tests.console.site import CLUSTER, ROLES, a_console
from tests.console.story import STORY

REQUEST = {"uploader_id": "ann"}
CONFIRMED = {**REQUEST, "confirmed": "yes"}


def test_an_operator_erases_after_being_asked_once_more(tmp_path: Path, database: URL) -> None:
    """Nothing happens before; afterwards the id is on no page and in no address, and who did it is recorded."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[Role.OPERATOR], database=database) as console:
            asked = await console.post("/erasures", REQUEST)
            assert asked.status_code == 200
            assert "Erase" in asked.text
            assert "ann" in (await console.get("/uploads/u-song")).text
            done = await console.post("/erasures", CONFIRMED)
            assert done.status_code == 303
            assert "ann" not in done.headers["location"]
            page = (await console.get(done.headers["location"])).text
            assert "operator-1" in page
            assert "It was erased" in page
            life = (await console.get("/uploads/u-song")).text
            assert "My Remix" not in life
            async with console.archive.connect() as connection:
                (erased,) = (await connection.execute(select(ERASURES))).all()
                uploaders = set(await connection.scalars(select(SUBMISSIONS.c.uploader_id)))
            assert erased.author == "operator-1"
            assert "ann" not in uploaders
            assert erased.pseudonym in uploaders

    asyncio.run(scenario())


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_nobody_else_erases(tmp_path: Path, role: Role) -> None:
    """Nor sees what was erased, nor the way to it."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[role]) as console:
            assert (await console.get("/erasures")).status_code == 403
            assert (await console.post("/erasures", CONFIRMED)).status_code == 403
            assert "/erasures" not in (await console.get("/")).text
            async with console.archive.connect() as connection:
                assert (await connection.execute(select(ERASURES))).all() == []

    asyncio.run(scenario())


@pytest.mark.parametrize("form", [{}, {"uploader_id": ""}, {"uploader_id": "x" * 257}, {"confirmed": "yes"}])
def test_a_request_that_names_nobody_is_told(tmp_path: Path, form: dict[str, str]) -> None:
    """By a sentence, and nothing is written."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[Role.OPERATOR]) as console:
            assert (await console.post("/erasures", form)).status_code == 422

    asyncio.run(scenario())
