"""The thresholds of the law of the case as settings: STAYDOWN_<NAME OF THE RULE>, one table for everybody.

Promises: what is set wrongly is refused with one sentence that names the variable; defaults are those of `Rules`.
"""

from collections.abc import Callable, Mapping
from typing import Any

import holidays

from services.contracts.rules import RULES, Rules
from services.runtime.variables import SettingsError, Variable, whole_number

COUNT_MAX = 1_000_000
DAYS_MAX = 3_650
REPLAY_HOURS_MAX = 89 * 24
"""A submission_id is remembered for 90 days (CONTRACT: works.submitted), and a sender's clock may be ahead: what is
signed must be too old before it is forgotten, or whoever has a record can have it taken a second time."""


def _country(text: str) -> str:
    if text not in holidays.list_supported_countries(include_aliases=False):
        raise ValueError("a country whose holidays are known, ISO 3166-1 alpha-2")
    return text


_count = whole_number(0, COUNT_MAX)
_least = whole_number(1, COUNT_MAX)
_days = whole_number(1, DAYS_MAX)

_READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "probation_copies_max": (
        _count,
        "copies that a registration may find without a person, of a rightsholder on probation",
    ),
    "probation_pending_max": (_least, "registrations of theirs that may wait for a person before every other one does"),
    "replay_hours": (whole_number(1, REPLAY_HOURS_MAX), "how old the ce_time of a signed submission may be, in hours"),
    "strike_days": (_days, "how long a takedown counts as a strike, in days"),
    "watched_strikes": (_least, "strikes from which an uploader's uploads are held until every scan is in"),
    "restricted_strikes": (_least, "strikes from which an uploader's uploads are held for a person"),
    "community_watched_strikes": (_least, "strikes from which a community's uploads are held until every scan is in"),
    "reversal_days": (_days, "over how long a rightsholder's lost claims are counted, in days"),
    "reversals_min": (_least, "lost claims below which a rightsholder is not put on probation for them"),
    "reversal_percent": (
        whole_number(1, 100),
        "lost claims, in a hundred takedowns, that put a rightsholder on probation",
    ),
    "claimant_days": (_days, "how long a claimant has to uphold a claim that is disputed, in days"),
    "counter_business_days": (
        whole_number(10, 13),
        "business days after a counter-notice after which an upload comes back",
    ),
    "holidays": (_country, "the country whose public holidays are no business days"),
}

RULE_VARIABLES: tuple[Variable, ...] = tuple(
    Variable(f"STAYDOWN_{name.upper()}", str(getattr(RULES, name)), says, parse)
    for name, (parse, says) in _READ.items()
)


def read_rules(environment: Mapping[str, str]) -> Rules:
    """Return the rules in the environment, or raise `SettingsError`. An empty variable is an absent one."""
    given: dict[str, Any] = {}
    for name, variable in zip(_READ, RULE_VARIABLES, strict=True):
        if text := environment.get(variable.name, ""):
            given[name] = variable.read(text)
    rules = Rules(**given)
    if rules.restricted_strikes < rules.watched_strikes:
        raise SettingsError("STAYDOWN_RESTRICTED_STRIKES must not be below STAYDOWN_WATCHED_STRIKES.")
    return rules
