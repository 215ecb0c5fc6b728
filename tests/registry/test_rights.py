"""A work's rights: licences, exclusions, policies and windows, and how they reach what is listed."""

from typing import Any

import pytest
from msgspec.structs import replace

from services.contracts.codec import encode
from services.contracts.rights import TERMS_BYTES_MAX, Licence, Segment, Terms
from services.contracts.submitted import License, Licensee, Policy, WorkSubmitted
from services.contracts.territories import COUNTRIES
from services.contracts.types import timestamp
from tests.deciding import NOW, Deciding
from tests.registry.facts import (
    Answer,
    Reason,
    Status,
    answer,
    applied,
    by_digest,
    by_file,
    enrolment,
    excludes,
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
    releases,
    revokes,
    work,
)

LATER = timestamp(NOW + 9_000)
FAN = Licence("l1", "fan")


def terms_after(deciding: Deciding, *facts: WorkSubmitted) -> Terms:
    """Return the terms that the last listing is put with after these facts, each of them answered."""
    return put(obey(deciding, *facts))[-1].terms


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Terms()),
        ({"policy": Policy(Policy.Action.REVIEW)}, Terms(action=Policy.Action.REVIEW)),
        ({"policy": Policy(Policy.Action.TRACK)}, Terms(action=Policy.Action.TRACK)),
        ({"policy": Policy(territories=("FR", "DE", "FR"))}, Terms(territories=("DE", "FR"))),
        ({"policy": Policy(excerpt_ms_max=30_000)}, Terms(excerpt_ms_max=30_000)),
        ({"valid_from": LATER}, Terms(valid_from=NOW + 9_000)),
        ({"valid_until": LATER}, Terms(valid_until=NOW + 9_000)),
        ({"valid_from": timestamp(-1)}, Terms(valid_from=1)),
    ],
)
def test_a_listing_carries_what_its_registration_says(more: dict[str, Any], expected: Terms) -> None:
    """Policy and window travel with the listing; whoever decides has its own clock. No bound is 0, so none is it."""
    (one,) = put(on(registry(), registers("s1", by_digest("a"), **more)))
    assert one.terms == expected
    assert one.terms_version == 1


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, FAN),
        ({"licensee": Licensee(community_id="fans")}, Licence("l1", community_id="fans")),
        ({"licensee": Licensee(platform=True)}, Licence("l1")),
        ({"territories": ("FR", "DE")}, replace(FAN, territories=("DE", "FR"))),
        ({"use": License.Use.EXCERPT, "excerpt_ms_max": 30_000}, replace(FAN, excerpt_ms_max=30_000)),
        ({"valid_from": LATER}, replace(FAN, valid_from=NOW + 9_000)),
        ({"valid_until": timestamp(0)}, replace(FAN, valid_until=1)),
    ],
)
def test_a_listing_carries_the_licences_of_its_work(more: dict[str, Any], expected: Licence) -> None:
    """In full it has no bound; a licence that ended long ago does not become one without end."""
    assert terms_after(in_force("a"), licenses("s2", **more)).licences == (expected,)


def test_a_licence_is_in_force_when_every_listing_was_put_again() -> None:
    """LICENSED is answered when the matcher has said of each listing that it has these very terms."""
    deciding = in_force("a", "b")
    said = on(deciding, licenses("s2"))
    assert listings(said) == [("+", "a", 1), ("+", "b", 1)]
    (version,) = {one.terms_version for one in put(said)}
    assert version > 1
    assert on(deciding, answer(Answer.APPLIED, "a"), answer(Answer.APPLIED, "b", terms_version=1)) == ()
    assert on(deciding, answer(Answer.APPLIED, "a", terms_version=version)) == ()
    said = on(deciding, answer(Answer.APPLIED, "b", terms_version=version))
    assert receipts(said) == [("s2", Status.LICENSED)]
    assert on(deciding, answer(Answer.APPLIED, "b", terms_version=version)) == ()


@pytest.mark.parametrize("which", [Answer.REFUSED, Answer.PROTECTED])
def test_whatever_is_answered_to_what_is_put_again_is_an_answer(which: Answer) -> None:
    """Content may have been protected meanwhile: nobody waits for ever, and the listing is not forgotten."""
    deciding = in_force("a")
    (one,) = put(on(deciding, licenses("s2")))
    said = on(deciding, answer(which, "a", terms_version=one.terms_version))
    assert receipts(said) == [("s2", Status.LICENSED)]
    assert listings(on(deciding, releases("s3"))) == [("WITHDRAWN", "a", 1)]


def test_licences_replace_one_another_by_name_and_are_revoked() -> None:
    """The same license_id again replaces it; another is one more; a revoked one is gone."""
    deciding = in_force("a")
    terms = terms_after(deciding, licenses("s2"), licenses("s3", "l2"), licenses("s4", uploader_id="other"))
    assert terms.licences == (Licence("l2", "fan"), Licence("l1", "other"))
    assert terms_after(deciding, revokes("s5", "l2")).licences == (Licence("l1", "other"),)
    assert refusals(on(deciding, revokes("s6", "l2"))) == [("s6", Reason.UNKNOWN_LICENSE, "revoke.license_id")]


@pytest.mark.parametrize("change", [licenses("s9", "new"), excludes("s9")], ids=["license", "exclude"])
def test_licences_that_have_ended_take_no_room(change: WorkSubmitted) -> None:
    """They are left out with the next change of the work's rights, and until then they do nothing."""
    deciding = in_force("a")
    terms_after(deciding, licenses("s2", **full("old"), valid_until=LATER), licenses("s3", "l2"))
    assert refusals(on(deciding, licenses("s4", **full("more")))) == [("s4", Reason.INVALID_FIELD, "license")]
    deciding.now = NOW + 9_000
    terms = terms_after(deciding, change)
    assert [one.license_id for one in terms.licences if one.license_id != "new"] == ["l2"]
    terms = terms_after(deciding, licenses("s10", **full("more")))
    assert {one.license_id for one in terms.licences} >= {"l2", "more"}


def test_a_licence_that_has_ended_can_be_revoked_once() -> None:
    """It is known until the next change; one that is given when it has ended already is given all the same."""
    deciding = in_force("a")
    on(deciding, *applied(on(deciding, licenses("s2", "old", valid_until=timestamp(0)))))
    assert receipts(on(deciding, *applied(on(deciding, revokes("s3", "old"))))) == [("s3", Status.REVOKED)]
    assert refusals(on(deciding, revokes("s4", "old"))) == [("s4", Reason.UNKNOWN_LICENSE, "revoke.license_id")]


def test_a_part_that_is_not_theirs_is_excluded() -> None:
    """Every listing of the work says so, and EXCLUDED is answered when all do; twice the same is once."""
    deciding = in_force("a", "b")
    said = on(deciding, excludes("s2"))
    assert {one.terms.excluded for one in put(said)} == {(Segment("a", 0, 9_000),)}
    assert receipts(on(deciding, *applied(said))) == [("s2", Status.EXCLUDED)]
    assert terms_after(deciding, excludes("s3")).excluded == (Segment("a", 0, 9_000),)
    assert refusals(on(deciding, excludes("s4", "c"))) == [("s4", Reason.INVALID_FIELD, "exclude.reference_id")]


@pytest.mark.parametrize(
    "action", [licenses("s9"), revokes("s9"), excludes("s9")], ids=["license", "revoke", "exclude"]
)
@pytest.mark.parametrize("state", ["never", "released", "being released", "waiting for it", "refused meanwhile"])
def test_rights_of_what_is_not_registered_are_refused(action: WorkSubmitted, state: str) -> None:
    """UNKNOWN_WORK: never registered, released, or its registration is refused before their turn comes."""
    deciding = registry() if state in ("never", "refused meanwhile") else in_force("a")
    if state == "released":
        on(deciding, *applied(on(deciding, releases("s2"))))
    if state == "being released":
        on(deciding, releases("s2"))
    if state == "waiting for it":
        on(deciding, registers("s2", by_digest("b")), releases("s3"))
    said = on(deciding, *([registers("s1", by_file("a"))] if state == "refused meanwhile" else []), action)
    if state == "refused meanwhile":
        said = on(deciding, read("a", "a"), answer(Answer.REFUSED, "a"))
    assert refusals(said)[-1] == ("s9", Reason.UNKNOWN_WORK, "work_id")


def test_rights_wait_for_their_turn() -> None:
    """Behind a registration whose listings are sent; what is put again then has later terms than all before."""
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")))
    assert on(deciding, licenses("s2"), licenses("s3", "l2"), revokes("s4"), releases("s5")) != ()
    assert receipts(on(deciding, answer(Answer.APPLIED, "a")))[:1] == [("s1", Status.ACCEPTED)]
    deciding = registry()
    on(deciding, registers("s1", by_digest("a")), licenses("s2"), licenses("s3", "l2"), revokes("s4"))
    said, versions, told = on(deciding, answer(Answer.APPLIED, "a")), [1], []
    while put(said):
        versions += [one.terms_version for one in put(said)]
        said = on(deciding, *applied(said))
        told += receipts(said)
    assert told == [("s2", Status.LICENSED), ("s3", Status.LICENSED), ("s4", Status.REVOKED)]
    assert versions == sorted(set(versions))


def test_a_release_ends_the_rights_that_wait_before_it() -> None:
    """What is queued before a release is superseded, whatever it is."""
    deciding = in_force("a")
    on(deciding, *applied(on(deciding, licenses("s2"), excludes("s3"))))
    on(deciding, registers("s4", by_digest("a")), licenses("s5", "l2"))
    said = on(deciding, releases("s6"))
    assert refusals(said) == [("s4", Reason.SUPERSEDED, "work_id"), ("s5", Reason.SUPERSEDED, "work_id")]


@pytest.mark.parametrize("waits", [False, True])
def test_a_work_that_is_registered_after_its_release_begins_without_rights(waits: bool) -> None:
    """Also when that registration waited for the release."""
    deciding = in_force("a")
    terms_after(deciding, licenses("s2"), excludes("s3"))
    said = on(deciding, releases("s4"), *([registers("s5", by_digest("a"))] if waits else []))
    said = on(deciding, *applied(said))
    if not waits:
        assert work(deciding) is None
        said = on(deciding, registers("s5", by_digest("a")))
    assert [one.terms for one in put(said)] == [Terms()]


def test_a_replacement_keeps_licences_and_what_is_excluded_of_the_same_bytes() -> None:
    """Of other bytes nothing is excluded, not under the old name either, nor when the old bytes come back."""
    deciding = in_force("a", "b")
    terms_after(deciding, licenses("s2"), excludes("s3", "a"), excludes("s4", "b"))
    terms = terms_after(deciding, registers("s5", by_digest("a"), by_digest("c", "b")))
    assert (terms.licences, terms.excluded) == ((FAN,), (Segment("a", 0, 9_000),))
    terms = terms_after(deciding, registers("s6", by_digest("a"), by_digest("b")))
    assert (terms.licences, terms.excluded) == ((FAN,), (Segment("a", 0, 9_000),))


def full(license_id: str = "l") -> dict[str, Any]:
    """Return a licence that names nearly every country."""
    return {"license_id": license_id, "territories": tuple(sorted(COUNTRIES))}


def test_a_work_s_rights_are_bounded() -> None:
    """Terms travel with each listing: what does not fit is refused with its cure, and the work stays as it was."""
    deciding = in_force("a")
    terms_after(deciding, licenses("s2", **full()))
    assert refusals(on(deciding, licenses("s3", **full("m")))) == [("s3", Reason.INVALID_FIELD, "license")]
    said = obey(deciding, *(excludes(f"x{number}", start_ms=number) for number in range(30)))
    assert refusals(said)[-1] == ("x29", Reason.INVALID_FIELD, "exclude")


def test_terms_have_a_bound_that_nothing_can_exceed() -> None:
    """Accounts, licences for everything and of the work, exclusions and a policy, each as long as it can be."""
    deciding = registry()
    accounts = tuple(f"{number:03}{'x' * 60}" for number in range(38))
    policy = Policy(Policy.Action.REVIEW, tuple(COUNTRIES), 80_000_000)
    window: dict[str, Any] = {"valid_from": LATER, "valid_until": timestamp(NOW + 10_000_000_000)}
    obey(deciding, enrolment(submission_id="e2", accounts=accounts))
    obey(deciding, licenses_all("s0", **full("all"), uploader_id="u" * 256))
    obey(deciding, registers("s1", by_digest("a"), policy=policy, **window))
    obey(deciding, licenses("s2", **full(), uploader_id="u" * 256))
    terms = terms_after(deciding, *(excludes(f"x{number}", start_ms=number) for number in range(30)))
    assert len(terms.licences) == 2
    assert terms.excluded
    assert TERMS_BYTES_MAX * 0.8 < len(encode(terms)) <= TERMS_BYTES_MAX
