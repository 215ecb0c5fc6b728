"""Whether an index in parts fits: to the number of partitions, and to the state that there is.

Promises: a unit never goes on with a state that was divided otherwise, which would find nothing of what is elsewhere.
"""

from services.contracts.processor import Processor
from services.runtime.changelog import StateRefusedError, UnitRecord

VARIABLE = "STAYDOWN_INDEX_PARTS"


def check_division(processor: Processor, partitions: int, own: UnitRecord | None) -> None:
    """Raise `StateRefusedError` if the index cannot lie in so many parts, or lies in others."""
    if partitions % processor.parts:
        raise StateRefusedError(f"{VARIABLE} is {processor.parts}, by which {partitions} partitions cannot be divided")
    if own is not None and own.parts != processor.parts:
        raise StateRefusedError(
            f"the index lies in {own.parts} parts, and {VARIABLE} is {processor.parts}: set it to {own.parts}, or "
            f"divide it by bringing back a copy (`staydown restore --index-parts {processor.parts}`)"
        )
