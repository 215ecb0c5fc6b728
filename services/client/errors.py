"""What can go wrong for a client, as one sentence that its reader can act on."""

from services.contracts.decided import WorkReceipt


class ClientError(Exception):
    """The cluster cannot be reached, or did not take or give what was asked; the message is one sentence."""


class UnansweredError(ClientError):
    """No answer came within the time given."""


class UnsendableError(ClientError):
    """A fact breaks the contract, so it was not sent: no service could read it."""


class RefusedError(ClientError):
    """A submission was REJECTED; the sentence says why and how to cure it, and `receipt` holds the same as data."""

    def __init__(self, receipt: WorkReceipt) -> None:
        self.receipt = receipt
        what = f"work {receipt.work_id} of {receipt.rightsholder_id}" if receipt.work_id else receipt.rightsholder_id
        super().__init__(f"What was submitted for {what} is refused: {why_refused(receipt)}")


def why_refused(receipt: WorkReceipt) -> str:
    """Return the reasons of a receipt, each with its field and its cure."""
    problems = [f"{each.reason}{f' at {each.field}' if each.field else ''}: {each.cure}" for each in receipt.problems]
    return "; ".join(each.rstrip(".") for each in problems or [", ".join(receipt.reasons)]) + "."
