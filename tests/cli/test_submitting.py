"""What each command writes to the topics, read back as a service would read it."""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.client.keys import read_signing_key
from services.contracts.decided import Recipient, VerdictDecided, WorkReceipt
from services.contracts.objections import (
    CounterNotice,
    CourtAction,
    Dispute,
    DisputeSubmitted,
    GiveUp,
    ReviewSubmitted,
    Uphold,
    UploadReviewed,
    Withdraw,
    WorkReviewed,
)
from services.contracts.submitted import Exclude, License, Licensee, Policy, Release, Revoke, Settle, WorkSubmitted
from services.contracts.topics import (
    DISPUTES_SUBMITTED,
    NOTICES_ISSUED,
    REVIEWS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)
from services.runtime.signing import signed_part
from tests.cli.conftest import Staydown
from tests.cli.facts import notice, receipt, verdict
from tests.cli.topics import Topics

pytestmark = pytest.mark.kafka

LICENCE = License("l", Licensee(platform=True))
LICENSED, REVOKED, EXCLUDED = WorkReceipt.Status.LICENSED, WorkReceipt.Status.REVOKED, WorkReceipt.Status.EXCLUDED
RELEASED = WorkReceipt.Status.RELEASED
WORK, ALL = ("--work", "w", "--license", "l"), ("--license", "l")
BOUNDS = (
    *("--territory", "de", "--territory", "FR", "--excerpt", "30000"),
    *("--from", "2026-01-01", "--until", "2026-12-31T23:00:00+0100"),
)
ACTIONS: dict[str, tuple[tuple[str, ...], dict[str, Any], WorkReceipt.Status]] = {
    "a licence of a work": (("license", *WORK, "--platform"), {"license": LICENCE}, LICENSED),
    "a licence of everything": (("license", *ALL, "--platform"), {"license_catalogue": LICENCE}, LICENSED),
    "a licence with bounds": (
        ("license", *WORK, "--uploader", "bob", *BOUNDS),
        {
            "license": License(
                "l",
                Licensee(uploader_id="bob"),
                ("DE", "FR"),
                License.Use.EXCERPT,
                30_000,
                datetime(2026, 1, 1, tzinfo=UTC),
                datetime(2026, 12, 31, 22, tzinfo=UTC),
            )
        },
        LICENSED,
    ),
    "a licence for a community": (
        ("license", *WORK, "--community", "fans"),
        {"license": License("l", Licensee(community_id="fans"))},
        LICENSED,
    ),
    "the end of a licence": (("revoke", *WORK), {"revoke": Revoke("l")}, REVOKED),
    "the end of one for everything": (("revoke", *ALL), {"revoke": Revoke("l")}, REVOKED),
    "a part that is not theirs": (
        ("exclude", "--work", "w", "--reference", "r", "--start", "5", "--end", "9"),
        {"exclude": Exclude("r", 5, 9)},
        EXCLUDED,
    ),
    "a settlement": (("settle",), {"settle": Settle(Release.Reason.SETTLED)}, RELEASED),
}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_is_sent_as_the_contract_has_it_and_its_receipt_told(
    staydown: Staydown, topics: Topics, run_id: str, name: str
) -> None:
    """Of a work, or without one of everything that the rightsholder holds; the last receipt ends the command."""
    command, action, status = ACTIONS[name]
    named = (command[0], "--rightsholder", run_id, *command[1:])
    with topics.answering(WORKS_SUBMITTED, run_id, lambda fact: _receipt(fact, status)):
        outcome = staydown("works", *named, "--submission", run_id, *topics.here)
    (found,) = topics.facts(WORKS_SUBMITTED, run_id)
    work = "w" if "--work" in command else ""
    assert found == WorkSubmitted(run_id, run_id, work, found.submitted_at, **action)
    assert (outcome.code, outcome.err) == (0, "")
    assert f"{status:<10} after " in outcome.out


def test_a_held_registration_ends_the_command(staydown: Staydown, topics: Topics, run_id: str, tmp_path: Path) -> None:
    """Nobody waits in front of a screen until a person has decided; its rights are sent as they were asked for."""
    (tmp_path / "song.wav").write_text("song")
    rights = ("--policy", "TRACK", "--territory", "de", "--excerpt", "9", "--urgent", "--valid-until", "2030-01-01")
    what = ("--rightsholder", run_id, "--work", "w", "--title", "t", *rights)
    with topics.answering(WORKS_SUBMITTED, run_id, lambda fact: _receipt(fact, WorkReceipt.Status.HELD)):
        outcome = staydown("works", "register", tmp_path / "song.wav", *what, *topics.here)
    (found,) = topics.facts(WORKS_SUBMITTED, run_id)
    assert found.register.policy == Policy(Policy.Action.TRACK, ("DE",), 9, urgent=True)
    assert (found.register.valid_from, found.register.valid_until) == (None, datetime(2030, 1, 1, tzinfo=UTC))
    assert outcome.code == 0
    assert "no effect on anybody until a person approves it" in outcome.out


def test_what_is_signed_can_be_checked_by_the_public_key(
    staydown: Staydown, topics: Topics, run_id: str, tmp_path: Path
) -> None:
    """The headers that the runtime takes a signature from are those that were signed, ce_id and ce_time included."""
    assert staydown("keys", "generate", tmp_path / "key").code == 0
    with topics.answering(WORKS_SUBMITTED, run_id, lambda fact: _receipt(fact, RELEASED)):
        assert staydown("works", "settle", run_id, "--key", tmp_path / "key", *topics.here).code == 0
    (record,) = topics.records(WORKS_SUBMITTED, run_id)
    signed = signed_part(record.topic, record.key, record.value, record.headers)
    key = read_signing_key(tmp_path / "key")
    assert signed is not None
    assert (signed.key_id, signed.signed_at.encode()) == (key.key_id, dict(record.headers)["ce_time"])
    Ed25519PublicKey.from_public_bytes(key.public_key).verify(base64.b64decode(signed.signature), signed.message)


CLAIMANT = ("--rightsholder", "a")
STEPS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "open": (("--ground", "OWN_WORK", "--statement", "mine"), {"dispute": Dispute(Dispute.Ground.OWN_WORK, "mine")}),
    "counter": (
        ("--statement", "s", "--name", "n", "--address", "a", "--signed-by", "b", "--consent-to-jurisdiction"),
        {"counter_notice": CounterNotice("s", "n", "a", "b", consent_to_jurisdiction=True)},
    ),
    "uphold": ((*CLAIMANT, "--statement", "ours"), {"uphold": Uphold("a", "ours")}),
    "release": (CLAIMANT, {"release": GiveUp("a")}),
    "court": ((*CLAIMANT, "--evidence", "https://x"), {"court_action": CourtAction("a", "https://x")}),
    "withdraw": ((), {"withdraw": Withdraw()}),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_dispute_is_sent_and_the_notice_on_it_told(
    staydown: Staydown, topics: Topics, run_id: str, step: str
) -> None:
    """Under the dispute's id, about one takedown, with its deadline; what is said of another is not waited for."""
    options, said = STEPS[step]
    with topics.answering(DISPUTES_SUBMITTED, run_id, _noticed):
        which = ("--dispute", "d", "--takedown", "t1")
        outcome = staydown("disputes", step, run_id, *which, *options, "--wait", *topics.here)
    (found,) = topics.facts(DISPUTES_SUBMITTED, run_id)
    assert found == DisputeSubmitted(run_id, "d", "t1", found.submitted_at, **said)
    assert (outcome.code, outcome.err) == (0, "")
    assert "to UPLOADER bob: A step was taken (answer until 2026-02-01 03:04:05 UTC)." in outcome.out


def test_a_dispute_can_be_about_all_takedowns_and_names_itself(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """Its new id is printed, since every later step needs it."""
    why = ("--ground", "LICENSED", "--statement", "s")
    outcome = staydown("disputes", "open", run_id, *why, *topics.here)
    (found,) = topics.facts(DISPUTES_SUBMITTED, run_id)
    assert found.takedown_id == ""
    assert f"dispute_id {found.dispute_id} " in outcome.out


def test_a_review_of_an_upload_names_what_was_seen(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """What comes of it is the next decision, not the one that was seen."""
    blocked = verdict(run_id, VerdictDecided.Verdict.BLOCKED, decision_id="2")
    answer = ("--decision", "APPROVE", "--reviewer", "ann", "--note", "sure")
    with topics.answering(REVIEWS_SUBMITTED, run_id, lambda _: (VERDICTS_DECIDED, run_id, blocked)):
        outcome = staydown("reviews", "upload", run_id, "1", *answer, "--wait", *topics.here)
    (found,) = topics.facts(REVIEWS_SUBMITTED, run_id)
    assert (found.upload, found.work, found.note) == (UploadReviewed(run_id, "1"), None, "sure")
    assert (found.reviewer_id, found.decision) == ("ann", ReviewSubmitted.Answer.APPROVE)
    assert f"BLOCKED    {run_id}" in outcome.out


def test_a_review_of_a_work_is_keyed_by_its_rightsholder(staydown: Staydown, topics: Topics, run_id: str) -> None:
    """So that it has one order with all that they say; a receipt answers it."""
    rejected = receipt(WorkReceipt.Status.REJECTED, "s", rightsholder_id=run_id)
    answer = ("--decision", "REJECT", "--reviewer", "ann")
    with topics.answering(REVIEWS_SUBMITTED, run_id, lambda _: (WORKS_RECEIPTS, run_id, rejected)):
        outcome = staydown("reviews", "work", run_id, "w", "s", *answer, "--wait", *topics.here)
    (found,) = topics.facts(REVIEWS_SUBMITTED, run_id)
    assert found.work == WorkReviewed(run_id, "w", "s")
    assert "REJECTED: nothing was changed" in outcome.out


def _receipt(fact: WorkSubmitted, status: WorkReceipt.Status) -> tuple[Topic, str, object]:
    answer = receipt(status, fact.submission_id, fact.work_id, rightsholder_id=fact.rightsholder_id)
    return WORKS_RECEIPTS, fact.rightsholder_id, answer


def _noticed(fact: DisputeSubmitted) -> tuple[Topic, str, object]:
    about = {"upload_id": fact.upload_id, "dispute_id": fact.dispute_id}
    return NOTICES_ISSUED, "bob", notice(Recipient.Kind.UPLOADER, "bob", **about)
