"""The thresholds of the law of the case: public, and the same for everybody who is judged by them.

They come from the settings and arrive in the event, so that deciding stays pure and a history can be decided under
other rules. Days are days of UTC.
"""

from msgspec import Struct


class Rules(Struct, frozen=True):
    """What is too much, and how long things take.

    Rightsholders on probation: a registration that finds more than `probation_copies_max` copies waits for a person,
    as does one that comes while `probation_pending_max` of theirs wait already. A signed submission counts within
    `replay_hours` of its `ce_time`.
    A strike counts for `strike_days`. From `watched_strikes` on an uploader's uploads are held until every scan is in,
    from `restricted_strikes` on for a person; a community's, from `community_watched_strikes` on, until every scan is
    in, and never for a person. A rightsholder of whose takedowns within `reversal_days` at least `reversals_min`, and
    `reversal_percent` of a hundred, were reversed is on probation.
    A claimant has `claimant_days` to uphold. After a counter-notice an upload comes back when `counter_business_days`
    business days have passed; holidays are those of the country `holidays` (ISO 3166-1 alpha-2).
    """

    probation_copies_max: int = 10
    probation_pending_max: int = 20
    replay_hours: int = 168
    strike_days: int = 90
    watched_strikes: int = 3
    restricted_strikes: int = 6
    community_watched_strikes: int = 30
    reversal_days: int = 90
    reversals_min: int = 10
    reversal_percent: int = 10
    claimant_days: int = 30
    counter_business_days: int = 10
    holidays: str = "US"


RULES = Rules()
"""What holds where nothing else is set."""
