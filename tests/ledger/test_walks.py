"""Random walks: the ledger is total, and what it says last is what follows from all that happened."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.processor import Event, Woken
from services.contracts.rules import Rules
from services.contracts.standing import StrikeIncurred
from services.contracts.topics import NOTICES_ISSUED, STRIKES_CHANGED
from services.ledger import PROCESSOR
from services.ledger.state import Claims, Strike, Strikes
from tests.deciding import PARTITION, Deciding, Said
from tests.ledger.facts import (
    COMMUNITY,
    DAY_MS,
    GOOD,
    PROBATION,
    RESTRICTED,
    RIGHTSHOLDER,
    TRUSTED,
    UPLOADER,
    WATCHED,
    WHO,
    Kind,
    Standing,
    issued,
    ledger,
    reinstated,
    reversed_,
)

RULES = Rules(
    strike_days=3,
    watched_strikes=2,
    restricted_strikes=3,
    community_watched_strikes=2,
    reversal_days=3,
    reversals_min=2,
    reversal_percent=50,
)
TAKEDOWNS, KINDS = st.sampled_from("abcde"), st.sampled_from((UPLOADER, COMMUNITY, RIGHTSHOLDER))
FACTS = st.one_of(
    st.builds(issued, TAKEDOWNS, KINDS),
    st.builds(issued, TAKEDOWNS, KINDS),
    st.builds(reinstated, TAKEDOWNS, KINDS),
    st.builds(reversed_, TAKEDOWNS, KINDS),
)
JUMPS = st.sampled_from((1, DAY_MS // 3, DAY_MS, 3 * DAY_MS, 4 * DAY_MS, 50 * DAY_MS))
MOVES = st.lists(st.one_of(FACTS, FACTS, FACTS, JUMPS), max_size=40)


@dataclass
class Truth:
    """What happened, and what that comes to: counted anew from the beginning each time."""

    strikes: dict[tuple[Kind, str], int] = field(default_factory=dict)
    takedowns: list[int] = field(default_factory=list)
    reversals: list[int] = field(default_factory=list)

    def note(self, fact: StrikeIncurred, now: int) -> None:
        """Take a fact."""
        one = (fact.subject.kind, fact.takedown_id)
        if fact.subject.kind is RIGHTSHOLDER:
            self.takedowns += [now] if fact.stands else []
            self.reversals += [now] if fact.reversed else []
        elif not fact.stands:
            self.strikes.pop(one, None)
        elif self.strikes.get(one, 0) <= now:
            self.strikes[one] = now + RULES.strike_days * DAY_MS

    def standings(self, now: int) -> dict[Kind, Standing]:
        """Return how each kind stands."""
        uploader, community = (self._count(kind, now) for kind in (UPLOADER, COMMUNITY))
        takedowns, reversals = (self._within(when, now) for when in (self.takedowns, self.reversals))
        is_much = reversals >= RULES.reversals_min and reversals * 100 >= takedowns * RULES.reversal_percent
        return {
            UPLOADER: RESTRICTED if uploader >= 3 else WATCHED if uploader == 2 else GOOD,
            COMMUNITY: WATCHED if community >= 2 else GOOD,
            RIGHTSHOLDER: PROBATION if is_much else TRUSTED,
        }

    def _count(self, kind: Kind, now: int) -> int:
        return sum(until > now for (whose, _), until in self.strikes.items() if whose is kind)

    @staticmethod
    def _within(when: list[int], now: int) -> int:
        return sum(now // DAY_MS - one // DAY_MS <= RULES.reversal_days for one in when)


@dataclass
class Walk:
    """A ledger and the truth beside it."""

    deciding: Deciding = field(default_factory=lambda: Deciding(PROCESSOR))
    truth: Truth = field(default_factory=Truth)
    last: dict[Kind, Standing] = field(default_factory=lambda: {UPLOADER: GOOD, COMMUNITY: GOOD, RIGHTSHOLDER: TRUSTED})

    def move(self, move: StrikeIncurred | int) -> None:
        """Decide a fact, or let time jump; and look at what was said."""
        if isinstance(move, int):
            self.deciding.now += move
            return
        self.truth.note(move, self.deciding.now)
        event = replace(self.deciding.event(WHO, move), rules=RULES)
        self.look(self.deciding.decide(event))
        assert self.deciding.decide(event) == (), "a record said something the second time"

    def wake_all(self, draw: st.DataObject) -> None:
        """Wake all that is due, in any order."""
        while due := self.deciding.store.due(self.deciding.now, 100):
            for key, name in draw.draw(st.permutations(due)):
                event = Event(key, Woken(name), self.deciding.now, PARTITION, -1, RULES)
                self.look(self.deciding.decide(event))

    def look(self, said: Said) -> None:
        """Check that what is told is new, and that each change has its notice."""
        changes = said.of(STRIKES_CHANGED)
        assert len(said.of(NOTICES_ISSUED)) == len(changes)
        for one in changes:
            assert one.standing is not self.last[one.subject.kind], f"{one} twice"
            self.last[one.subject.kind] = one.standing


@settings(max_examples=250)
@given(MOVES, st.data())
def test_whatever_happened_the_last_word_is_what_it_comes_to(
    moves: list[StrikeIncurred | int], data: st.DataObject
) -> None:
    """Standing: any facts, repeated or not, any jumps of time, timers in any order."""
    walk = Walk()
    for move in moves:
        walk.move(move)
        if isinstance(move, int):
            walk.wake_all(data)
            assert walk.last == walk.truth.standings(walk.deciding.now)
    assert walk.last == walk.truth.standings(walk.deciding.now)
    walk.deciding.now += 50 * DAY_MS
    walk.wake_all(data)
    assert walk.last == {UPLOADER: GOOD, COMMUNITY: GOOD, RIGHTSHOLDER: TRUSTED}
    assert len(walk.deciding.store) == 0, "what counts no more is not kept"


@settings(max_examples=100)
@given(MOVES)
def test_a_count_is_the_number_of_what_is_counted(moves: list[StrikeIncurred | int]) -> None:
    """It must never drift from what is there, and what is there is bounded."""
    deciding = ledger()
    for move in moves:
        if isinstance(move, int):
            deciding.now += move
            continue
        deciding.decide(replace(deciding.event(WHO, move), rules=RULES))
        for kind in (UPLOADER, COMMUNITY):
            kept = [one for name in "abcde" if isinstance(one := deciding.entry(WHO, f"strike/{kind}/{name}"), Strike)]
            assert (deciding.entry(WHO, f"strikes/{kind}") or Strikes()).count == len(kept)
        claims = deciding.entry(WHO, "claims/") or Claims()
        assert len(claims.days) <= RULES.reversal_days + 1
