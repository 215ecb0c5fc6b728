"""Which verdict is the answer to what was submitted, on topics to which the test itself writes the verdicts."""

import asyncio

import pytest

from services.client import Staydown, UnansweredError
from services.client.answers import is_interim
from services.client.submitting import Sender, Sent, sending
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import Release, UploadSubmitted
from services.contracts.topics import VERDICTS_DECIDED, WORKS_RECEIPTS
from tests.cli.facts import TIME, receipt, verdict
from tests.cli.topics import Topics

Told = tuple[VerdictDecided.Verdict, int, bool] | None
"""A verdict, the number of the submission that it is about, and whether it is UNSCANNED [CHANGED]; None: taken back."""

CLEAR, BLOCKED = VerdictDecided.Verdict.CLEAR, VerdictDecided.Verdict.BLOCKED
UNSCANNED = VerdictDecided.Verdict.UNSCANNED
CHANGED, NOT_FOUND = (VerdictDecided.Reason.CHANGED,), (VerdictDecided.Reason.NOT_FOUND,)
LONG, SHORT = 30.0, 2.0

INTERIM = {
    "compared anew": (verdict("u", UNSCANNED, reasons=CHANGED, complete=False), True),
    "given up": (verdict("u", UNSCANNED, reasons=CHANGED), False),
    "not found yet": (verdict("u", UNSCANNED, reasons=NOT_FOUND, complete=False), False),
    "clear, and not complete": (verdict("u", CLEAR, complete=False), False),
}


@pytest.mark.parametrize(("said", "interim"), INTERIM.values(), ids=INTERIM)
def test_only_unscanned_since_changed_says_that_another_follows(said: VerdictDecided, interim: bool) -> None:
    """Any other verdict is one that a platform acts on, and so an answer."""
    assert is_interim(said) is interim


def wait(topics: Topics, upload: str, titles: tuple[str | None, ...], *verdicts: Told) -> VerdictDecided | None:
    """Submit an upload under titles (None: delete it), say verdicts, and return the answer to the last submission.

    What may still be followed by an answer is waited for shortly, since here nothing follows.
    """

    async def play() -> VerdictDecided | None:
        async with Staydown(topics.bootstrap) as staydown, sending(topics.bootstrap) as to:
            posted = [await staydown.post(upload, _submission(upload, title)) for title in titles]
            for each in verdicts:
                await _say(to, upload, [each.sent for each in posted], each)
            last = verdicts[-1] if verdicts else (UNSCANNED, 0, True)
            is_there = titles[-1] is None or (last is not None and not last[2])
            return await posted[-1].verdict(LONG if is_there else SHORT)

    return asyncio.run(play())


def _submission(upload: str, title: str | None) -> UploadSubmitted | None:
    return None if title is None else UploadSubmitted(upload, "bob", "file:///x", title=title, submitted_at=TIME)


async def _say(to: Sender, upload: str, sent: list[Sent], said: Told) -> None:
    if said is None:
        await to.send_as_it_is(VERDICTS_DECIDED, upload, None, [])
        return
    what, number, changed = said
    reasons = CHANGED if changed else ()
    fact = verdict(upload, what, sent[number].offset, reasons=reasons, complete=not changed)
    await to.send(VERDICTS_DECIDED, upload, fact)


ANSWERS: dict[str, tuple[tuple[str | None, ...], tuple[Told, ...], VerdictDecided.Verdict | None]] = {
    "the verdict on it": (("a",), ((CLEAR, 0, False),), CLEAR),
    "the verdict after one in between": (("a", "b"), ((UNSCANNED, 1, True), (BLOCKED, 1, False)), BLOCKED),
    "not one on what it replaced": (("a", "b"), ((CLEAR, 0, False), (BLOCKED, 1, False)), BLOCKED),
    "a revision, if it repeats what was there": (("a", "a"), ((BLOCKED, 0, False),), BLOCKED),
    "not one that was taken back before": (("a", None, "b"), (None, (CLEAR, 2, False)), CLEAR),
    "taken back, if nothing follows": (("a",), (None,), None),
    "taken back, for a deletion": (("a", None), ((CLEAR, 0, False), None), None),
}


@pytest.mark.kafka
@pytest.mark.parametrize(("titles", "verdicts", "answer"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer_is_the_verdict_on_what_was_said_last(
    topics: Topics,
    run_id: str,
    titles: tuple[str | None, ...],
    verdicts: tuple[Told, ...],
    answer: VerdictDecided.Verdict | None,
) -> None:
    """Not an interim one, not one on an earlier submission, unless the last says the same as that."""
    found = wait(topics, run_id, titles, *verdicts)
    assert (found and found.verdict) == answer


@pytest.mark.kafka
def test_no_answer_is_told_with_what_is_known(topics: Topics, run_id: str) -> None:
    """Whoever waits learns whether the bytes are still compared, or nothing was said at all."""
    with pytest.raises(UnansweredError, match=r"the bytes of .* are still being compared anew"):
        wait(topics, run_id, ("a", "b"), (UNSCANNED, 1, True))
    with pytest.raises(UnansweredError, match="an unchanged submission keeps the one that it has"):
        wait(topics, run_id, ("a",))


@pytest.mark.kafka
def test_a_receipt_of_another_rightsholder_is_no_answer(topics: Topics, run_id: str) -> None:
    """A submission_id is unique within its rightsholder alone."""
    released, rejected = WorkReceipt.Status.RELEASED, WorkReceipt.Status.REJECTED
    theirs = receipt(rejected, "s1", rightsholder_id=f"other-{run_id}")
    mine = receipt(released, "s1", rightsholder_id=run_id)

    async def answered(seconds: float, said: WorkReceipt) -> list[WorkReceipt]:
        async with Staydown(topics.bootstrap) as staydown, sending(topics.bootstrap) as to:
            pending = await staydown.act(run_id, "w", Release(Release.Reason.WITHDRAWN), "s1")
            await to.send(WORKS_RECEIPTS, said.rightsholder_id, said)
            return [one async for one in pending.receipts(seconds)]

    with pytest.raises(UnansweredError, match="No final receipt for s1"):
        asyncio.run(answered(SHORT, theirs))
    assert asyncio.run(answered(LONG, mine)) == [mine]
