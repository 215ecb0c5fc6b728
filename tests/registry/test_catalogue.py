"""What is done for everything that a rightsholder holds: licences, and accounts of their own."""

import pytest
from msgspec.structs import replace

from services.contracts.inside import ListingChanged
from services.contracts.rights import Licence
from services.contracts.territories import COUNTRIES
from services.contracts.topics import LISTINGS_CHANGED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from services.registry import catalogue
from services.registry.state import CATALOGUE_QUEUE_MAX
from tests.deciding import NOW, Deciding, Said
from tests.registry.facts import (
    Answer,
    Reason,
    Status,
    answer,
    applied,
    by_digest,
    by_file,
    enrolment,
    head,
    in_force,
    licenses,
    licenses_all,
    listings,
    obey,
    on,
    put,
    read,
    receipts,
    refusals,
    registers,
    registry,
    revokes,
    settles,
)
from tests.registry.test_likenesses import in_force_by_file, likes, resembles

ALL = Licence("all", "fan")
LICENSED, REVOKED, RELEASED = Status.LICENSED, Status.REVOKED, Status.RELEASED
SUPERSEDED = Reason.SUPERSEDED


def with_works(count: int) -> Deciding:
    """Return a registry with so many works in force, each on bytes of its own."""
    deciding = registry()
    for number in range(count):
        obey(deciding, registers(f"w{number}", by_digest(f"b{number}"), work_id=f"work {number}"))
    return deciding


def ended(said: Said) -> list[tuple[str, str]]:
    """Return (work, reason) of each listing that is removed."""
    changes: list[ListingChanged] = said.of(LISTINGS_CHANGED)
    return [(one.work_id, one.reason) for one in changes if one.reason]


def test_licences_for_everything_that_have_ended_take_no_room() -> None:
    """They are left out with the next change of what holds for everything."""
    long = {"territories": tuple(sorted(COUNTRIES)), "uploader_id": "u"}
    deciding = in_force("a")
    obey(deciding, licenses_all("s2", "old", **long, valid_until=timestamp(NOW + 1_000)), licenses_all("s3"))
    said = obey(deciding, licenses_all("s4", "more", **long))
    assert refusals(said) == [("s4", Reason.INVALID_FIELD, "license_catalogue")]
    deciding.now = NOW + 1_000
    assert receipts(obey(deciding, licenses_all("s5", "more", **long))) == [("s5", Status.LICENSED)]
    assert [one.license_id for one in head(deciding).licences] == ["all", "more"]
    assert receipts(obey(deciding, revokes("s6", "old", ""))) == [("s6", Status.REJECTED)]


def test_a_licence_for_everything_holds_at_once_for_what_is_put_from_then_on() -> None:
    """Before a single work was met; and what is put so needs not be put again."""
    deciding = registry()
    on(deciding, licenses_all("s1"))
    said = on(deciding, registers("s2", by_digest("a")))
    assert [one.terms.licences for one in put(said)] == [(ALL,)]
    assert listings(Said((*on(deciding, *applied(said)), *deciding.pass_time(0)))) == []
    assert head(deciding).sweep is None


def test_a_licence_for_everything_reaches_what_stands_and_is_answered_at_the_end() -> None:
    """In bounded steps; LICENSED names no work, and is said when every listing has those terms."""
    deciding = with_works(3)
    assert on(deciding, licenses_all("s1")) == ()
    said = deciding.pass_time(0)
    assert [one.work_id for one in put(said)] == ["work 0", "work 1", "work 2"]
    assert {one.terms.licences for one in put(said)} == {(ALL,)}
    answers = applied(said)
    assert on(deciding, *answers[:2], *answers[:2]) == ()
    (receipt,) = on(deciding, answers[2]).of(WORKS_RECEIPTS)
    assert (receipt.work_id, receipt.submission_id, receipt.status) == ("", "s1", LICENSED)
    assert (head(deciding).wholes, head(deciding).sweep) == ((), None)


def test_works_are_met_in_bounded_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others have their turn in between; each work once."""
    monkeypatch.setattr(catalogue, "WORKS_PER_STEP", 2)
    deciding = with_works(5)
    on(deciding, settles("s1"))
    steps = [ended(deciding.wake()) for _ in range(4)]
    assert [len(step) for step in steps] == [2, 2, 1, 0]
    assert deciding.store.next_due() != 0
    monkeypatch.setattr(catalogue, "WORKS_PER_STEP", 9)
    monkeypatch.setattr(catalogue, "RECORDS_PER_STEP", 1)
    deciding = with_works(3)
    on(deciding, settles("s1"))
    assert [len(ended(deciding.wake())) for _ in range(4)] == [1, 1, 1, 0]


def test_a_licence_for_everything_is_revoked_by_its_name_and_no_work() -> None:
    """One that was not given for everything is unknown, also if a work has it."""
    deciding = in_force("a")
    obey(deciding, licenses_all("s2"), licenses("s3"))
    assert refusals(on(deciding, revokes("s4", "l1", ""))) == [("s4", Reason.UNKNOWN_LICENSE, "revoke.license_id")]
    said = obey(deciding, revokes("s5", "all", ""))
    assert receipts(said) == [("s5", REVOKED)]
    assert [[one.license_id for one in each.terms.licences] for each in put(said)] == [["l1"]]


def test_licences_for_everything_are_bounded() -> None:
    """What would not fit into the terms of a listing is refused, and nothing is changed."""
    deciding = registry()
    said = on(deciding, *(licenses_all(f"s{number}", f"{number}{'x' * 200}") for number in range(12)))
    assert refusals(said)[-1] == ("s11", Reason.INVALID_FIELD, "license_catalogue")
    before = head(deciding)
    assert on(deciding, licenses_all("s0", f"0{'x' * 200}")) == ()
    assert head(deciding) == before


def test_actions_on_everything_are_answered_in_their_order_and_bounded() -> None:
    """One after another; what finds no place is TOO_MANY_PENDING."""
    deciding = with_works(1)
    actions = [licenses_all(f"s{number}") for number in range(CATALOGUE_QUEUE_MAX)]
    assert on(deciding, *actions) == ()
    more = on(deciding, settles("more"))
    assert refusals(more) == [("more", Reason.TOO_MANY_PENDING, "rightsholder_id")]
    said = obey(deciding, enrolment(submission_id="e2", accounts=("own",)))
    assert receipts(said) == [(f"s{number}", LICENSED) for number in range(CATALOGUE_QUEUE_MAX)]
    assert len(put(said)) == 1


def test_accounts_of_their_own_travel_with_every_listing() -> None:
    """An enrolment that changes them reaches what stands, and is answered by nobody; one that does not says nothing."""
    deciding = in_force("a")
    said = obey(deciding, enrolment(submission_id="e2", accounts=("own",)))
    assert [one.terms.accounts for one in put(said)] == [("own",)]
    assert receipts(said) == []
    assert obey(deciding, enrolment(submission_id="e3", accounts=("own",))) == ()
    assert [one.terms.accounts for one in put(obey(deciding, enrolment(submission_id="e4")))] == [()]


def test_many_changes_of_accounts_are_followed_once() -> None:
    """Nobody waits for them, so the last serves for all that have not begun: nothing grows."""
    deciding = with_works(1)
    on(deciding, *(enrolment(submission_id=f"e{number}", accounts=(f"own {number}",)) for number in range(2, 99)))
    assert len(head(deciding).wholes) == 2
    assert [one.terms.accounts for one in put(deciding.pass_time(0))] == [("own 98",)]


def test_a_busy_work_follows_when_it_is_free_and_before_what_waits() -> None:
    """While a replacement is read, nothing of the work is put again; then its new terms come before the next action."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_file("b")))
    said = obey(deciding, licenses_all("s3"))
    assert said == ()
    said = on(deciding, read("b", "b", number=2), registers("s4", by_digest("c")))
    assert [one.terms.licences for one in put(said)] == [(ALL,)]
    said = on(deciding, *applied(said))
    assert receipts(said) == [("s2", Status.ACCEPTED)]
    said = on(deciding, *applied(said))
    assert receipts(said) == [("s3", LICENSED)]
    assert [one.reference_id for one in put(said)] == ["c"]


def test_what_was_sent_with_older_terms_is_put_again_once_it_is_in_force() -> None:
    """And the licence is answered only then."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")))
    assert obey(deciding, licenses_all("s2")) == ()
    said = on(deciding, answer(Answer.APPLIED, "a"))
    assert (receipts(said), listings(said)) == ([("s1", Status.ACCEPTED)], [("+", "a", 1)])
    assert [one.terms.licences for one in put(said)] == [(ALL,)]
    assert receipts(on(deciding, *applied(said))) == [("s2", LICENSED)]


def test_likenesses_follow_too() -> None:
    """What resembles a work is put again with its terms, and removed with it; the answer waits for that."""
    deciding = in_force_by_file("a")
    on(deciding, resembles("a", "x"), resembles("a", "y"))
    on(deciding, licenses_all("s2"))
    said = deciding.pass_time(0)
    similar = [one for one in put(said) if one.similar]
    assert {one.terms.licences for one in put(said)} == {(ALL,)}
    assert [one.likeness is not None for one in similar] == [True, True]
    first, *rest = applied(said)
    on(deciding, *rest)
    assert receipts(on(deciding, replace(rest[0]))) == []
    assert receipts(on(deciding, first)) == [("s2", LICENSED)]
    said = obey(deciding, settles("s3"))
    assert [change for change, _, _ in likes(said)] == ["-", "-"]
    assert receipts(said) == [("s3", RELEASED)]
