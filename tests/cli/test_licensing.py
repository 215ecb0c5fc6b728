"""Licences, exclusions and settlements, of a work and of everything, by the commands that a rightsholder types."""

import pytest

from tests.cli.people import People

pytestmark = pytest.mark.kafka
BLOCKED, LICENSED = "BLOCKED [IDENTICAL]", "CLEAR [LICENSED]"


def test_a_licence_brings_back_what_it_covers_until_it_is_revoked(people: People) -> None:
    """For one uploader of one work; what cannot be granted is refused with its field and its cure."""
    label, song = people.enroll("label"), people.file("song")
    upload = people.posted("u", song, "bob")
    people.did(*people.registration(label, "song", song))
    people.comes_to(upload, BLOCKED)
    grant = ("works", "license", label, "--work", "song", "--license", "l")

    for wrong, problem in (
        (("--from", "2040-01-01", "--until", "2039-01-01"), "license.valid_until: Let it end after it begins."),
        (("--territory", "XQ"), "license.territories[0]: There is no XQ in ISO 3166-1: name countries by it."),
        (("--excerpt", 90_000_000), "license.excerpt_ms_max: Say how many milliseconds"),
    ):
        assert f"INVALID_FIELD at {problem}" in people.refused(*grant, "--platform", *wrong)
    unknown = people.refused("works", "license", label, "--work", "none", "--license", "l", "--platform")
    assert "UNKNOWN_WORK at work_id: " in unknown
    assert people.now(upload) == BLOCKED

    assert "LICENSED " in people.did(*grant, "--uploader", people.named("bob"))
    people.comes_to(upload, LICENSED)
    assert people.now(people.posted("eves", song, "eve")) == BLOCKED
    assert f"l: uploader {people.named('bob')} may show all of it" in people.did("works", "status", label, "song")
    revoke = ("works", "revoke", label, "--work", "song", "--license", "l")
    assert "REVOKED " in people.did(*revoke)
    people.comes_to(upload, BLOCKED)
    assert "UNKNOWN_LICENSE at revoke.license_id: " in people.refused(*revoke)


def test_a_catalogue_is_licensed_to_a_community_and_settled_in_the_end(people: People) -> None:
    """Whatever they hold, now or later; after the settlement nothing of it blocks anybody."""
    label, one, other = people.enroll("label"), people.file("one"), people.file("other")
    club = ("--community", people.named("club"))
    people.did(*people.registration(label, "one", one))
    inside, outside = people.posted("in", one, "bob", *club), people.posted("out", one, "bob")
    assert (people.now(inside), people.now(outside)) == (BLOCKED, BLOCKED)
    people.did("works", "license", label, "--license", "all", *club)
    people.comes_to(inside, LICENSED)
    people.did(*people.registration(label, "other", other))
    assert people.now(people.posted("later", other, "bob", *club)) == LICENSED
    assert people.now(outside) == BLOCKED

    part = ("works", "exclude", label, "one", "--reference", one.name)
    assert "EXCLUDED " in people.did(*part, "--start", 0, "--end", 500)
    assert "INVALID_FIELD at exclude.end_ms: " in people.refused(*part, "--start", 500, "--end", 500)
    settled = people.did("works", "settle", label)
    assert ": what was taken down for any work of theirs comes back" in settled
    people.comes_to(outside, "CLEAR [SETTLED]")
    assert "by a settlement of everything" in people.did("works", "status", label, "other")


def test_what_is_visible_only_elsewhere_is_not_blocked(people: People) -> None:
    """A verdict names where it blocks."""
    label, song = people.enroll("label"), people.file("song")
    people.did(*people.registration(label, "song", song), "--territory", "de", "--territory", "fr")
    abroad = people.posted("us", song, "bob", "--territory", "us")
    assert people.now(abroad) == "CLEAR [OUTSIDE_TERRITORY]"
    both = people.posted("both", song, "bob", "--territory", "us", "--territory", "de")
    assert f"BLOCKED    {both} in DE [IDENTICAL]" in people.did("verdicts", "show", both)
    nowhere = people.registration(label, "nowhere", song)
    assert "INVALID_FIELD at register.policy.territories[0]: " in people.refused(*nowhere, "--territory", "XQ")
