"""What decisions give to be measured: names and times, and nothing of how they are counted. Pure.

An engine counts them once what was decided is committed, so that what is decided again counts once. Nothing is ever
decided by a measure.
"""

from enum import StrEnum

from msgspec import Struct


class Measure(StrEnum):
    """What is counted; `services/runtime/metrics.py` says as what. In brackets: what tells its facts apart."""

    ANSWERED = "answered"  # an upload got its first verdict; the time is that of its submission
    DECIDED = "decided"  # a verdict was said (by verdict)
    REFUSED = "refused"  # an upload was blocked on arrival
    TAKEN_DOWN = "taken_down"  # an upload came down for a work (by basis)
    REINSTATED = "reinstated"  # it came back
    ENFORCED = "enforced"  # every copy was told of a registration; the time is that of the registration


class Measured(Struct, frozen=True):
    """One fact to be counted. `since`: milliseconds since the epoch, of what is timed until the commit."""

    measure: Measure
    value: str = ""
    since: int = 0


class Tally(StrEnum):
    """What is watched as long as it lasts: how many there are, and since when the oldest."""

    UNSCANNED = "unscanned"  # uploads that could not be read and are tried again
    HELD = "held"  # uploads and registrations that wait for a person


class Tallied(Struct, frozen=True):
    """There are so many more of something, or fewer, that is so since a time, or whose time does not matter (0)."""

    tally: Tally
    change: int
    since: int = 0
