"""Reviews of uploads and of registrations, by the commands that reviewers type."""

import pytest

from tests.cli.people import People

pytestmark = pytest.mark.kafka
CROWD = 11
"""One more than a newcomer may take down."""


def rita(people: People, decision: str, *reviewed: object) -> tuple[object, ...]:
    """Return the command by which a reviewer decides."""
    return ("reviews", *reviewed, "--decision", decision, "--reviewer", people.named("rita"), "--wait")


def test_what_is_held_is_decided_by_who_saw_it(people: People) -> None:
    """Approved it is blocked, rejected it is shown, protected nobody can list it; once, and only as it was seen."""
    label, song, loop = people.enroll("label"), people.file("song"), people.file("loop")
    people.did(*people.registration(label, "song", song), "--policy", "REVIEW")
    upload = people.posted("u", song, "bob")
    assert people.now(upload) == "HELD [REVIEW_POLICY]"
    seen = people.decision(upload)
    other = people.refused(*rita(people, "APPROVE", "upload", upload, "another"))
    assert f"to PLATFORM {people.named('rita')}: Your review of upload {upload} was not followed" in other
    assert "there is no such upload now" in people.refused(*rita(people, "APPROVE", "upload", people.named("x"), seen))
    assert people.now(upload) == "HELD [REVIEW_POLICY]"
    assert f"BLOCKED    {upload} [IDENTICAL]" in people.did(*rita(people, "APPROVE", "upload", upload, seen))
    assert "there is a later decision on it" in people.refused(*rita(people, "REJECT", "upload", upload, seen))

    people.did(*people.registration(label, "loop", loop), "--policy", "REVIEW")
    first = people.posted("first", loop, "bob")
    rejected = people.did(*rita(people, "REJECT", "upload", first, people.decision(first)))
    assert f"CLEAR      {first} [DISPUTE_WON]" in rejected
    people.did(*people.registration(label, "loop-2", loop), "--policy", "REVIEW")
    people.comes_to(first, "HELD [REVIEW_POLICY]")
    protected = people.did(*rita(people, "PROTECT", "upload", first, people.decision(first)))
    assert f"CLEAR      {first} [PROTECTED_CONTENT]" in protected
    refused = people.refused(*people.registration(label, "loop-3", loop))
    assert "PROTECTED_CONTENT at register.references: " in refused


def test_a_newcomer_waits_for_a_person_who_looks_once(people: People) -> None:
    """Too many copies have no effect until they are approved; a review of nothing, or the second one, is told so."""
    newcomer, song = people.enroll("newcomer"), people.file("song")
    crowd = [people.posted(f"u{number}", song, f"singer{number}") for number in range(CROWD)]
    held = people.did(*people.registration(newcomer, "song", song), "--submission", people.named("s"))
    assert f": {CROWD} copies found; no effect on anybody until a person approves it" in held
    assert people.now(crowd[0]) == "CLEAR [NO_MATCH]"
    assert people.named("s") in people.did("reviews", "list")
    work = ("work", newcomer, "song")
    assert "is not held" in people.refused(*rita(people, "APPROVE", *work, people.named("unknown")))
    approved = people.did(*rita(people, "APPROVE", *work, people.named("s")))
    assert "ACCEPTED: in force from now on\n" in approved
    people.comes_to(crowd[0], "BLOCKED [IDENTICAL]")
    people.comes_to(crowd[-1], "BLOCKED [IDENTICAL]")
    assert "held no longer" in people.refused(*rita(people, "REJECT", *work, people.named("s")))


def test_a_review_by_nobody_is_not_sent(people: People) -> None:
    """Who decides is named, or nothing is decided."""
    outcome = people.staydown(
        "reviews", "upload", "u", "d", "--decision", "REJECT", "--reviewer", "", "--state", people.cluster.state
    )
    assert outcome.code == 1
    assert "reviewer_id" in outcome.err
