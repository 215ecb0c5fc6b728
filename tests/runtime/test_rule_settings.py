"""The thresholds of the law come from the environment, and what would break a promise is refused."""

import pytest

from services.contracts.rules import RULES
from services.registry.signatures import AHEAD_MS_MAX, HOUR_MS
from services.registry.state import REMEMBERED_MS
from services.runtime.rule_settings import REPLAY_HOURS_MAX, RULE_VARIABLES, read_rules
from services.runtime.variables import SettingsError


def test_nothing_set_gives_the_rules_of_the_contract() -> None:
    """The table of variables and the rules in use cannot differ."""
    assert read_rules({}) == RULES
    assert read_rules({variable.name: variable.default for variable in RULE_VARIABLES}) == RULES


def test_what_is_signed_is_too_old_before_its_id_is_forgotten() -> None:
    """Otherwise a record sent once more, by anybody who has it, would be taken as a new submission."""
    assert REPLAY_HOURS_MAX * HOUR_MS + AHEAD_MS_MAX < REMEMBERED_MS
    assert read_rules({"STAYDOWN_REPLAY_HOURS": str(REPLAY_HOURS_MAX)}).replay_hours == REPLAY_HOURS_MAX
    with pytest.raises(SettingsError, match="STAYDOWN_REPLAY_HOURS must be a whole number from 1 to 2136"):
        read_rules({"STAYDOWN_REPLAY_HOURS": "2160"})
