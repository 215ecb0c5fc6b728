import asyncio
from collections.abc import Sequence

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from services.archivist.entries import Recorded
from tests.archive.facts import HISTORIES
from tests.archive.rows import Rows, all_rows, an_archive, write_all

SHARED = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHARED
@given(HISTORIES, st.randoms(use_true_random=False))
def test_any_order_and_redelivery_come_to_the_same_rows(database: URL, history: list[Recorded], dice: object) -> None:
    """Whatever order records come in, in whatever batches, and however often: the rows are those of once, in order."""
    shuffled = [*history, *dice.choices(history, k=len(history) // 2)]  # type: ignore[attr-defined]  # hypothesis's Random
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    cut = dice.randint(0, len(shuffled))  # type: ignore[attr-defined]
    assert _written(database, [history]) == _written(database, [shuffled[:cut], shuffled[cut:]])


def _written(database: URL, batches: Sequence[Sequence[Recorded]]) -> Rows:
    async def written() -> Rows:
        async with an_archive(database) as engine:
            await write_all(engine, *batches)
            return await all_rows(engine)

    return asyncio.run(written())
