"""One work's actions, one after another, in their order."""

import pytest

from services.contracts.inside import ListingChanged
from services.contracts.reading import Failure
from services.contracts.submitted import Reference, Release, WorkSubmitted
from services.contracts.topics import LISTINGS_CHANGED, WORKS_RECEIPTS
from services.contracts.types import timestamp
from services.registry.state import QUEUE_MAX
from services.runtime.outgoing import OVERHEAD_BYTES_MAX
from services.runtime.planning import MESSAGE_BYTES_MAX
from tests.deciding import NOW, PARTITION, content, digest
from tests.registry.facts import (
    LABEL,
    Answer,
    Reason,
    Status,
    answer,
    asked,
    by_digest,
    by_file,
    enrolment,
    in_force,
    listings,
    on,
    read,
    receipts,
    refusals,
    register,
    registers,
    registry,
    releases,
    work,
)

APPLIED, ENFORCED, REMOVED = Answer.APPLIED, Answer.ENFORCED, Answer.REMOVED
ACCEPTED, REJECTED, RELEASED = Status.ACCEPTED, Status.REJECTED, Status.RELEASED
SUPERSEDED = Reason.SUPERSEDED


def test_a_listing_says_all_that_the_matcher_needs() -> None:
    """The listing's key is the digest; it carries the registration's number and where to send the answer."""
    said = on(registry(), registers("s1", by_digest("bytes", "master")))
    (emit,) = said
    assert emit.key == digest("bytes")
    assert said.of(LISTINGS_CHANGED) == [
        ListingChanged(
            digest("bytes"),
            LABEL,
            "hit",
            "master",
            1,
            "s1",
            ListingChanged.Change.LISTED,
            "",
            rightsholder_partition=PARTITION,
            terms_version=1,
        )
    ]


def test_accepted_is_written_only_when_every_listing_is_applied() -> None:
    """G4: ACCEPTED means in force; with the copies that were there, each content counted once."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("b"), by_digest("a", "a again")))
    assert on(deciding, answer(APPLIED, "a", copies=3), answer(APPLIED, "b", copies=4)) == ()
    deciding.pass_time(5_000)
    said = on(deciding, answer(APPLIED, "a", copies=3, reference_id="a again"))
    (receipt,) = said.of(WORKS_RECEIPTS)
    assert (receipt.status, receipt.copies_found) == (ACCEPTED, 7)
    assert (receipt.received_at, receipt.decided_at) == (timestamp(NOW), timestamp(NOW + 5_000))


def test_each_registration_gets_the_next_number_of_its_rightsholder() -> None:
    """Registry: numbers are the versions of listings; other works count, releases too, refused ones do not."""
    deciding = registry(LABEL, "rival")
    said = on(
        deciding,
        registers("s1", by_digest("a")),
        registers("s2"),
        registers("s3", by_digest("a"), work_id="other"),
        releases("s4"),
        registers("s5", by_digest("a"), work_id="third"),
    )
    assert [version for _, _, version in listings(said)] == [1, 2, 4]
    other = WorkSubmitted("rival", "s1", "hit", register=register(by_digest("a")))
    assert listings(deciding.on("rival", other)) == [("+", "a", 1)]


def test_a_release_removes_every_listing_and_says_so_when_all_are_gone() -> None:
    """RELEASED, too, is written after every removal has been applied."""
    deciding = in_force("a", "b")
    said = on(deciding, releases("s2", Release.Reason.SETTLED))
    assert (listings(said), receipts(said)) == ([("SETTLED", "a", 1), ("SETTLED", "b", 1)], [])
    assert on(deciding, answer(REMOVED, "a"), answer(REMOVED, "a")) == ()
    assert receipts(on(deciding, answer(REMOVED, "b"))) == [("s2", RELEASED)]
    assert work(deciding) is None
    assert on(deciding, answer(REMOVED, "b")) == ()


def test_a_released_work_may_be_registered_again() -> None:
    """The new registration waits for RELEASED, so that its listings are not mistaken for the old ones."""
    deciding = in_force("a")
    assert listings(on(deciding, releases("s2"), registers("s3", by_digest("a")))) == [("WITHDRAWN", "a", 1)]
    said = on(deciding, answer(REMOVED, "a"))
    assert (receipts(said), listings(said)) == ([("s2", RELEASED)], [("+", "a", 3)])


def test_a_release_while_files_are_read_ends_the_registration() -> None:
    """A release before a registration's listings are sent ends it: SUPERSEDED, and nothing is ever listed."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")))
    said = on(deciding, releases("s2"))
    assert (receipts(said), refusals(said)) == ([("s1", REJECTED), ("s2", RELEASED)], [("s1", SUPERSEDED, "work_id")])
    assert on(deciding, read("a", "a")) == ()
    assert work(deciding) is None


def test_a_release_after_listings_are_sent_waits_for_accepted() -> None:
    """Once its listings are sent a registration is decided: later actions on that work wait for its ACCEPTED."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a"), by_digest("b")))
    assert on(deciding, releases("s2"), answer(APPLIED, "a")) == ()
    said = on(deciding, answer(APPLIED, "b"))
    assert (receipts(said), listings(said)) == ([("s1", ACCEPTED)], [("WITHDRAWN", "a", 1), ("WITHDRAWN", "b", 1)])
    assert receipts(on(deciding, answer(REMOVED, "b"), answer(REMOVED, "a"))) == [("s2", RELEASED)]


def test_a_release_ends_everything_that_waits_before_it() -> None:
    """What is queued before a release is SUPERSEDED at once; what comes after the release survives it."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_digest("b")), registers("s3", by_digest("c")), registers("s4", by_digest("d")))
    said = on(deciding, releases("s5"))
    assert refusals(said) == [("s3", SUPERSEDED, "work_id"), ("s4", SUPERSEDED, "work_id")]
    assert on(deciding, registers("s6", by_digest("e"))) == ()
    said = on(deciding, answer(APPLIED, "b", 2))
    assert (receipts(said), listings(said)) == ([("s2", ACCEPTED)], [("REPLACED", "a", 1)])
    assert listings(on(deciding, answer(REMOVED, "a"))) == [("WITHDRAWN", "b", 2)]
    said = on(deciding, answer(REMOVED, "b", 2))
    assert (receipts(said), listings(said)) == ([("s5", RELEASED)], [("+", "e", 6)])


def test_a_release_in_the_midst_of_reading_a_replacement_ends_both() -> None:
    """The registration in force is removed; the one that was being read is SUPERSEDED and its reads are dropped."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_file("b")))
    said = on(deciding, releases("s3"))
    assert (refusals(said), listings(said)) == ([("s2", SUPERSEDED, "work_id")], [("WITHDRAWN", "a", 1)])
    assert on(deciding, read("b", "b", number=2)) == ()
    assert receipts(on(deciding, answer(REMOVED, "a"))) == [("s3", RELEASED)]


def test_registrations_are_decided_one_after_another() -> None:
    """A work's registrations are decided in order: the second begins when the first is decided."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")))
    assert on(deciding, registers("s2", by_digest("b"))) == ()
    said = on(deciding, read("a", Failure.NOT_ALLOWED))
    assert (receipts(said), listings(said)) == ([("s1", REJECTED)], [("+", "b", 2)])


@pytest.mark.parametrize(
    ("before", "after", "removed"),
    [
        (["a"], ["a"], []),
        (["a", "b"], ["b", "c"], ["a"]),
        (["a", "b"], ["c"], ["a", "b"]),
    ],
)
def test_a_replacement_removes_only_what_is_no_longer_named_and_afterwards(
    before: list[str], after: list[str], removed: list[str]
) -> None:
    """A replacement puts all its references under its own version; removals follow ACCEPTED, under the old one."""
    deciding = in_force(*before)
    said = on(deciding, registers("s2", *map(by_digest, after)))
    assert listings(said) == [("+", label, 2) for label in after]
    said = on(deciding, *(answer(APPLIED, label, 2) for label in after))
    assert receipts(said) == [("s2", ACCEPTED)]
    assert listings(said) == [("REPLACED", label, 1) for label in removed]
    assert said[0].topic is WORKS_RECEIPTS


def test_a_reference_of_other_bytes_is_another_listing() -> None:
    """The same reference_id with new bytes: the listing of the old ones is removed."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_digest("b", "a")))
    said = on(deciding, answer(APPLIED, "b", 2, reference_id="a"))
    assert [(one.listed, one.digest) for one in said.of(LISTINGS_CHANGED)] == [(False, content("a").blake3)]


def test_a_replacement_that_cannot_be_read_leaves_what_stands() -> None:
    """The old registration is in force until the new one is, and when the new one never is."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_file("b")))
    assert receipts(on(deciding, read("b", Failure.NOT_ALLOWED, number=2))) == [("s2", REJECTED)]
    assert listings(on(deciding, releases("s3"))) == [("WITHDRAWN", "a", 1)]


@pytest.mark.parametrize("state", ["never", "somebody else's", "released", "refused", "being released", "twice"])
def test_a_release_of_what_is_not_registered_is_refused(state: str) -> None:
    """UNKNOWN_WORK: a work nobody registered, somebody else's, one that is released already or was refused."""
    deciding = registry("rival", LABEL)
    if state == "somebody else's":
        deciding.on("rival", WorkSubmitted("rival", "s1", "hit", register=register(by_digest("a"))))
    if state == "refused":
        on(deciding, registers("s1", by_file("a")), read("a", Failure.NOT_ALLOWED))
    if state in ("released", "being released", "twice"):
        on(deciding, registers("s1", by_digest("a")), answer(APPLIED, "a"), releases("s2"))
    if state == "released":
        on(deciding, answer(REMOVED, "a"))
    if state == "twice":
        on(deciding, registers("s3", by_file("a")), releases("s4"))
    assert refusals(on(deciding, releases("s9"))) == [("s9", Reason.UNKNOWN_WORK, "work_id")]


def test_a_release_is_no_business_of_other_works() -> None:
    """Two works of one rightsholder that list the same bytes are two."""
    deciding = in_force("a")
    on(deciding, registers("s2", by_digest("a"), work_id="other"))
    assert listings(on(deciding, releases("s3"))) == [("WITHDRAWN", "a", 1)]
    assert receipts(deciding.on(LABEL, answer(REMOVED, "a"))) == [("s3", RELEASED)]


def test_a_queue_is_bounded() -> None:
    """Large keys: 64 actions wait on one work; a registration more is TOO_MANY_PENDING, a release still counts."""
    deciding = registry()
    on(deciding, registers("s0", by_file("a")))
    waiting = [registers(f"s{number}", by_digest("a")) for number in range(1, QUEUE_MAX + 1)]
    assert on(deciding, *waiting) == ()
    assert refusals(on(deciding, registers("more", by_digest("a")))) == [("more", Reason.TOO_MANY_PENDING, "work_id")]
    said = on(deciding, releases("enough"))
    assert len(refusals(said)) == QUEUE_MAX + 1
    assert receipts(said)[-1] == ("enough", RELEASED)


def test_actions_of_other_works_do_not_wait() -> None:
    """G8: a file that cannot be read holds up its own work alone."""
    deciding = registry()
    on(deciding, registers("s1", by_file("a")))
    assert listings(on(deciding, registers("s2", by_digest("b"), work_id="other"))) == [("+", "b", 2)]
    assert asked(deciding.pass_time(0)) == []


def test_an_enrolment_changes_nothing_of_what_is_on_its_way() -> None:
    """Enrolling again replaces who they are, not what they registered or how far they have counted."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), enrolment(submission_id="e2", contact="new@label.example"))
    assert receipts(on(deciding, answer(APPLIED, "a"), answer(ENFORCED, "a"))) == [
        ("s1", ACCEPTED),
        ("s1", Status.ENFORCED),
    ]
    assert listings(on(deciding, registers("s2", by_digest("a")))) == [("+", "a", 2)]


def long_references(uri_characters: int) -> tuple[Reference, ...]:
    """Return as many references as there may be, with addresses of a length."""
    return tuple(Reference(f"m{number}", uri="x" * uri_characters) for number in range(64))


def test_a_work_fits_into_one_record_whatever_is_in_force_read_and_waiting() -> None:
    """Large keys: an entry above 1 MiB could not be written, and a rightsholder could stop the registry with it."""
    deciding, references = registry(), long_references(3_900)
    on(deciding, registers("s1", *references))
    on(deciding, *(read(one.reference_id, "a") for one in references))
    on(deciding, *(answer(APPLIED, "a", reference_id=one.reference_id) for one in references))
    said = on(deciding, *(registers(f"s{number}", *references) for number in range(2, 9)))
    assert {reason for _, reason, _ in refusals(said)} == {Reason.TOO_MANY_PENDING}
    said = on(deciding, *(registers(f"{number}{'x' * 1_000}", by_digest("a")) for number in range(QUEUE_MAX)))
    assert {reason for _, reason, _ in refusals(said)} <= {Reason.TOO_MANY_PENDING}
    stored = deciding.store.get(LABEL, "work/hit")
    assert stored is not None
    assert len(stored) < MESSAGE_BYTES_MAX - OVERHEAD_BYTES_MAX


@pytest.mark.parametrize(("uri_characters", "is_refused"), [(3_900, False), (4_100, True)])
def test_references_that_are_too_long_together_are_refused(uri_characters: int, is_refused: bool) -> None:
    """Large keys: the references of one registration have 256 KiB, which is 64 addresses of 3,900 characters."""
    said = on(registry(), registers("s1", *long_references(uri_characters)))
    assert refusals(said) == ([("s1", Reason.INVALID_FIELD, "register.references")] if is_refused else [])
    assert bool(asked(said)) is not is_refused
