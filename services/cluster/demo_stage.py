"""What the story is played with: doing one thing, waiting for what follows, telling it and comparing it."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from services.client.submitting import Sender, Sent
from services.cluster.demo_cast import Cast
from services.cluster.demo_report import Report
from services.cluster.demo_witness import Heard, Witness
from services.contracts.decided import TakedownIssued, VerdictDecided, WorkReceipt
from services.contracts.submitted import UploadSubmitted, WorkSubmitted
from services.contracts.topics import (
    TAKEDOWNS_ISSUED,
    UPLOADS_SUBMITTED,
    VERDICTS_DECIDED,
    WORKS_RECEIPTS,
    WORKS_SUBMITTED,
    Topic,
)

NOTHING = "nothing in time"


@dataclass(slots=True)
class Tally:
    """What followed from one cause, for several uploads: how often each, and how long until the last."""

    began: float
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def add(self, what: str, at: float) -> None:
        """Count one."""
        self.counts[what] += 1
        self.seconds = max(self.seconds, at - self.began)

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in sorted(self.counts.items()))


@dataclass(slots=True)
class Stage:
    """Who acts, who watches, and what is told. `posted`: where the latest submission of each upload stands."""

    cast: Cast
    sender: Sender
    witness: Witness
    report: Report
    posted: dict[str, Sent] = field(default_factory=dict)

    async def post(self, what: str, upload: UploadSubmitted) -> tuple[str, float]:
        """Post an upload, tell its first verdict, and return it and the seconds that it took."""
        began = time.monotonic()
        sent = await self.sender.send(UPLOADS_SUBMITTED, upload.upload_id, upload)
        self.posted[upload.upload_id] = sent
        heard = await self.witness.wait_for(
            VERDICTS_DECIDED, sent.key, began, lambda it: it is not None and it.submission >= sent.offset
        )
        verdict, seconds = _verdict(heard), (heard.at if heard else time.monotonic()) - began
        self.report.line(f"{what}: {verdict}", seconds)
        return verdict, seconds

    async def post_expecting(self, what: str, upload: UploadSubmitted, expected: str) -> None:
        """Post an upload and compare its first verdict."""
        verdict, seconds = await self.post(what, upload)
        self.report.check(what, expected, verdict, seconds)

    async def delete(self, what: str, upload_id: str) -> None:
        """Delete an upload and compare that its verdict is taken back."""
        began = time.monotonic()
        sent = await self.sender.send(UPLOADS_SUBMITTED, upload_id, None)
        heard = await self.witness.wait_for(VERDICTS_DECIDED, sent.key, began, lambda it: it is None)
        self.tell_check(what, "its verdict is taken back", heard, began, lambda _: "its verdict is taken back")

    async def submit(self, what: str, fact: WorkSubmitted, expected: str) -> tuple[str, float]:
        """Submit an action and compare its first answer; returns the submission's id and when it began."""
        began = time.monotonic()
        await self.sender.send(WORKS_SUBMITTED, fact.rightsholder_id, fact)
        await self.receipt(what, fact, began, expected)
        return fact.submission_id, began

    async def receipt(self, what: str, fact: WorkSubmitted, began: float, expected: str) -> None:
        """Compare the answer to a submission with what is expected, `STATUS…`; a refusal comes in its place."""
        awaited = (expected.split(maxsplit=1)[0].rstrip(","), WorkReceipt.Status.REJECTED)
        heard = await self.witness.wait_for(
            WORKS_RECEIPTS,
            fact.rightsholder_id,
            began,
            lambda it: it.submission_id == fact.submission_id and it.status in awaited,
        )
        self.tell_check(what, expected, heard, began, _answer)
        for problem in heard.fact.problems if heard else ():
            self.report.line(f"    {problem.field}: {problem.cure}")

    async def verdicts(
        self,
        names: Iterable[str],
        verdict: VerdictDecided.Verdict,
        began: float,
        because: VerdictDecided.Reason | None = None,
    ) -> Tally:
        """Wait until each of these uploads has that verdict, if need be for that reason, about its submission."""
        tally = Tally(began)
        for name in names:
            sent = self.posted[self.cast.upload_id(name)]
            await self._count(tally, VERDICTS_DECIDED, sent.key, _verdict_about(sent, verdict, because), _verdict)
        return tally

    async def takedowns(self, names: Iterable[str], status: TakedownIssued.Status, began: float) -> Tally:
        """Wait until each of these uploads has a takedown's record with that status."""
        tally = Tally(began)
        for name in names:
            key = self.cast.upload_id(name)
            await self._count(tally, TAKEDOWNS_ISSUED, key, lambda it: it.status is status, _takedown)
        return tally

    def tell_check(
        self, what: str, expected: str, heard: Heard | None, began: float, text: Callable[[Heard | None], str]
    ) -> None:
        """Tell and compare one thing that was waited for."""
        seconds = (heard.at if heard else time.monotonic()) - began
        happened = text(heard) if heard else NOTHING
        self.report.tell_check(what, expected, happened, seconds)

    async def _count(
        self,
        tally: Tally,
        topic: Topic,
        key: str,
        fits: Callable[[Any], bool],
        text: Callable[[Heard | None], str],
    ) -> None:
        heard = await self.witness.wait_for(topic, key, tally.began, fits)
        tally.add(text(heard), heard.at if heard else time.monotonic())


def _verdict_about(
    sent: Sent, verdict: VerdictDecided.Verdict, because: VerdictDecided.Reason | None
) -> Callable[[VerdictDecided | None], bool]:
    def fits(it: VerdictDecided | None) -> bool:
        about = it is not None and it.submission >= sent.offset and it.verdict is verdict
        return about and it is not None and (because is None or because in it.reasons)

    return fits


def _verdict(heard: Heard | None) -> str:
    return NOTHING if heard is None else f"{heard.fact.verdict} [{', '.join(heard.fact.reasons)}]"


def _takedown(heard: Heard | None) -> str:
    if heard is None:
        return NOTHING
    issued = heard.fact.status is TakedownIssued.Status.ISSUED
    return f"{heard.fact.status} by {heard.fact.basis}" if issued else str(heard.fact.status)


def _answer(heard: Heard | None) -> str:
    if heard is None:
        return NOTHING
    receipt: WorkReceipt = heard.fact
    reasons = f" [{', '.join(receipt.reasons)}]" if receipt.reasons else ""
    counted = receipt.status in (WorkReceipt.Status.ENFORCED, WorkReceipt.Status.HELD)
    copies = f", {receipt.copies_found} copies" if counted else ""
    return f"{receipt.status}{reasons}{copies}"
