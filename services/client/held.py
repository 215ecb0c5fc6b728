"""What waits for a person at present: uploads by their latest verdict, registrations by their receipts."""

from services.client.reading_back import all_said
from services.client.said import Said
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.receipts import is_about_another
from services.contracts.topics import VERDICTS_DECIDED, WORKS_RECEIPTS
from services.runtime.address import Address

HeldFacts = tuple[list[VerdictDecided], list[WorkReceipt]]


class Held:
    """Takes up what is said, each topic in its order, and keeps of it what is held."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._uploads: dict[str, VerdictDecided] = {}
        self._works: dict[tuple[str, str], WorkReceipt] = {}

    def take(self, said: Said) -> None:
        """Take up a verdict, which replaces the one before, or a receipt, which ends a HELD one before it."""
        if said.topic is VERDICTS_DECIDED:
            self._uploads.pop(said.key, None)
            if said.fact is not None and said.fact.verdict is VerdictDecided.Verdict.HELD:
                self._uploads[said.key] = said.fact
            return
        receipt: WorkReceipt = said.fact
        if is_about_another(receipt):
            return
        submission = (receipt.rightsholder_id, receipt.submission_id)
        self._works.pop(submission, None)
        if receipt.status is WorkReceipt.Status.HELD:
            self._works[submission] = receipt

    def found(self) -> HeldFacts:
        """Return the uploads and the registrations that are held, those that have waited longest first."""
        return (
            sorted(self._uploads.values(), key=lambda each: each.decided_at),
            sorted(self._works.values(), key=lambda each: each.decided_at),
        )


async def held_now(kafka: Address) -> HeldFacts:
    """Return what is held at present; as long as it takes to read every verdict and receipt."""
    held = Held()
    async for each in all_said(kafka, VERDICTS_DECIDED, WORKS_RECEIPTS):
        held.take(each)
    return held.found()
