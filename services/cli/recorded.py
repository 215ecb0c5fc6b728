"""How a work stands by the readable record: the same answer as the topics give, without reading all of them."""

from dataclasses import replace
from pathlib import Path

from services.archive.migrating import check_schema
from services.archive.queries.copies import count_copies, last_steps
from services.archive.queries.scope import EVERYTHING
from services.archive.queries.works import work_life
from services.cli.archive import opened
from services.client.reading_back import within
from services.client.standing import DisputeOfWork, WorkStanding, add_up


async def recorded_standing(archive: str, state: Path, work: tuple[str, str], seconds: float) -> WorkStanding:
    """Return how a work stands, told by its rightsholder and name, as far as it has been recorded."""
    async with within(seconds), opened(archive, state) as engine:
        await check_schema(engine)
        async with engine.connect() as connection:
            life = await work_life(connection, EVERYTHING, *work)
            if life is None:
                return WorkStanding()
            counts = await count_copies(connection, EVERYTHING, *work)
            disputes = await last_steps(connection, EVERYTHING, *work)
    return replace(
        add_up(life.receipts, (), life.submissions),
        taken_down=counts.taken_down,
        refused=counts.refused,
        down_now=counts.down_now,
        reinstated=counts.reinstated,
        disputes=tuple(DisputeOfWork(each.upload_id, each.dispute_id, each.step, each.at) for each in disputes),
    )
