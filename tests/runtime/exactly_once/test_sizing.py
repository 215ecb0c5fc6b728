import pytest

from services.runtime.sizing import (
    BATCH_RECORDS_AT_START,
    BATCH_RECORDS_MAX,
    BATCH_RECORDS_MIN,
    DECIDING_SECONDS_MAX,
    OUTPUT_BYTES_MAX,
    TELLING_PART,
    BatchSize,
)

SMALL = (OUTPUT_BYTES_MAX, DECIDING_SECONDS_MAX)
LARGE = (OUTPUT_BYTES_MAX + 1, 0.0)
SLOW = (0, DECIDING_SECONDS_MAX + 0.001)


@pytest.mark.parametrize(
    ("before", "taken", "batch", "after"),
    [
        (64, 64, SMALL, 128),
        (64, 64 // TELLING_PART, SMALL, 128),
        (64, 64 // TELLING_PART - 1, SMALL, 64),
        (64, 64, LARGE, 32),
        (64, 64, SLOW, 32),
        (64, 1, LARGE, 32),
        (BATCH_RECORDS_MIN, 1, SMALL, 2 * BATCH_RECORDS_MIN),
        (BATCH_RECORDS_MIN, BATCH_RECORDS_MIN, LARGE, BATCH_RECORDS_MIN),
        (BATCH_RECORDS_MAX - 1, BATCH_RECORDS_MAX - 1, SMALL, BATCH_RECORDS_MAX),
        (BATCH_RECORDS_MAX, BATCH_RECORDS_MAX, SMALL, BATCH_RECORDS_MAX),
    ],
)
def test_a_batch_tells_how_many_records_the_next_may_have(
    before: int, taken: int, batch: tuple[int, float], after: int
) -> None:
    """Twice as many after one that was small, quick and telling; half as many after a large or slow one; in bounds."""
    size = BatchSize()
    size.records = before
    size.note(taken, *batch)
    assert size.records == after


def test_a_unit_starts_small_and_soon_takes_whole_batches() -> None:
    """Under a flood of ordinary records the maximum is reached within ten batches, some half a second."""
    size = BatchSize()
    assert size.records == BATCH_RECORDS_AT_START
    for _ in range(10):
        size.note(size.records, 0, 0.0)
    assert size.records == BATCH_RECORDS_MAX
