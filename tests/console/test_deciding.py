import asyncio
from pathlib import Path

import pytest

from services.console.people import Role
from services.contracts.objections import Dispute, DisputeSubmitted, ReviewSubmitted
from services.contracts.topics import DISPUTES_SUBMITTED, REVIEWS_SUBMITTED
from tests.console.site import CLUSTER, NOW, ROLES, a_console
from tests.console.story import STORY

REVIEW = {"upload_id": "u-held", "decision_id": "d-u-held-1", "decision": "REJECT", "note": "A cover version."}
WORK = {"rightsholder_id": "label", "work_id": "slow", "submission_id": "s-3", "decision": "APPROVE", "note": ""}
OPENING = {"step": "dispute", "upload_id": "u-film", "ground": "OWN_WORK", "statement": "I made it."}
UPHOLD = {
    "step": "uphold",
    "upload_id": "u-song",
    "dispute_id": "o-1",
    "rightsholder_id": "label",
    "statement": "Ours.",
}
FOREIGN = {**UPHOLD, "rightsholder_id": "studio"}
COUNTER = {
    "step": "counter_notice",
    "upload_id": "u-song",
    "dispute_id": "o-1",
    "statement": "By mistake.",
    "name": "Robin",
    "address": "1 Lane",
    "signed_by": "Robin",
    "consent": "yes",
}
FORMS = {
    "decide": ("/reviews", REVIEW),
    "object": ("/disputes", OPENING),
    "counter": ("/disputes", COUNTER),
    "uphold": ("/disputes", UPHOLD),
    "uphold as another": ("/disputes", FOREIGN),
}
TAKEN = {
    Role.RIGHTSHOLDER: {"uphold"},
    Role.REVIEWER: {"decide"},
    Role.OPERATOR: {"object", "counter", "uphold", "uphold as another"},
    Role.AUDITOR: set(),
}


@pytest.mark.parametrize("role", Role)
def test_each_role_decides_what_is_theirs(tmp_path: Path, role: Role) -> None:
    """The table of who does what; what is refused says nothing to Kafka, and what is taken has its author."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY, CLUSTER, ROLES[role]) as console:
            for name, (path, form) in FORMS.items():
                before = len(console.said)
                answer = await console.post(path, form)
                is_taken = name in TAKEN[role]
                assert answer.status_code == (303 if is_taken else 403), name
                assert len(console.said) - before == is_taken, name
            assert {author for *_, author in console.said} <= {f"{role}-1"}

    asyncio.run(scenario())


def test_a_review_names_what_was_seen_and_who_decided(tmp_path: Path) -> None:
    """The decision that the page showed, and the subject of who signed in."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            await console.sign_in()
            for form in (REVIEW, WORK):
                assert (await console.post("/reviews", form)).status_code == 303
            (topic, key, upload, author), (_, work_key, work, _) = console.said
            assert (topic, key, work_key, author) == (REVIEWS_SUBMITTED, "u-held", "label", "local")
            assert isinstance(upload, ReviewSubmitted)
            assert upload.upload
            assert (upload.upload.decision_id, upload.reviewer_id) == ("d-u-held-1", "local")
            assert (upload.decision, upload.note) == (ReviewSubmitted.Answer.REJECT, "A cover version.")
            assert upload.submitted_at == NOW
            assert work.work.submission_id == "s-3"

    asyncio.run(scenario())


def test_a_dispute_is_opened_under_a_new_id(tmp_path: Path) -> None:
    """And leads back to the upload, which says that it was sent."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            await console.sign_in()
            answer = await console.post("/disputes", OPENING)
            assert answer.headers["location"] == "/uploads/u-film?sent=1"
            assert "It was sent" in (await console.get("/uploads/u-film?sent=1")).text
            ((topic, key, step, _),) = console.said
            assert (topic, key) == (DISPUTES_SUBMITTED, "u-film")
            assert isinstance(step, DisputeSubmitted)
            assert step.dispute == Dispute(Dispute.Ground.OWN_WORK, "I made it.")
            assert step.dispute_id

    asyncio.run(scenario())


INCOMPLETE = {
    "no decision": ("/reviews", {**REVIEW, "decision": ""}),
    "a decision that is none": ("/reviews", {**REVIEW, "decision": "MAYBE"}),
    "nothing that was seen": ("/reviews", {**REVIEW, "decision_id": ""}),
    "about nothing": ("/reviews", {"decision": "REJECT"}),
    "no ground": ("/disputes", {**OPENING, "ground": ""}),
    "no statement": ("/disputes", {**OPENING, "statement": " "}),
    "no step": ("/disputes", {**OPENING, "step": "shout"}),
    "no upload": ("/disputes", {**OPENING, "upload_id": ""}),
    "nobody who signs": ("/disputes", {**COUNTER, "signed_by": ""}),
    "a statement too long": ("/disputes", {**OPENING, "statement": "x" * 20_000}),
}


@pytest.mark.parametrize(("path", "form"), INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_form_that_is_not_complete_is_told_and_not_sent(tmp_path: Path, path: str, form: dict[str, str]) -> None:
    """A service would put it among the dead letters, where nobody who filled it in would ever look."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            await console.sign_in()
            assert (await console.post(path, form)).status_code == 422
            assert not console.said

    asyncio.run(scenario())


def test_forms_are_shown_to_who_may_use_them(tmp_path: Path) -> None:
    """Whoever only reads is told to sign in."""

    async def scenario() -> None:
        async with a_console(tmp_path, STORY) as console:
            for path in ("/reviews", "/uploads/u-song", "/uploads/u-held"):
                assert 'method="post"' not in (await console.get(path)).text, path
            await console.sign_in()
            assert 'action="/reviews"' in (await console.get("/reviews")).text
            assert 'action="/reviews"' in (await console.get("/uploads/u-held")).text
            assert 'value="counter_notice"' in (await console.get("/uploads/u-song")).text
            assert 'value="dispute"' in (await console.get("/uploads/u-film")).text

    asyncio.run(scenario())
