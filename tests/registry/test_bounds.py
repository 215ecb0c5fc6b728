"""Large keys: whatever a rightsholder does, each entry fits into one record, and what waits is bounded."""

import pytest
from msgspec.structs import replace

from services.contracts.rights import TERMS_BYTES_MAX
from services.contracts.submitted import ACCOUNTS_BYTES_MAX, Enroll, Reference
from services.contracts.territories import COUNTRIES
from services.contracts.topics import LISTINGS_CHANGED
from services.registry.state import CATALOGUE_QUEUE_MAX, QUEUE_BYTES_MAX, QUEUE_MAX, REFERENCES_BYTES_MAX
from services.runtime.outgoing import OVERHEAD_BYTES_MAX
from services.runtime.planning import MESSAGE_BYTES_MAX
from tests.deciding import Deciding, Said, content
from tests.registry.facts import (
    LABEL,
    Reason,
    applied,
    enrolment,
    excludes,
    licenses,
    licenses_all,
    obey,
    on,
    read,
    refusals,
    registers,
    registry,
    releases,
    work,
)

WORST = "\x01"
"""A character that JSON writes with six."""

FITS = MESSAGE_BYTES_MAX - OVERHEAD_BYTES_MAX


def largest(uri_characters: int = 2_300, name: str = "m") -> tuple[Reference, ...]:
    """Return as many references as there may be, with the longest ids and with addresses of a length."""
    ids = [f"{name}{number}".ljust(256, WORST) for number in range(64)]
    return tuple(Reference(one, uri="x" * uri_characters, media_type="y" * 40) for one in ids)


def read_all(deciding: Deciding, references: tuple[Reference, ...], number: int, prefix: str) -> None:
    """Let every file be read, each with bytes of its own."""
    for index, one in enumerate(references):
        found = read(one.reference_id, f"{prefix}{index}", number)
        on(deciding, replace(found, content=content(f"{prefix}{index}")))


def size_bytes(deciding: Deciding, name: str) -> int:
    """Return how large an entry of the label's is."""
    return len(deciding.store.get(LABEL, name) or b"")


def filled(deciding: Deciding) -> None:
    """Fill the queue of the label's work until it takes no more, by what is largest and by what is many."""
    large = [registers(f"{number}".ljust(256, WORST), *largest()) for number in range(3)]
    rights = [licenses(f"l{number}".ljust(256, WORST), territories=tuple(COUNTRIES)) for number in range(QUEUE_MAX)]
    said = on(deciding, *large, *rights)
    assert {reason for _, reason, _ in refusals(said)} == {Reason.TOO_MANY_PENDING}


def test_a_work_fits_into_one_record_while_it_is_replaced() -> None:
    """In force and on its way the largest registrations, its own rights, a likeness, and a queue that is full."""
    deciding, references = registry(), largest()
    on(deciding, registers("s1", *references))
    read_all(deciding, references, 1, "a")
    obey(deciding, *applied_to(deciding))
    obey(deciding, licenses("s2", territories=tuple(COUNTRIES)), excludes("s3", references[0].reference_id))
    on(deciding, registers("s4", *references))
    kept = work(deciding)
    assert kept is not None
    assert kept.pending is not None
    read_all(deciding, references[:-1], kept.pending.number, "b")
    filled(deciding)
    assert FITS * 0.75 < size_bytes(deciding, "work/hit") < FITS
    read_all(deciding, references, kept.pending.number, "b")
    on(deciding, *applied_to(deciding)[:-1])
    assert size_bytes(deciding, "work/hit") < FITS


def test_a_work_fits_into_one_record_while_its_old_listings_leave() -> None:
    """After a replacement by other names, all that was in force leaves, and a queue that is full waits for it."""
    deciding, references, others = registry(), largest(), largest(name="n")
    on(deciding, registers("s1", *references))
    read_all(deciding, references, 1, "a")
    obey(deciding, *applied_to(deciding))
    on(deciding, registers("s4", *others))
    read_all(deciding, others, 2, "b")
    on(deciding, *applied_to(deciding))
    kept = work(deciding)
    assert kept is not None
    assert len(kept.leaving) == 64
    filled(deciding)
    assert FITS * 0.5 < size_bytes(deciding, "work/hit") < FITS


def applied_to(deciding: Deciding) -> list[object]:
    """Return the matcher's answers to the last listings that were put."""
    return list(applied(Said(emit for emit in deciding.log if emit.topic is LISTINGS_CHANGED))[-64:])


def test_a_rightsholder_fits_into_one_record() -> None:
    """With the longest name and contact, accounts, licences for everything, and all that waits for its answer."""
    deciding = registry()
    accounts = tuple(f"{number}".ljust(60, "x") for number in range(40))
    enrolled = Enroll(WORST * 16_384, contact=WORST * 16_384, accounts=accounts)
    on(deciding, replace(enrolment(submission_id="e2"), enroll=enrolled))
    for number in range(CATALOGUE_QUEUE_MAX + 2):
        on(deciding, licenses_all(f"{number}".ljust(256, WORST), "all", territories=tuple(COUNTRIES)))
    on(
        deciding,
        enrolment(submission_id="e3", accounts=("a",)),
        replace(enrolment(submission_id="e4"), enroll=enrolled),
    )
    assert FITS * 0.2 < size_bytes(deciding, "") < FITS


def test_accounts_are_bounded_altogether() -> None:
    """They travel with each listing: a list that is too long is malformed."""
    many = tuple(f"{number}".ljust(60, "x") for number in range(41))
    with pytest.raises(ValueError, match=f"accounts have more than {ACCOUNTS_BYTES_MAX} bytes"):
        Enroll("label", accounts=many)
    assert Enroll("label", accounts=many[:-1]).accounts


def test_releases_that_wait_are_bounded() -> None:
    """Register and release in turn, while nobody answers: what waits does not grow without end."""
    deciding = registry()
    sent = registers("s0", Reference("a", content=content("a")), work_id="other")
    on(deciding, sent)
    said = []
    for number in range(QUEUE_MAX + 9):
        again = replace(sent, submission_id=f"r{number}")
        gone = replace(releases(f"e{number}"), work_id="other")
        said += refusals(on(deciding, again, gone))
    kept = work(deciding, "other")
    assert kept is not None
    assert len(kept.queue) <= QUEUE_MAX
    assert Reason.TOO_MANY_PENDING in {reason for _, reason, _ in said}


def test_a_queue_has_room_for_the_largest_registration() -> None:
    """Nobody is refused for the size of one thing that the gate lets through."""
    assert QUEUE_BYTES_MAX > REFERENCES_BYTES_MAX + TERMS_BYTES_MAX
