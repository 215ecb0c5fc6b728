"""An index in parts finds what a whole one finds, whoever hears of what first."""

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.contracts.codec import decode
from services.contracts.inside import ContentCompared, ReferenceFingerprinted, ReferenceForgotten
from services.contracts.parts import PARTS_MAX
from services.contracts.sample import LIKENESSES_MAX, Likeness, chunks_of
from services.recogniser import comparing
from services.recogniser.likeness import compare
from services.recogniser.state import TALLY, Tally
from services.recogniser.tallying import MET_MAX
from services.runtime.store import unpack
from tests.deciding import digest
from tests.recogniser.dividing import Units, known
from tests.recogniser.facts import reference, sample

CONTENTS = 4
REFERENCES = 3
UNITS_AND_PARTS = ((2, 2), (4, 2), (4, 4), (6, 3), (16, 16))
ENTRY_BYTES_MAX = 2**20
SOME_CHUNKS = st.sets(st.integers(0, 30), min_size=4)


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let walks take several steps, between which something happens."""
    monkeypatch.setattr(comparing, "READ_CHUNKS_PER_STEP", 1)


@given(
    st.sampled_from(UNITS_AND_PARTS),
    st.lists(SOME_CHUNKS, min_size=CONTENTS, max_size=CONTENTS),
    st.lists(SOME_CHUNKS, min_size=2 * REFERENCES, max_size=2 * REFERENCES),
    st.integers(0, 2**32),
)
def test_whatever_comes_first_every_likeness_is_found_and_is_that_of_the_whole(
    shape: tuple[int, int], contents: list[set[int]], references: list[set[int]], seed: int
) -> None:
    """Contents come, go and come back; references come, come with other bytes, are forgotten, and units lag."""
    random, units = Random(seed), Units(*shape)
    history = _History(units, random, contents, references)
    for _ in range(3 * (CONTENTS + REFERENCES)):
        history.happen()
        units.deliver(random, random.choice((0, 1, 5, 40)))
    units.settle(random)
    history.check()


@given(
    st.sampled_from((((1, 1), (2, 2)), ((1, 1), (6, 3)), ((2, 1), (4, 4)), ((2, 2), (4, 4)), ((6, 2), (12, 6)))),
    st.lists(SOME_CHUNKS, min_size=CONTENTS, max_size=CONTENTS),
    st.lists(SOME_CHUNKS, min_size=2 * REFERENCES, max_size=2 * REFERENCES),
    st.integers(0, 2**32),
)
def test_what_is_divided_on_the_way_finds_the_same(
    shapes: tuple[tuple[int, int], tuple[int, int]],
    contents: list[set[int]],
    references: list[set[int]],
    seed: int,
) -> None:
    """Of a cluster at rest whose changelogs still have all that was ever so, with what is to be said in a second."""
    before, after = shapes
    random, units = Random(seed), Units(*before)
    history = _History(units, random, contents, references)
    for _ in range(2):
        for _ in range(2 * (CONTENTS + REFERENCES)):
            history.happen()
            history.units.deliver(random, random.choice((0, 1, 5, 40)))
        history.units.deliver(random)
        if history.units is units:
            history.units = units.divided(*after)
    history.units.settle(random)
    history.check()


class _History:
    """What happens to some contents and references, and what must be known of them in the end."""

    def __init__(self, units: Units, random: Random, contents: list[set[int]], references: list[set[int]]) -> None:
        self.units = units
        self._random = random
        self._contents = {digest(f"u{number}"): chunks for number, chunks in enumerate(contents)}
        self._references = references
        self._admissions = dict.fromkeys(self._contents, 0)
        self._there: dict[str, int] = {}
        self._in_force: dict[str, ReferenceFingerprinted] = {}
        self._registrations = 0

    def happen(self) -> None:
        """Let one thing happen."""
        if self._random.random() < 0.5:
            self._content(self._random.choice([*self._contents]))
        else:
            self._reference(self._random.randrange(REFERENCES))

    def _content(self, of: str) -> None:
        home = self.units.home(of)
        if of in self._there:
            self.units.dismiss(home, of, self._admissions[of])
            del self._there[of]
        else:
            self._admissions[of] += 1
            self._there[of] = len(self.units.said)
            self.units.admit(home, of, sample(sorted(self._contents[of])), self._admissions[of])

    def _reference(self, number: int) -> None:
        name = f"r{number}"
        if name in self._in_force and self._random.random() < 0.3:
            self.units.broadcast(self._in_force.pop(name).fingerprint_id, ReferenceForgotten())
            return
        version = self._random.randrange(2)
        chunks = sorted(self._references[2 * number + version])
        self._registrations += 1
        self._in_force[name] = reference(name, chunks, f"{name} v{version}", self._registrations)
        self.units.broadcast(*known(self._in_force[name]))

    def check(self) -> None:
        """Check what was said since each content that is there came."""
        for of, since in self._there.items():
            said = [one for one in self.units.said[since:] if one.digest == of]
            answers = [one.admission for one in said if one.admission >= 0]
            assert answers.count(self._admissions[of]) == 1
            last = _last(said)
            for fact in self._in_force.values():
                expected = compare(chunks_of(sample(sorted(self._contents[of]))), chunks_of(fact.sample))
                assert last.get((fact.reference_id, fact.digest)) == expected


def _last(said: list[ContentCompared]) -> dict[tuple[str, str], Likeness]:
    return {(one.reference_id, one.reference_digest): one.likeness for each in said for one in each.found}


def test_an_admission_is_answered_when_the_last_part_has_said_what_it_knows() -> None:
    """Nobody is told before all that a content resembles is known."""
    random, units = Random(1), Units(4, 4)
    units.broadcast(*known(reference("master", range(40))))
    units.deliver(random)
    units.admit(2, digest("cut"), sample(range(5, 40)))
    while units.waiting and any(units.waiting.values()):
        assert units.said == []
        units.deliver(random, 1)
    (said,) = units.said
    assert (said.admission, [one.reference_id for one in said.found]) == (1, ["master"])


def test_a_reference_that_comes_later_is_said_once_when_all_parts_have_met_it() -> None:
    """However many parts tell: a song that a million have is passed on once."""
    random, units = Random(2), Units(8, 8)
    units.admit(3, digest("cut"), sample(range(5, 40)))
    units.deliver(random)
    units.broadcast(*known(reference("master", range(40))))
    units.deliver(random)
    assert [one.admission for one in units.said] == [1]
    units.settle(random)
    assert [(one.admission, len(one.found)) for one in units.said] == [(1, 0), (-1, 1)]
    assert units.said[-1].found[0].likeness == compare(chunks_of(sample(range(5, 40))), chunks_of(sample(range(40))))


def test_a_content_that_has_gone_leaves_nothing_behind() -> None:
    """In no part, and what they still say of it is heard by nobody."""
    random, units = Random(3), Units(4, 2)
    units.broadcast(*known(reference("master", range(40))))
    units.deliver(random)
    units.admit(1, digest("cut"), sample(range(5, 40)))
    units.dismiss(1, digest("cut"))
    units.settle(random)
    assert [name for name in _entries(units) if not name.startswith("id of master")] == []
    assert units.said == []


def _entries(units: Units) -> Iterator[str]:
    names = ("", TALLY)
    keys = (digest("cut"), "id of master")
    yield from (f"{key}{name}" for store in units.stores for key in keys for name in names if store.get(key, name))


def test_what_is_kept_of_a_content_fits_into_an_entry_however_much_is_like_it() -> None:
    """The names are as long as they may be, and every part has met more references than it may tell of."""
    random, units = Random(4), Units(PARTS_MAX, PARTS_MAX)
    chunks = range(40 * PARTS_MAX)
    for number in range(2 * LIKENESSES_MAX):
        name = f"{number:0>256}"
        fact = reference(name, chunks)
        units.broadcast(*known(_renamed(fact, name)))
    units.deliver(random)
    units.admit(0, digest("cut"), sample(chunks))
    units.deliver(random)
    for number in range(2 * LIKENESSES_MAX, 3 * LIKENESSES_MAX):
        name = f"{number:0>256}"
        units.broadcast(*known(_renamed(reference(name, chunks), name)))
    units.settle(random)
    tally = units.stores[0].get(digest("cut"), TALLY)
    assert tally is not None
    assert len(tally) < 0.6 * ENTRY_BYTES_MAX
    assert [len(one.found) for one in units.said] == [LIKENESSES_MAX, *[1] * LIKENESSES_MAX]


def _renamed(fact: ReferenceFingerprinted, name: str) -> ReferenceFingerprinted:
    return replace(fact, rightsholder_id=name, work_id=name, fingerprint_id=name[-32:])


@pytest.mark.parametrize("is_there_before", [True, False], ids=["found by the content", "come later"])
def test_what_many_have_a_little_of_pushes_out_nothing_that_is_alike(is_there_before: bool) -> None:
    """However many references have a chunk in common with a content, and are told of in the same second."""
    random, units = Random(5), Units(4, 4)
    alike, jingle = reference("alike", range(16)), 0
    others = [reference(f"{number}", (jingle, 1_000 + number)) for number in range(MET_MAX)]
    if not is_there_before:
        units.admit(0, digest("cut"), sample(range(24)))
        units.deliver(random)
    for fact in (alike, *others):
        units.broadcast(*known(fact))
    units.deliver(random)
    if is_there_before:
        units.admit(0, digest("cut"), sample(range(24)))
    units.deliver(random)
    tally = decode(Tally, unpack(units.stores[0].get(digest("cut"), TALLY) or b""))
    assert {*tally.heard} <= {one.fingerprint_id for _, one in tally.met}
    units.settle(random)
    expected = compare(chunks_of(sample(range(24))), chunks_of(alike.sample))
    assert [one.likeness for each in units.said for one in each.found] == [expected]


def test_what_has_been_heard_is_said_though_the_index_is_divided_further_before() -> None:
    """A cluster may come to rest within the second in which a part has told, and be brought back otherwise."""
    random, units = Random(6), Units(2, 2)
    units.admit(units.home(digest("cut")), digest("cut"), sample(range(5, 40)))
    units.deliver(random)
    units.broadcast(*known(reference("master", range(40))))
    units.deliver(random)
    moved = units.divided(4, 4)
    moved.settle(random)
    moved.broadcast(*known(reference("master", range(40), registration=2)))
    moved.settle(random)
    expected = compare(chunks_of(sample(range(5, 40))), chunks_of(sample(range(40))))
    assert [one.likeness for each in moved.said for one in each.found] == [expected, expected]
