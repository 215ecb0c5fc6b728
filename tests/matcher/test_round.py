"""Passing changes on to the copies that were there: rounds, with changes in the midst of them."""

from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contracts.codec import encode
from services.contracts.topics import MATCHES_FOUND, MATCHES_REVISED
from services.contracts.types import ID_CHARACTERS_MAX
from services.matcher import round as round_of_copies
from services.matcher.round import COPIES_PER_STEP, STEP_BYTES_MAX, STEP_COPIES, weight
from services.matcher.state import LISTINGS_MAX, Round
from tests.deciding import Deciding, Said
from tests.matcher.facts import DIGEST, Answer, answered, came, gone, matcher, on, put, told, went
from tests.matcher.watch import Watch

ENFORCED = Answer.ENFORCED


@pytest.fixture
def _small_steps() -> Iterator[None]:
    """Let a round through a handful of copies take several steps, as one through a million does."""
    before, round_of_copies.COPIES_PER_STEP = round_of_copies.COPIES_PER_STEP, 2
    yield
    round_of_copies.COPIES_PER_STEP = before


def crowd(copies: str) -> Deciding:
    """Return a matcher with one copy for each letter, of bytes that nobody lists."""
    deciding = matcher()
    on(deciding, *(came(upload_id) for upload_id in copies))
    return deciding


def uploads_told(said: Said) -> str:
    """Return the uploads that were told, in order."""
    return "".join(upload_id for upload_id, _, _ in told(said))


@pytest.mark.usefixtures("_small_steps")
def test_a_round_takes_bounded_steps_and_ends_with_enforced() -> None:
    """Fan-out: a bounded number of copies per step; ENFORCED follows when the last has been told."""
    deciding = crowd("abcde")
    assert uploads_told(on(deciding, put())) == ""
    steps = [deciding.wake() for _ in range(4)]
    assert [uploads_told(step) for step in steps] == ["ab", "cd", "e", ""]
    assert [answered(step, ENFORCED) for step in steps] == [[], [], [("label/hit", 1)], []]
    assert deciding.store.next_due() is None


@pytest.mark.usefixtures("_small_steps")
def test_copies_that_were_there_are_told_by_another_topic() -> None:
    """Fan-out goes to matches.revised, so that what comes now does not wait behind a million copies."""
    deciding = crowd("ab")
    said = Said((*on(deciding, put(), came("c")), *deciding.pass_time(0)))
    assert [found.upload_id for found in said.of(MATCHES_REVISED)] == ["a", "b"]
    assert [found.upload_id for found in said.of(MATCHES_FOUND)] == ["c"]
    assert {emit.partition for emit in said if emit.topic is MATCHES_REVISED} == {2}


@pytest.mark.usefixtures("_small_steps")
def test_a_change_does_not_move_the_cursor() -> None:
    """Fan-out: the cursor goes on and wraps; restarting it at every change would starve the tail."""
    deciding = crowd("abcdef")
    on(deciding, put())
    order = []
    for number in range(2, 5):
        order.append(uploads_told(deciding.wake()))
        on(deciding, put(f"label/w{number}"))
    assert order == ["ab", "cd", "ef"]
    assert sorted(uploads_told(deciding.pass_time(0))) == list("abcdef")


@pytest.mark.usefixtures("_small_steps")
def test_a_change_in_the_midst_lets_the_round_come_full_circle() -> None:
    """Fan-out: a round is over when none was found that knows an older version, and only then ENFORCED."""
    deciding = crowd("abcdef")
    on(deciding, put("label/one"))
    first = deciding.wake()
    on(deciding, put("label/two"))
    rest = [deciding.wake() for _ in range(5)]
    assert [uploads_told(step) for step in (first, *rest)] == ["ab", "cd", "ef", "", "ab", ""]
    assert [answered(step, ENFORCED) for step in rest[:3]] == [[], [], []]
    assert [one for step in rest[3:] for one in answered(step, ENFORCED)] == [("label/one", 1), ("label/two", 1)]


@pytest.mark.usefixtures("_small_steps")
def test_a_round_ends_although_every_copy_goes_in_the_midst_of_it() -> None:
    """Fan-out with copies going to 0: there is nobody left to tell, and ENFORCED says so."""
    deciding = crowd("abcd")
    on(deciding, put())
    deciding.wake()
    on(deciding, *(went(upload_id) for upload_id in "abcd"))
    assert answered(deciding.pass_time(0), ENFORCED) == [("label/hit", 1)]


@pytest.mark.usefixtures("_small_steps")
def test_a_listing_that_goes_before_its_round_is_over_is_never_enforced() -> None:
    """What has been removed is answered REMOVED, and nothing after that."""
    deciding = crowd("abcd")
    on(deciding, put())
    deciding.wake()
    said = Said((*on(deciding, gone()), *deciding.pass_time(0)))
    assert answered(said, ENFORCED) == []
    assert answered(said, Answer.REMOVED) == [("label/hit", 1)]


def test_a_step_of_full_size_is_bounded() -> None:
    """Fan-out: 500 copies in one step, whatever there is."""
    deciding = matcher()
    on(deciding, *(came(f"u{number:04}") for number in range(COPIES_PER_STEP + 1)))
    on(deciding, put())
    assert [len(told(deciding.wake())) for _ in range(3)] == [COPIES_PER_STEP, 1, 0]


def test_a_step_is_bounded_by_what_it_writes() -> None:
    """Fan-out: where much is in force, a step tells fewer copies; and the round still ends when all are told."""
    deciding = crowd(copies := "".join(map(chr, range(ord("A"), ord("z")))))
    long = "♫" * (ID_CHARACTERS_MAX - 9)
    works = [f"{long}/{long}{number}" for number in range(LISTINGS_MAX)]
    on(deciding, *(put(work, reference_id=long) for work in works))
    steps = [deciding.wake() for _ in range(9)]
    for step in steps:
        assert sum(len(encode(one)) for one in step.of(MATCHES_REVISED)) <= STEP_BYTES_MAX + 1_000
    assert len(uploads_told(steps[0])) < len(copies)
    assert "".join(map(uploads_told, steps)) == copies
    assert sorted(answered(Said(chain.from_iterable(steps)), ENFORCED)) == sorted((work, 1) for work in works)


def test_a_digest_wants_a_turn_only_while_a_round_is_on() -> None:
    """Time: `next_wake` is 0 (as soon as others had theirs) while there is somebody to tell, or None."""
    deciding = crowd("a")
    assert deciding.store.next_due() is None
    on(deciding, put())
    assert deciding.store.next_due() == 0
    assert deciding.entry(DIGEST).round == Round()
    deciding.pass_time(0)
    assert deciding.store.next_due() is None


MOVES = st.one_of(
    st.tuples(st.just("copy"), st.sampled_from("abcdefgh")),
    st.tuples(st.just("listing"), st.sampled_from(("label/one", "label/two", "rival/one"))),
    st.tuples(st.just("again"), st.sampled_from(("label/one", "label/two", "rival/one"))),
    st.tuples(st.just("step"), st.just("")),
)


def move(watch: Watch, kind: str, name: str) -> None:
    """Let a copy or a listing come, or go if it is there; or a listing be registered again; or the round go on."""
    watch.count += 1
    if kind == "copy":
        there = watch.copies.get(name)
        watch.say(came(name, watch.count) if there is None else went(name, there))
    elif kind == "step":
        watch.look(watch.deciding.wake())
    elif kind == "listing" and (name, "master") in watch.listings:
        watch.say(gone(name, watch.listings[name, "master"]))
    else:
        watch.say(put(name, watch.count))


@pytest.mark.usefixtures("_small_steps")
@settings(max_examples=250)
@given(st.lists(MOVES, max_size=40))
def test_whatever_the_interleaving_every_copy_ends_with_the_final_listings(moves: list[tuple[str, str]]) -> None:
    """Fan-out: each copy was last told the final listings, no version twice; ENFORCED once, after all were told."""
    watch = Watch()
    for kind, name in moves:
        move(watch, kind, name)
    watch.look(watch.deciding.pass_time(0))
    final = sorted(work for work, _ in watch.listings)
    for upload_id, submission in watch.copies.items():
        said_of, version, listed = watch.last[upload_id]
        assert (said_of, sorted(listed)) == (submission, final), f"{upload_id} knows {listed} of version {version}"
        assert watch.deciding.entry(DIGEST, f"copy/{upload_id}").told == version
    assert set(watch.enforced.values()) <= {1}
    assert {(work, version) for (work, _), version in watch.listings.items()} <= set(watch.enforced)


@pytest.mark.parametrize("copies", [0, 1, 20, COPIES_PER_STEP // 2, COPIES_PER_STEP, 3 * COPIES_PER_STEP])
def test_many_rounds_through_few_copies_share_a_turn(copies: int) -> None:
    """As many as say no more than one round through many: a catalogue is settled by a round for each of its works."""
    deciding = matcher()
    on(deciding, *(came(f"u{number:04}") for number in range(copies)), put())
    share = weight(deciding.entry(DIGEST))
    assert copies / COPIES_PER_STEP < share <= 1 or (share == 1 and copies >= COPIES_PER_STEP)
    assert share * COPIES_PER_STEP <= copies + STEP_COPIES


def test_a_round_whose_step_is_bounded_by_bytes_shares_no_turn() -> None:
    """A copy that is told of 64 long listings is as large as thousands of others."""
    deciding = matcher()
    on(deciding, came("a"))
    ids = "x" * ID_CHARACTERS_MAX
    on(deciding, *(put(f"{ids}/{number}{ids[9:]}", reference_id=ids) for number in range(LISTINGS_MAX)))
    small = weight(deciding.entry(DIGEST))
    on(deciding, *(came(f"u{number}") for number in range(STEP_BYTES_MAX // 50_000)))
    assert small < weight(deciding.entry(DIGEST)) == 1
