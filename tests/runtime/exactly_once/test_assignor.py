import pytest
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.assignor import CopartitionedAssignor, NotCopartitionedError, deal

PARTITIONS = st.integers(1, 24)
OWNED = st.dictionaries(st.sampled_from("abcdef"), st.lists(st.integers(0, 30), max_size=30), min_size=1)


class Cluster:
    """What an assignor asks of the client's metadata."""

    def __init__(self, **counts: int) -> None:
        self.counts = counts

    def partitions_for_topic(self, topic: str) -> set[int] | None:
        """Return the numbers of a topic's partitions."""
        return set(range(self.counts[topic])) if topic in self.counts else None


@given(PARTITIONS, OWNED)
def test_every_number_has_one_member_whatever_members_say(partitions: int, owned: dict[str, list[int]]) -> None:
    """Each number is dealt once, and no member has two more than another, even if members claim nonsense."""
    dealt = deal(partitions, owned)
    assert sorted(number for numbers in dealt.values() for number in numbers) == list(range(partitions))
    sizes = [len(numbers) for numbers in dealt.values()]
    assert max(sizes) - min(sizes) <= 1
    assert dealt.keys() == owned.keys()


@given(PARTITIONS, st.integers(1, 6))
def test_nothing_moves_when_nobody_comes_or_goes(partitions: int, members: int) -> None:
    """Dealing again to the same members changes nothing."""
    dealt = deal(partitions, {f"m{number}": [] for number in range(members)})
    assert deal(partitions, dealt) == dealt


@given(PARTITIONS, st.integers(1, 6))
def test_only_as_many_move_as_a_new_member_gets(partitions: int, members: int) -> None:
    """A member that comes gets its share, and nothing moves between the others."""
    before = deal(partitions, {f"m{number}": [] for number in range(members)})
    after = deal(partitions, {**before, "new": []})
    assert all(set(after[member]) <= set(before[member]) for member in before)


def test_every_member_gets_its_numbers_of_every_topic() -> None:
    """Number p of all topics goes to one member, and a member that reads fewer topics is given only those."""
    assignor = CopartitionedAssignor()
    members = {
        "a": assignor.metadata(["left", "right"]),
        "b": ConsumerProtocolMemberMetadata(0, ["left"], b"[1]"),
    }
    given_out = assignor.assign(Cluster(left=2, right=2), members)
    assert given_out["a"].assignment == [("left", [0]), ("right", [0])]
    assert given_out["b"].assignment == [("left", [1])]


def test_a_member_keeps_what_it_was_given() -> None:
    """What a member tells the leader is what it got last."""
    assignor = CopartitionedAssignor()
    assignor.on_assignment(assignor.assign(Cluster(left=3), {"a": assignor.metadata(["left"])})["a"])
    assert assignor.metadata(["left"]).user_data == b"[0,1,2]"


@pytest.mark.parametrize("counts", [{"left": 2, "right": 3}, {"left": 2}])
def test_topics_that_differ_are_refused(counts: dict[str, int]) -> None:
    """Topics with different numbers of partitions, or one that is missing, are an error and no assignment."""
    assignor = CopartitionedAssignor()
    with pytest.raises(NotCopartitionedError, match="right has"):
        assignor.assign(Cluster(**counts), {"a": assignor.metadata(["left", "right"])})
