"""A dispute from its first word to its last, by the commands that its people type."""

import re

import pytest

from tests.cli.people import People

pytestmark = pytest.mark.kafka
OPEN = ("--ground", "OWN_WORK", "--statement", "I made it", "--wait")
COUNTER = ("--statement", "a mistake", "--name", "B. Person", "--address", "1 Road", "--signed-by", "B.", "--wait")
CONSENT = "--consent-to-jurisdiction"
BLOCKED, WON = "BLOCKED [IDENTICAL]", "CLEAR [DISPUTE_WON]"


def test_a_dispute_goes_all_its_way_and_every_wrong_step_is_answered(people: People) -> None:
    """The claimant upholds, the uploader answers by name, a court is asked, and then the claim is given up."""
    label, song = people.enroll("label"), people.file("song")
    people.did(*people.registration(label, "song", song))
    upload, dispute = people.posted("u", song, "bob"), people.named("d")
    step, theirs = (upload, dispute), ("--rightsholder", label, "--wait")

    opened = people.did("disputes", "open", upload, "--dispute", dispute, *OPEN)
    asked = f"to RIGHTSHOLDER {label}: The takedown of upload {upload} is disputed"
    assert re.search(rf"^{asked} \(answer until \d{{4}}-\d\d-\d\d 23:59:59 UTC\)\. .*“I made it”", opened, re.MULTILINE)
    assert f"to UPLOADER {people.named('bob')}: Your dispute of upload {upload} was received" in opened
    assert "it is about is in dispute already" in people.refused("disputes", "open", upload, *OPEN)
    stranger = ("--rightsholder", people.named("stranger"), "--wait")
    assert "none of the takedowns in this dispute is theirs" in people.refused("disputes", "uphold", *step, *stranger)
    assert "consent to the jurisdiction" in people.refused("disputes", "counter", *step, *COUNTER)
    assert "no counter-notice waits" in people.refused("disputes", "court", *step, "--evidence", "https://c", *theirs)

    assert f"{label} upholds the takedown" in people.did("disputes", "uphold", *step, *theirs)
    assert "nothing waits for their answer" in people.refused("disputes", "uphold", *step, *theirs)
    countered = people.did("disputes", "counter", *step, CONSENT, *COUNTER)
    assert f"to RIGHTSHOLDER {label}: A counter-notice was given for upload {upload} (answer until " in countered
    assert "B. Person (1 Road) has given a counter-notice" in countered
    assert "a counter-notice was given already" in people.refused("disputes", "counter", *step, CONSENT, *COUNTER)
    assert "a court is to decide" in people.did("disputes", "court", *step, "--evidence", "https://c", *theirs)
    assert "a court is to decide" in people.refused("disputes", "withdraw", *step, "--wait")
    assert people.now(upload) == BLOCKED

    assert "Your claim on upload" in people.did("disputes", "release", *step, *theirs)
    people.comes_to(upload, WON)
    again = people.posted("again", song, "eve")
    assert people.now(again) == WON
    assert "the upload is not taken down" in people.refused("disputes", "open", upload, *OPEN)
    assert "there is no such dispute, or it is over" in people.refused("disputes", "uphold", *step, *theirs)
    told = people.did("disputes", "show", upload, "--json")
    steps = re.findall(r'"topic":"disputes\.submitted\.v1","record":.*?"(\w+)":\{', told)
    assert steps == [
        *("dispute", "dispute", "uphold", "counter_notice", "court_action", "uphold", "uphold", "counter_notice"),
        *("counter_notice", "court_action", "withdraw", "release", "dispute", "uphold"),
    ]


def test_a_dispute_that_is_withdrawn_leaves_the_upload_down(people: People) -> None:
    """Its claimant is told that they need not answer; it cannot be answered any more."""
    label, song = people.enroll("label"), people.file("song")
    upload = people.posted("u", song, "bob")
    assert "the upload is not taken down" in people.refused("disputes", "open", upload, *OPEN)
    people.did(*people.registration(label, "song", song))
    people.comes_to(upload, BLOCKED)
    step = (upload, people.named("d"))
    people.did("disputes", "open", upload, "--dispute", step[1], *OPEN)
    assert "you need not answer" in people.did("disputes", "withdraw", *step, "--wait")
    assert "it is over" in people.refused("disputes", "release", *step, "--rightsholder", label, "--wait")
    assert people.now(upload) == BLOCKED


def test_a_dispute_of_an_upload_that_never_was_is_answered_too(people: People) -> None:
    """To the platform, under the dispute's id, since nobody knows whose upload it is."""
    answer = people.refused("disputes", "open", people.named("none"), "--dispute", people.named("d"), *OPEN)
    assert f"to PLATFORM {people.named('d')}: " in answer
    assert "Nothing changed." in answer
