"""Settlements: everything that was registered before is released, and what is registered after survives."""

from services.contracts.submitted import Release, Settle, WorkSubmitted
from services.contracts.topics import WORKS_RECEIPTS
from tests.deciding import Said
from tests.registry.facts import (
    LABEL,
    Answer,
    Reason,
    Status,
    answer,
    applied,
    by_digest,
    by_file,
    in_force,
    licenses,
    obey,
    on,
    put,
    read,
    receipts,
    refusals,
    registers,
    registry,
    releases,
    settles,
    work,
)
from tests.registry.test_catalogue import ended, with_works
from tests.registry.test_likenesses import in_force_by_file, likes, resembles
from tests.registry.test_standing import suspends

RELEASED = Status.RELEASED
SUPERSEDED = Reason.SUPERSEDED


def test_a_release_of_what_was_settled_is_of_no_work_before_its_sweep_too() -> None:
    """A settlement is in force at once: the work is registered no longer, whether it has been met or not."""
    deciding = with_works(1)
    on(deciding, settles("s1"))
    release = WorkSubmitted(LABEL, "s2", "work 0", release=Release(Release.Reason.WITHDRAWN))
    assert refusals(on(deciding, release)) == [("s2", Reason.UNKNOWN_WORK, "work_id")]


def test_a_settlement_releases_everything_that_was_registered_before() -> None:
    """For its reason; RELEASED names no work, and is said when no listing of any work is left."""
    deciding = with_works(2)
    said = on(deciding, WorkSubmitted(LABEL, "s1", settle=Settle(Release.Reason.WITHDRAWN)))
    said = Said((*said, *deciding.pass_time(0)))
    assert ended(said) == [("work 0", "WITHDRAWN"), ("work 1", "WITHDRAWN")]
    first, second = applied(said)
    assert on(deciding, first) == ()
    (receipt,) = on(deciding, second).of(WORKS_RECEIPTS)
    assert (receipt.work_id, receipt.submission_id, receipt.status) == ("", "s1", RELEASED)
    assert work(deciding, "work 0") is None


def test_a_settlement_of_nothing_is_answered() -> None:
    """There is nothing left, as was asked."""
    assert receipts(obey(registry(), settles("s1"))) == [("s1", RELEASED)]


def test_what_is_not_decided_at_a_settlement_is_superseded() -> None:
    """What is being read and all that waits behind it."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")), registers("s2", by_digest("b")), licenses("s3"))
    said = obey(deciding, settles("s4"))
    assert refusals(said) == [(name, SUPERSEDED, "work_id") for name in ("s1", "s2", "s3")]
    assert receipts(said)[-1] == ("s4", RELEASED)
    assert work(deciding) is None


def test_a_release_that_waits_at_a_settlement_is_still_answered() -> None:
    """What it asked for is what happens; a registration behind it is superseded."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), releases("s2"), registers("s3", by_digest("b")), settles("s4"))
    assert refusals(deciding.pass_time(0)) == [("s3", SUPERSEDED, "work_id")]
    said = obey(deciding, answer(Answer.APPLIED, "a"))
    assert receipts(said) == [("s1", Status.ACCEPTED), ("s2", RELEASED), ("s4", RELEASED)]


def test_what_is_read_after_a_settlement_and_before_it_was_met_is_not_put() -> None:
    """A settlement is in force at once, though its works are met one after another."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")), settles("s2"))
    said = on(deciding, read("a", "a"))
    assert refusals(said) == [("s1", SUPERSEDED, "work_id")]
    assert put(said) == []


def test_what_was_sent_before_a_settlement_is_accepted_and_then_released() -> None:
    """Once its listings are sent a registration is decided; the settlement waits for it."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), settles("s2"))
    assert deciding.pass_time(0) == ()
    said = on(deciding, answer(Answer.APPLIED, "a"))
    assert receipts(said) == [("s1", Status.ACCEPTED)]
    assert ended(said) == [("hit", "SETTLED")]
    assert receipts(on(deciding, answer(Answer.REMOVED, "a"))) == [("s2", RELEASED)]


def test_a_work_that_is_registered_after_a_settlement_survives_it() -> None:
    """Its old listings go first, though the settlement has not come to it; and the settlement takes no second look."""
    deciding = in_force("a")
    on(deciding, settles("s2"))
    said = on(deciding, registers("s3", by_digest("a")))
    assert (ended(said), put(said)) == ([("hit", "SETTLED")], [])
    said = on(deciding, *applied(said))
    assert [one.version for one in put(said)] == [3]
    on(deciding, *applied(said))
    said = deciding.pass_time(0)
    assert (ended(said), receipts(said)) == ([], [("s2", RELEASED)])
    kept = work(deciding)
    assert kept is not None
    assert kept.current is not None
    assert kept.current.submission_id == "s3"


def test_rights_given_after_a_settlement_find_no_work() -> None:
    """The work was released: its rights went with it."""
    deciding = in_force("a")
    on(deciding, settles("s2"))
    said = obey(deciding, licenses("s3"))
    assert ("s3", Reason.UNKNOWN_WORK, "work_id") in refusals(said)


def test_a_settlement_waits_for_a_release_that_is_under_way() -> None:
    """RELEASED is written when no listing of theirs is left, whoever removed it."""
    deciding = in_force("a")
    on(deciding, releases("s2"), settles("s3"))
    assert deciding.pass_time(0) == ()
    assert receipts(on(deciding, answer(Answer.REMOVED, "a"))) == [("s2", RELEASED), ("s3", RELEASED)]


def test_a_suspension_stops_nothing_that_was_begun() -> None:
    """What stands, stands: what was said before takes its course."""
    deciding = with_works(1)
    on(deciding, settles("s1"))
    assert receipts(obey(deciding, suspends("e2"))) == [("s1", RELEASED)]


def test_nothing_is_listed_for_its_likeness_to_what_is_settled() -> None:
    """Also before the settlement has come to that work."""
    deciding = in_force_by_file("a")
    on(deciding, settles("s2"))
    assert [change for change, _, _ in likes(on(deciding, resembles("a", "x")))] == [""]
