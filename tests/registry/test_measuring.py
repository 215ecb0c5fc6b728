"""What the registry gives to be measured."""

from services.contracts.measured import Measure, Measured, Tallied, Tally
from services.runtime.tallying import count, tallied
from tests.deciding import LATE_MS, NOW, Deciding
from tests.registry.facts import Answer, answer, by_digest, on, registers, registry, reviews, settles
from tests.registry.test_probation import held


def _enforced(deciding: Deciding) -> list[Measured]:
    return [one for one in deciding.measured if isinstance(one, Measured) and one.measure is Measure.ENFORCED]


def _held(deciding: Deciding) -> int:
    return count(tallied(None, (one for one in deciding.measured if isinstance(one, Tallied))), Tally.HELD)


def test_a_registration_is_timed_from_when_it_came_until_every_copy_is_told() -> None:
    """It is enforced when each of its references is, and counts once."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")))
    deciding.pass_time(1_000)
    on(deciding, answer(Answer.APPLIED, "a"), answer(Answer.APPLIED, "b"), answer(Answer.ENFORCED, "a"))
    assert _enforced(deciding) == []
    on(deciding, answer(Answer.ENFORCED, "b"), answer(Answer.ENFORCED, "b"))
    assert _enforced(deciding) == [Measured(Measure.ENFORCED, since=NOW - LATE_MS)]


def test_a_registration_that_waited_for_a_person_is_not_timed() -> None:
    """How long a person took is no delay of the service's; until then it is among the holds."""
    deciding = held("a")
    assert _held(deciding) == 1
    on(deciding, reviews("APPROVE"))
    assert _held(deciding) == 0
    on(deciding, answer(Answer.APPLIED, "a"), answer(Answer.ENFORCED, "a"))
    assert _enforced(deciding) == []


def test_a_hold_ends_by_whatever_ends_the_registration() -> None:
    """A person's no, or something later about the work."""
    for end in (reviews("REJECT"), reviews("PROTECT"), settles("s2"), registers("s2", by_digest("b"))):
        deciding = held("a")
        on(deciding, end)
        deciding.pass_time(0)
        assert _held(deciding) == 0, end
