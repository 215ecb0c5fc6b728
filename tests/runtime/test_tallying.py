"""How many there are of what lasts, and since when the oldest."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.codec import encode
from services.contracts.measured import Tallied, Tally
from services.runtime.changelog import UnitRecord
from services.runtime.tallying import MINUTE_MS, SPANS_MAX, Tallies, count, oldest_ms, tallied

HELD, UNSCANNED = Tally.HELD, Tally.UNSCANNED


def test_nothing_is_watched_at_first_and_after_all_is_over() -> None:
    """What has come and gone leaves no trace in the unit's record."""
    assert count(None, HELD) == 0
    assert oldest_ms(None, UNSCANNED) is None
    tallies = tallied(None, [Tallied(HELD, 1), Tallied(UNSCANNED, 1, 5 * MINUTE_MS + 7)])
    assert (count(tallies, HELD), oldest_ms(tallies, UNSCANNED)) == (1, 5 * MINUTE_MS)
    assert tallied(tallies, [Tallied(UNSCANNED, -1, 5 * MINUTE_MS + 7), Tallied(HELD, -1)]) is None


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=200), st.data())
def test_the_count_is_right_and_the_record_bounded_whatever_comes_and_goes(
    minutes: list[int], data: st.DataObject
) -> None:
    """However many spans there are, all that came can go, and the oldest is never younger than it is."""
    tallies: Tallies | None = None
    there: list[int] = []
    for minute in minutes:
        tallies = tallied(tallies, [Tallied(UNSCANNED, 1, minute * MINUTE_MS)])
        there.append(minute)
        if data.draw(st.booleans()):
            gone = there.pop(data.draw(st.integers(0, len(there) - 1)))
            tallies = tallied(tallies, [Tallied(UNSCANNED, -1, gone * MINUTE_MS)])
        assert len((tallies or {}).get(UNSCANNED.value, {})) <= SPANS_MAX
        assert count(tallies, UNSCANNED) == len(there)
        oldest = oldest_ms(tallies, UNSCANNED)
        assert (oldest is None) is not bool(there)
        assert oldest is None or oldest <= min(there) * MINUTE_MS
    for gone in there:
        tallies = tallied(tallies, [Tallied(UNSCANNED, -1, gone * MINUTE_MS)])
    assert tallies is None


def test_what_began_before_there_were_tallies_is_never_taken_off() -> None:
    """A version that did not count leaves things behind whose end is met by one that does."""
    assert tallied(None, [Tallied(HELD, -1), Tallied(UNSCANNED, -1, MINUTE_MS)]) is None


def test_the_units_record_brings_its_tallies_back() -> None:
    """They stand in the changelog, and a record without them, as older ones are, has none."""
    own = UnitRecord(tallies=tallied(None, [Tallied(UNSCANNED, 2, MINUTE_MS)]))
    assert msgspec.json.decode(own.packed(), type=UnitRecord) == own
    assert b"tallies" not in encode(UnitRecord())
    assert msgspec.json.decode(UnitRecord().packed(), type=UnitRecord).tallies is None
