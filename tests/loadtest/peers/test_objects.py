"""The state of the plain consumer against a plain dict."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from loadtest.peers.objects import Objects, ObjectsView
from services.contracts.processor import Decision, Engine, Event, Processor, View
from services.runtime.store import kind_of

Entry = tuple[int | None, str]
"""When it wants to be woken, and what a head is found by, each letter alone."""

KEYS = st.sampled_from(["a", "b"])
NAMES = st.sampled_from(["", "copy/1", "copy/2", "copy/é", "cop/9", "work/1"])
CHANGES = st.lists(
    st.tuples(KEYS, NAMES, st.none() | st.tuples(st.none() | st.integers(0, 5), st.text("xyz", max_size=3))),
    max_size=30,
)


def _wake(entry: Entry) -> int | None:
    return entry[0]


def _terms(head: Entry) -> Sequence[int]:
    return [ord(letter) for letter in head[1]]


def _decide(_state: View, _event: Event) -> Decision:
    return Decision()


PROCESSOR = Processor(
    name="any", engine=Engine.EXACTLY_ONCE, reads=(), writes=(), decide=_decide, next_wake=_wake, terms=_terms
)


@given(CHANGES, st.integers(0, 30))
def test_objects_are_found_walked_and_woken_as_in_a_dict(
    changes: list[tuple[str, str, Entry | None]], looked: int
) -> None:
    """After any changes, whenever timers were last looked at."""
    objects, model = Objects(PROCESSOR), dict[tuple[str, str], Entry]()
    for number, (key, name, entry) in enumerate(changes):
        objects.apply(key, {name: entry})
        model.pop((key, name), None)
        model |= {} if entry is None else {(key, name): entry}
        if number == looked:
            assert not set(objects.due(-1))
    for key in ("a", "b"):
        view = ObjectsView(objects, "neither").at(key)
        copies = sorted((name, one) for (at, name), one in model.items() if at == key and kind_of(name) == "copy")
        assert list(view.after("copy/", 9)) == copies
        assert list(view.after("copy/1", 1)) == [one for one in copies if one[0] > "copy/1"][:1]
        assert {name: view.get(name) for at, name in model if at == key} == {
            name: one for (at, name), one in model.items() if at == key
        }
        assert view.get("copy/none") is None
    for letter in "xyz":
        found = [key for key in ("a", "b") if letter in model.get((key, ""), (None, ""))[1]]
        view = ObjectsView(objects, "a")
        assert list(view.find(ord(letter), "", 9)) == found
        assert list(view.find(ord(letter), "a", 1)) == [key for key in found if key > "a"]
        assert view.having({ord(letter), 0}) == ({ord(letter)} if found else set())
    due = {at for at, (wake, _) in model.items() if wake is not None and wake <= 3}
    assert set(objects.due(3)) == due
