"""How many records a unit decides at once: found out by deciding, since a small record can rewrite a large state. Pure.

Promises: a unit that starts, whatever ended it before, begins with few and gets further than before; where batches
turn out small and quick, the number soon reaches its maximum, and where they do not, it falls.
"""

BATCH_RECORDS_MIN = 8
# Each may rewrite an entry of 1 MiB, the greatest there is: 64 MiB at the worst, which a process survives.
BATCH_RECORDS_AT_START = 64
# Deciding 5,000 records takes 0.1 to 0.4 s, in which no heartbeat is sent; more in one transaction gains nothing.
BATCH_RECORDS_MAX = 5_000
# Thousands of ordinary records write as much; more in one transaction is not cheaper and only costs memory.
OUTPUT_BYTES_MAX = 4 * 1024 * 1024
# Heartbeats, every 1.7 s by default, wait no longer for it than for a slow disk.
DECIDING_SECONDS_MAX = 0.1
# A batch must have been this part of what was allowed to show that more would do; of turns alone one is no more.
TELLING_PART = 8


class BatchSize:
    """The number of records for the next batch of one unit."""

    def __init__(self) -> None:
        self.records = BATCH_RECORDS_AT_START

    def note(self, taken: int, output_bytes: int, seconds: float) -> None:
        """Take into account a batch of so many records or timers: what it writes, and how long deciding it took."""
        if output_bytes > OUTPUT_BYTES_MAX or seconds > DECIDING_SECONDS_MAX:
            self.records = max(self.records // 2, BATCH_RECORDS_MIN)
        elif taken * TELLING_PART >= self.records:
            self.records = min(self.records * 2, BATCH_RECORDS_MAX)
