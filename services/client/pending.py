"""What was sent and has an answer to come, which is heard from before it was sent and may be asked for later."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from services.client.answers import VerdictWait, answers, receipts_of
from services.client.errors import RefusedError, UnansweredError
from services.client.hearing import Ear
from services.client.said import Said
from services.client.submitting import Sent
from services.contracts.decided import VerdictDecided, WorkReceipt
from services.contracts.submitted import UploadSubmitted, WorkSubmitted
from services.runtime.address import Address

RECEIPT_SECONDS = 60.0
"""A reference that cannot be read at once is tried again for half a minute."""

VERDICT_SECONDS = 35.0
"""An upload has a verdict within 30 s, if only UNSCANNED [TIMED_OUT]."""

ANSWER_SECONDS = 10.0
"""What is only decided, and read from nowhere, is there within a second."""


@dataclass(frozen=True, slots=True)
class PendingAction:
    """An action of a rightsholder that Kafka has taken."""

    fact: WorkSubmitted
    sent: Sent
    ear: Ear

    def receipts(self, seconds: float = RECEIPT_SECONDS) -> AsyncIterator[WorkReceipt]:
        """Give each receipt until the last: REJECTED, HELD, ENFORCED after ACCEPTED, or the one of another action.

        UnansweredError if the last does not come within so many seconds.
        """
        return receipts_of(self.ear, self.fact, seconds)

    async def receipt(self, seconds: float = RECEIPT_SECONDS) -> WorkReceipt:
        """Return the last receipt that comes within so many seconds; RefusedError if the action is REJECTED.

        A registration that is in force may go without ENFORCED, if something later replaces it: then it is the ACCEPTED
        one that is returned. UnansweredError if there is none at all.
        """
        last: WorkReceipt | None = None
        try:
            async for last in self.receipts(seconds):
                if last.status is WorkReceipt.Status.REJECTED:
                    raise RefusedError(last)
        except UnansweredError:
            if last is None:
                raise
        assert last is not None, "receipts end with one, or with an error"  # noqa: S101  # an invariant
        return last


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """An upload, or its deletion (`fact` None), that Kafka has taken."""

    fact: UploadSubmitted | None
    sent: Sent
    ear: Ear
    kafka: Address

    async def verdict(self, seconds: float = VERDICT_SECONDS) -> VerdictDecided | None:
        """Return the verdict on it, None if there is none any more; UnansweredError if none comes in time."""
        return await VerdictWait(self.kafka, self.sent, self.fact).verdict(self.ear, seconds)


@dataclass(frozen=True, slots=True)
class PendingStep:
    """A step of a dispute, or a review, that Kafka has taken; `id`: the dispute's, or the review's."""

    id: str
    sent: Sent
    ear: Ear

    async def answers(self, seconds: float = ANSWER_SECONDS) -> list[Said]:
        """Return what comes of it, all that comes together: notices, a verdict or a receipt; UnansweredError if none.

        A step that is refused is answered by a notice to its author that says why.
        """
        return await answers(self.ear, seconds)
